import { type RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { RootName } from "#access";
import { OptionError } from "#lib/option-error";

/**
 * Where the two root keys are kept: in two secrets of Secrets Manager, so that who may read the one may not read the other.
 *
 * `generated`: the data stack makes them, and replicates them to every Region. `existing`: made by somebody else, under these names, in these
 * Regions.
 */
export type Roots =
  | { readonly kind: "generated" }
  | ({ readonly kind: "existing"; readonly regions: readonly string[] } & { readonly [R in RootName]: string });

export const ROOT_NAMES: readonly RootName[] = ["control", "material"];

/** The name of a root's secret: the same in every Region. */
export const secretNameOf = (prefix: string, roots: Roots, root: RootName): string =>
  roots.kind === "existing" ? roots[root] : `${prefix}/root/${root}`;

/** The ARN of a secret by its name. Secrets Manager adds a hyphen and six characters that nobody can foresee, so those are left open. */
export const secretArnOf = (scope: Construct, name: string): string =>
  Stack.of(scope).formatArn({ service: "secretsmanager", resource: `secret:${name}-??????` });

/** @throws {OptionError} when Trent is to run in a Region in which the roots are not. */
export function requireRootsIn(roots: Roots, regions: readonly string[]): void {
  if (roots.kind === "generated") return;
  const missing = regions.filter((region) => !roots.regions.includes(region));
  if (missing.length > 0) {
    throw new OptionError(
      `The root secrets ${roots.control} and ${roots.material} are in ${roots.regions.join(", ") || "no Region"}, but Trent is to run in ${missing.join(", ")} too, ` +
        "where nothing could be decrypted: replicate both secrets there and name that Region, or let the stack generate the roots.",
    );
  }
}

export interface RootSecretsProps {
  readonly prefix: string;
  /** The other Regions that hold a replica of each root. */
  readonly replicas: readonly string[];
  readonly removalPolicy: RemovalPolicy;
}

/** The two roots, made by Secrets Manager at the first deployment and never again: nobody sees them, and no template holds them. */
export class RootSecrets extends Construct {
  constructor(scope: Construct, id: string, { prefix, replicas, removalPolicy }: RootSecretsProps) {
    super(scope, id);
    for (const root of ROOT_NAMES) {
      const secret = new Secret(this, root, {
        secretName: secretNameOf(prefix, { kind: "generated" }, root),
        description: `Trent's ${root} root key. Whatever it protects is lost with it.`,
        // 64 hexadecimal digits: 32 bytes, every bit of them random.
        generateSecretString: {
          passwordLength: 64,
          excludeCharacters: "ghijklmnopqrstuvwxyz",
          excludeUppercase: true,
          excludePunctuation: true,
          requireEachIncludedType: false,
        },
        replicaRegions: replicas.map((region) => ({ region })),
        removalPolicy,
      });
      Validations.of(secret).acknowledge({
        id: "AwsSolutions-SMG4",
        reason:
          "A root is not rotated by replacing it: what it protects would be lost. `trent root rotate` re-wraps the domain keys under a new one.",
      });
    }
  }
}
