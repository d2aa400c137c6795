import { RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import type { Roots } from "#lib/constructs/root-secrets";
import type { TableEncryption } from "#lib/constructs/tables";
import type { TrentProps } from "#lib/constructs/trent";
import { OptionError } from "./option-error.ts";

/** What a deployment of the whole app can choose; in brackets, the name in the context where it is another. */
export interface Options {
  /** By default that of the credentials. */
  readonly account: string;
  /** The home Region first; by default the one of the credentials. */
  readonly regions: readonly [home: string, ...replicas: string[]];
  /** Begins every name: `trent`. */
  readonly prefix: string;
  /** `rest`, or `function-url`. */
  readonly ingress: NonNullable<TrentProps["ingress"]>;
  /** `current`, `2023` or `off`. */
  readonly quotas: NonNullable<TrentProps["quotas"]>;
  /** `generated`; or `existing`: the secrets [rootControl] and [rootMaterial], which are in [rootRegions]. */
  readonly roots: Roots;
  /** `owned`, or `managed`. */
  readonly encryption: TableEncryption;
  /** `retain`; or `destroy`: tables, roots and logs go with their stack. */
  readonly removalPolicy: RemovalPolicy;
  /** [logRetentionDays] Of the functions' logs: 90. */
  readonly logRetention: RetentionDays;
  /** 1000; 0: each call reads. */
  readonly stateCacheMs: number;
  /** 1500: what one request to DynamoDB may take. */
  readonly storeTimeoutMs: number;
  /** `on` or `off`: metrics by operation in CloudWatch. */
  readonly callMetrics: boolean;
  /** 90: how many days Trent's own records are kept; `90,111122223333=400` keeps an account's longer. */
  readonly logDays: string;
  /** `off` or `on`: X-Ray sees the requests that it samples. */
  readonly tracing: boolean;
  /** Of which functions so many are kept started: `Encrypt=2,Decrypt=5`. */
  readonly provisioned: Readonly<Record<string, number>>;
}

const REMOVAL = { retain: RemovalPolicy.RETAIN, destroy: RemovalPolicy.DESTROY } as const;
const PROVISIONED = /^([A-Za-z-]+)=([1-9]\d{0,3})$/;
const RETENTION = new Set(Object.values(RetentionDays).filter((days) => typeof days === "number"));

/**
 * The options in the context: `cdk deploy --all -c regions=us-east-1,eu-west-1 -c quotas=2023`, or the same names in `cdk.json`.
 * @throws {OptionError} when one is missing, unknown or impossible.
 */
export function optionsOf(node: Node, environment: Readonly<Record<string, string | undefined>> = process.env): Options {
  const given = (name: string): string | undefined => {
    const value: unknown = node.tryGetContext(name);
    return value === undefined || value === "" ? undefined : String(value);
  };
  const one = <const T extends string>(name: string, values: readonly [T, ...T[]]): T => {
    const value = given(name) ?? values[0];
    const known = values.find((one) => one === value);
    if (known === undefined) throw new OptionError(`${name}=${value}: it is one of ${values.join(", ")}.`);
    return known;
  };
  const matching = (name: string, fallback: string | undefined, pattern: RegExp, what: string): string => {
    const value = given(name) ?? fallback;
    if (value === undefined) throw new OptionError(`${name} is missing: ${what}.`);
    if (!pattern.test(value)) throw new OptionError(`${name}=${value}: it is ${what}.`);
    return value;
  };
  const list = (name: string, fallback?: string): string[] => (given(name) ?? fallback ?? "").split(",").filter((part) => part !== "");

  const [home, ...replicas] = list("regions", environment["CDK_DEFAULT_REGION"] ?? "us-east-1").map(regionFrom);
  if (home === undefined) throw new OptionError("regions is empty: name the home Region, then the others.");
  if (new Set([home, ...replicas]).size <= replicas.length) throw new OptionError("regions names one Region twice.");
  const days = Number(matching("logRetentionDays", "90", /^\d+$/, "a number of days"));
  if (!RETENTION.has(days)) throw new OptionError(`logRetentionDays=${days}: CloudWatch keeps logs for ${[...RETENTION].join(", ")} days.`);
  return {
    account: matching(
      "account",
      environment["CDK_DEFAULT_ACCOUNT"],
      /^\d{12}$/,
      "an AWS account of 12 digits, by default that of your credentials",
    ),
    regions: [home, ...replicas],
    prefix: matching("prefix", "trent", /^[a-z][a-z0-9-]{1,19}$/, "2 to 20 small letters, digits and hyphens"),
    ingress: one("ingress", ["rest", "function-url"]),
    quotas: one("quotas", ["current", "2023", "off"]),
    roots: rootsOf(one("roots", ["generated", "existing"]), given, list("rootRegions", home).map(regionFrom)),
    encryption: one("encryption", ["owned", "managed"]),
    removalPolicy: REMOVAL[one("removalPolicy", ["retain", "destroy"])],
    logRetention: days,
    stateCacheMs: Number(matching("stateCacheMs", "1000", /^\d{1,6}$/, "a number of milliseconds")),
    storeTimeoutMs: Number(matching("storeTimeoutMs", "1500", /^\d{3,5}$/, "a number of milliseconds")),
    callMetrics: one("callMetrics", ["on", "off"]) === "on",
    logDays: matching(
      "logDays",
      "90",
      /^\d{2,4}(,\d{12}=\d{2,4})*$/,
      "a number of days, and more for some accounts, as in 90,111122223333=400",
    ),
    tracing: one("tracing", ["off", "on"]) === "on",
    provisioned: Object.fromEntries(
      list("provisioned")
        .map((one) => PROVISIONED.exec(one) ?? refuse(one))
        .map(([, name, count]) => [name, Number(count)]),
    ),
  };
}

function refuse(part: string): never {
  throw new OptionError(`provisioned: "${part}" is not a function and how many of it are kept started, as in Encrypt=2,Decrypt=5.`);
}

function regionFrom(text: string): string {
  const region = text.trim();
  if (!/^[a-z]{2,4}(?:-[a-z]+)+-\d$/.test(region)) throw new OptionError(`"${region}" is no Region.`);
  return region;
}

function rootsOf(kind: Roots["kind"], given: (name: string) => string | undefined, regions: readonly string[]): Roots {
  if (kind === "generated") return { kind };
  const [control, material] = [given("rootControl"), given("rootMaterial")];
  if (control === undefined || material === undefined || control === material) {
    throw new OptionError("roots=existing: rootControl and rootMaterial name two secrets, rootRegions the Regions that both are in.");
  }
  return { kind, control, material, regions };
}
