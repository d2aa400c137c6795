import { type BlockList, isIP } from "node:net";
import { parseArgs } from "node:util";
import { QUOTA_PROFILES, type QuotaProfile } from "#domain/quota-profiles";
import { REGIONS } from "#domain/regions";
import { type Retention, retentionOf } from "#domain/retention";
import { LOG_LEVELS, type LogLevel } from "#pipeline/operator-log";
import { OPTIONS } from "./option-table.ts";
import { networksIn } from "./peer.ts";
import { quotasIn } from "./quota-profile.ts";
import { type TableOptions, tableOf } from "./table-options.ts";
import { secondsIn } from "./ttl.ts";
import { UsageError } from "./usage-error.ts";

export type { TableOptions } from "./table-options.ts";
export { UsageError } from "./usage-error.ts";

/** Where the root is; a path that is not given is `root.key` in the data folder. */
export type RootOption =
  | { readonly kind: "file"; readonly path: string | undefined }
  | { readonly kind: "env" }
  | { readonly kind: "passphrase" }
  | { readonly kind: "aws-kms"; readonly keyId: string };

export interface Options {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly region: string | undefined;
  readonly regions: readonly string[];
  readonly account: string | undefined;
  readonly root: RootOption;
  readonly quotas: QuotaProfile;
  readonly table: TableOptions;
  /** Processes that serve. */
  readonly workers: number;
  /** Paths. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** The networks of the proxies that may say whose call it is. */
  readonly behindProxy: BlockList | undefined;
  /** Lets clients that are elsewhere see the metrics. */
  readonly metricsToken: string | undefined;
  /** A deployed Trent that a command is for, in place of the data folder. */
  readonly stack: string | undefined;
  /** Of account create. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** Seconds. */
  readonly ttl: number | undefined;
  /** The file of the keys that a sandbox has from the start. */
  readonly seed: string | undefined;
  /** A sandbox that a command is for. */
  readonly endpoint: string | undefined;
  /** Of bill. */
  readonly month: string | undefined;
  readonly csv: boolean;
  /** Of audit tail: an event's name, and the id or ARN of a key. */
  readonly event: string | undefined;
  readonly key: string | undefined;
  /** Of audit verify: paths. */
  readonly auditKey: string | undefined;
  readonly witness: string | undefined;
  readonly export: string | undefined;
  readonly state: boolean;
  /** Of audit export. */
  readonly evenSpoilt: boolean;
  /** Of audit export, a folder; of audit verify, times. */
  readonly to: string | undefined;
  readonly from: string | undefined;
  /** Of backup and restore. */
  readonly recipient: readonly string[];
  readonly identity: string | undefined;
  readonly drill: boolean;
  /** Of key-policy: ARNs, and what sort of key it is for. */
  readonly administrators: readonly string[];
  readonly users: readonly string[];
  readonly spec: string;
  readonly usage: string | undefined;
  readonly origin: string;
  readonly multiRegion: boolean;
  readonly logDays: Retention;
  readonly domainRotationDays: number | undefined;
  readonly logLevel: LogLevel;
  readonly fips: boolean;
  readonly sandbox: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

type Name = keyof typeof OPTIONS;

/** The options of a command line, and of the variables `TRENT_…` for what it does not say. @throws {UsageError} */
export function optionsOf(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Options {
  const given = parse(args);
  const text = (name: Name): string | undefined => {
    const value = given[name] ?? environment[variableOf(name)] ?? OPTIONS[name].fallback;
    return value === undefined ? undefined : String(value);
  };
  const flag = (name: Name): boolean => {
    const value = text(name);
    if (value !== "true" && value !== "false") throw new UsageError(`${variableOf(name)} must be true or false.`);
    return value === "true";
  };
  const sandbox = flag("sandbox");
  const region = text("region");
  const regions = regionsOf(text("regions"));
  if (region !== undefined && !regions.includes(region))
    throw new UsageError(`--region ${region} is not one of the Regions that are served; see --regions.`);
  const tls = tlsOf(text("tls-cert"), text("tls-key"));
  const behindProxy = proxiesOf(text("behind-proxy"));
  return {
    port: portOf(text("port") ?? ""),
    host: hostOf(text("host") ?? "", sandbox || tls !== undefined || behindProxy !== undefined),
    data: dataOf(text("data") ?? ""),
    region,
    regions,
    account: accountOf(text("account"), "account"),
    root: rootOf(text("root") ?? rootGivenBy(environment)),
    quotas: sandbox ? QUOTA_PROFILES.off : quotasIn(text("quotas") ?? ""),
    table: tableOf(text, sandbox),
    workers: workersOf(text("workers") ?? "", sandbox),
    tls,
    behindProxy,
    metricsToken: tokenOf(environment["TRENT_METRICS_TOKEN"]),
    stack: stackOf(text("stack")),
    id: accountOf(text("id"), "id"),
    name: text("name"),
    ttl: secondsIn(text("ttl")),
    seed: seedOf(text("seed"), sandbox),
    endpoint: endpointOf(text("endpoint")),
    month: text("month"),
    csv: flag("csv"),
    event: text("event"),
    key: text("key"),
    auditKey: text("audit-key"),
    witness: text("witness"),
    export: text("export"),
    state: flag("state"),
    evenSpoilt: flag("even-spoilt"),
    to: text("to"),
    from: text("from"),
    recipient: listOf(text("recipient")),
    identity: text("identity"),
    drill: flag("drill"),
    administrators: listOf(text("administrators")),
    users: listOf(text("users")),
    spec: text("spec") ?? "",
    usage: text("usage"),
    origin: text("origin") ?? "",
    multiRegion: flag("multi-region"),
    logDays: keptFor(text("log-days") ?? ""),
    domainRotationDays: rotationOf(text("domain-rotation-days"), text("table") === "sqlite" && !sandbox),
    logLevel: levelOf(text("log-level") ?? ""),
    fips: flag("fips"),
    sandbox,
    json: flag("json"),
    help: flag("help"),
  };
}

/** The lines of `--help` about options. */
export const OPTIONS_HELP: string = Object.entries(OPTIONS)
  .map(([name, { value, help }]) => `  ${`--${name}${value === "" ? "" : ` ${value}`}`.padEnd(34)} ${help}`)
  .join("\n");

function variableOf(name: string): string {
  return `TRENT_${name.toUpperCase().replaceAll("-", "_")}`;
}

function parse(args: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split("\n")[0]} See --help.`);
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageError(`--port ${text} is not a port: give a number from 0 to 65535.`);
  return port;
}

function workersOf(text: string, sandbox: boolean): number {
  const workers = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (!(workers >= 1 && workers <= 64)) throw new UsageError(`--workers ${text} is not a number of processes: give one from 1 to 64.`);
  if (sandbox && workers > 1) throw new UsageError("--workers: a --sandbox is kept in the memory of one process.");
  return workers;
}

function hostOf(text: string, anywhere: boolean): string {
  const loopback = text === "localhost" || text === "::1" || (isIP(text) === 4 && text.startsWith("127."));
  if (loopback || anywhere) return text;
  throw new UsageError(
    `--host ${text} is not a loopback address: requests and answers would travel unencrypted. Give --tls-cert and --tls-key, or put a TLS proxy before it and name its network by --behind-proxy.`,
  );
}

function tlsOf(cert: string | undefined, key: string | undefined): Options["tls"] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new UsageError("--tls-cert and --tls-key go together: give both.");
  return { cert, key };
}

function proxiesOf(text: string | undefined): BlockList | undefined {
  if (text === undefined) return undefined;
  try {
    return networksIn(text);
  } catch (cause) {
    throw new UsageError(
      `--behind-proxy: '${(cause as Error).message}' is no network of proxies: write it as 10.1.2.0/24, several with commas.`,
    );
  }
}

function seedOf(path: string | undefined, sandbox: boolean): string | undefined {
  if (path !== undefined && !sandbox) throw new UsageError("--seed is for a --sandbox: no other store takes keys that stand in a file.");
  return path;
}

function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new UsageError(`--endpoint ${text} is not a URL: write it as http://127.0.0.1:4599.`);
}

function tokenOf(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[!-~]{16,}$/.test(text))
    throw new UsageError("TRENT_METRICS_TOKEN is too easy to guess: give at least 16 characters, without spaces.");
  return text;
}

