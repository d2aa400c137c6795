import { RemovalPolicy } from "aws-cdk-lib";
import { Construct } from "constructs";
import { RootSecrets, type Roots, requireRootsIn } from "./root-secrets.ts";
import { requireRegionOf } from "./site.ts";
import { type TableEncryption, Tables } from "./tables.ts";

/** What the parts of one Trent in all of its Regions must agree on. */
export interface TrentDataProps {
  /**
   * Begins the name of everything: two Trents of one account need different ones.
   * @default "trent"
   */
  readonly prefix?: string;
  /** @default - none: Trent runs in the Region of this stack only */
  readonly replicas?: readonly string[];
  /** @default - generated */
  readonly roots?: Roots;
  /**
   * What happens to tables, roots and logs when the stack is deleted. `DESTROY` also switches deletion protection off.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /** @default "owned" */
  readonly encryption?: TableEncryption;
}

/**
 * What all Regions of a Trent share: the global tables and the root keys. It belongs into a stack of the home Region.
 *
 * A Trent in one Region needs none: `Trent` makes its own.
 */
export class TrentData extends Construct {
  readonly tables: Tables;

  constructor(scope: Construct, id: string, props: TrentDataProps = {}) {
    super(scope, id);
    const { prefix = "trent", replicas = [], removalPolicy = RemovalPolicy.RETAIN, encryption = "owned" } = props;
    const { roots = { kind: "generated" } } = props;
    requireRootsIn(roots, [requireRegionOf(this), ...replicas]);
    this.tables = new Tables(this, "Tables", { scope: "global", prefix, replicas, removalPolicy, encryption });
    if (roots.kind === "generated") new RootSecrets(this, "Roots", { prefix, replicas, removalPolicy });
  }
}
