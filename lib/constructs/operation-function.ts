import { Duration } from "aws-cdk-lib";
import { Alias, Architecture, Code, type IVersion, Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { variableOf } from "#access";
import { type AnyOperation, writes } from "#operation";
import type { TableName } from "#store/tables";
import type { AccessRole, Reach } from "./access-role.ts";
import { secretNameOf } from "./root-secrets.ts";
import type { Site } from "./site.ts";
import { tableNameOf } from "./tables.ts";

export interface TrentFunctionProps {
  readonly site: Site;
  /** Follows the prefix in the function's name. */
  readonly name: string;
  readonly description: string;
  /** The folder with `index.js`. */
  readonly asset: string;
  readonly reach: Reach;
  /** A role with this reach. */
  readonly role: AccessRole;
  readonly size: Size;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The alias of a function of which some are kept started: these are of a version, so callers have to be led to that. */
const STARTED = "started";

/** Memory in MB, which also buys the share of a processor (1,769: a whole one), and the limit in seconds. */
export interface Size {
  readonly memory: number;
  readonly seconds: number;
}

/** One function: code, role, log group, and as variables the tables and roots that it may touch. */
export class TrentFunction extends LambdaFunction {
  readonly reach: Reach;
  /** What callers are led to: the function; or, where some of it are kept started, the alias that has these. */
  readonly entry: LambdaFunction | Alias;
  /** Its name, as callers are led to it. */
  readonly entryName: string;

  constructor(scope: Construct, id: string, { site, name, description, asset, reach, role, size, environment }: TrentFunctionProps) {
    const { prefix, layer, roots } = site;
    const functionName = `${prefix}-${name}`;
    const logGroup = new LogGroup(scope, `${id}Log`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: site.logRetention,
      removalPolicy: site.removalPolicy,
    });
    role.logsTo(logGroup);
    super(scope, id, {
      functionName,
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(asset),
      layers: [layer],
      ...(site.tracing && { tracing: Tracing.ACTIVE }),
      role,
      logGroup,
      memorySize: size.memory,
      timeout: Duration.seconds(size.seconds),
      environment: {
        ...site.environment,
        ...Object.fromEntries((Object.keys(reach.tables) as TableName[]).map((table) => [variableOf(table), tableNameOf(prefix, table)])),
        ...Object.fromEntries(reach.roots.map((root) => [`TRENT_ROOT_${root.toUpperCase()}`, secretNameOf(prefix, roots, root)])),
        ...environment,
      },
    });
    this.reach = reach;
    const started = site.provisioned[name];
    this.entryName = started === undefined ? functionName : `${functionName}:${STARTED}`;
    this.entry =
      started === undefined
        ? this
        : new Alias(this, "Started", {
            aliasName: STARTED,
            version: this.currentVersion as IVersion,
            provisionedConcurrentExecutions: started,
          });
  }
}

/** Making a key pair takes a whole processor's second; reading a page, next to nothing. */
const SIZES = {
  keyPairs: { memory: 1769, seconds: 30 },
  cryptography: { memory: 1024, seconds: 10 },
  mutation: { memory: 512, seconds: 15 },
  reading: { memory: 512, seconds: 10 },
} as const satisfies Record<string, Size>;

/** The largest: for a function that serves operations of every class. */
export const LARGEST: Size = SIZES.keyPairs;

/** Members that say which key pair is to be made. `KeySpec` is also that of a data key, which is only random bytes. */
const PAIR_SPECS = ["KeyPairSpec", "WrappingKeySpec"];

/** The memory and time of a function by what its operation does. */
export function sizeOf(operation: AnyOperation): Size {
  const { uses, on = {}, input } = operation;
  if (uses.material !== undefined || PAIR_SPECS.some((member) => Object.hasOwn(input.fields, member))) return SIZES.keyPairs;
  if (Object.values(on).some(({ usage }) => usage !== undefined)) return SIZES.cryptography;
  return writes(operation) ? SIZES.mutation : SIZES.reading;
}