function stackOf(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[A-Za-z0-9_-]{1,50}$/.test(text)) throw new UsageError(`--stack ${text} is not the name of a deployment.`);
  return text;
}

const listOf = (text = ""): readonly string[] => (text === "" ? [] : text.split(",").map((name) => name.trim()));

function dataOf(text: string): string {
  // Resolved, an empty path is the current folder.
  if (text === "") throw new UsageError("--data is empty: give a folder.");
  return text;
}

function regionsOf(text: string | undefined): readonly string[] {
  if (text === undefined) return REGIONS;
  const regions = text.split(",").map((name) => name.trim());
  for (const name of regions)
    if (!/^[a-z]{2,4}(-[a-z]+){1,3}-\d$/.test(name)) throw new UsageError(`--regions: '${name}' is not the name of a Region.`);
  return regions;
}

function accountOf(text: string | undefined, option: "account" | "id"): string | undefined {
  if (text !== undefined && !/^\d{12}$/.test(text)) throw new UsageError(`--${option} ${text} is not an account: give 12 digits.`);
  return text;
}

/** A secret that is there is there to be used. */
function rootGivenBy({ TRENT_ROOT_KEY, TRENT_PASSPHRASE, TRENT_PASSPHRASE_FILE }: Readonly<Record<string, string | undefined>>): string {
  if (TRENT_ROOT_KEY !== undefined) return "env";
  return TRENT_PASSPHRASE === undefined && TRENT_PASSPHRASE_FILE === undefined ? "file" : "passphrase";
}

function rootOf(text: string): Options["root"] {
  if (text === "env") return { kind: "env" };
  if (text === "file") return { kind: "file", path: undefined };
  if (text.startsWith("file:") && text.length > 5) return { kind: "file", path: text.slice(5) };
  if (text === "passphrase") return { kind: "passphrase" };
  const [, keyId] = /^aws-kms:(.+)$/.exec(text) ?? [];
  if (keyId !== undefined) return { kind: "aws-kms", keyId };
  throw new UsageError(`--root ${text} is none: use file:PATH, passphrase, env or aws-kms:KEY.`);
}

function keptFor(text: string): Retention {
  const retention = retentionOf(text);
  if (typeof retention === "string") throw new UsageError(`--log-days: ${retention}.`);
  return retention;
}

function rotationOf(text: string | undefined, inFolder: boolean): number | undefined {
  if (text === undefined) return undefined;
  if (!inFolder) throw new UsageError("--domain-rotation-days is for a data folder: no other store's domain keys are rotated.");
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= 3650) return days;
  throw new UsageError(`--domain-rotation-days ${text} is not a number from 1 to 3650.`);
}

function levelOf(text: string): LogLevel {
  if (!LOG_LEVELS.includes(text)) throw new UsageError(`--log-level ${text} is not a level: use ${LOG_LEVELS.join(", ")}.`);
  return text as LogLevel;
}
