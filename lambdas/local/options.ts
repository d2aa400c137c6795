import { type BlockList, isIP } from "node:net";
import { parseArgs } from "node:util";
import { QUOTA_PROFILES, type QuotaProfile } from "#domain/quota-profiles";
import { REGIONS } from "#domain/regions";
import { LOG_LEVELS, type LogLevel } from "#pipeline/operator-log";
import { networksIn } from "./peer.ts";
import { type TableOptions, tableOf } from "./table-options.ts";
import { secondsIn } from "./ttl.ts";
import { UsageError } from "./usage-error.ts";

export type { TableOptions } from "./table-options.ts";
export { UsageError } from "./usage-error.ts";

export interface Options {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly region: string | undefined;
  readonly regions: readonly string[];
  readonly account: string | undefined;
  readonly root: { readonly kind: "file"; readonly path: string | undefined } | { readonly kind: "env" };
  readonly quotas: QuotaProfile;
  readonly table: TableOptions;
  /** Paths. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** The networks of the proxies that may say whose call it is. */
  readonly behindProxy: BlockList | undefined;
  /** A deployed Trent that a command is for, in place of the data folder. */
  readonly stack: string | undefined;
  /** Of account create. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** Seconds. */
  readonly ttl: number | undefined;
  /** Of key-policy: ARNs, and what sort of key it is for. */
  readonly administrators: readonly string[];
  readonly users: readonly string[];
  readonly spec: string;
  readonly usage: string | undefined;
  readonly origin: string;
  readonly multiRegion: boolean;
  readonly logLevel: LogLevel;
  readonly sandbox: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** Every option: how it is written, what it is when it is not, and what it does. */
const OPTIONS = {
  port: { type: "string", fallback: "4599", value: "N", help: "port to listen on; 0 takes a free one" },
  host: {
    type: "string",
    fallback: "127.0.0.1",
    value: "ADDRESS",
    help: "address to listen on; beyond loopback only with --tls-cert, --behind-proxy or --sandbox",
  },
  data: { type: "string", fallback: ".trent", value: "DIR", help: "data folder, made at the first start" },
  region: {
    type: "string",
    fallback: undefined,
    value: "REGION",
    help: "home Region, fixed at the first start (us-east-1); of commands: the Region they are about",
  },
  regions: { type: "string", fallback: undefined, value: "A,B", help: "Regions that are served (all that AWS publishes)" },
  account: {
    type: "string",
    fallback: undefined,
    value: "ID",
    help: "12 digits, fixed at the first start (random); of commands: the account they are about",
  },
  root: {
    type: "string",
    fallback: undefined,
    value: "file:PATH|env",
    help: "where the root key is: TRENT_ROOT_KEY if that is set, or a file (root.key in the data folder)",
  },
  quotas: {
    type: "string",
    fallback: "current",
    value: "current|2023|off",
    help: "request quotas: AWS's of today, those of 2023, or none",
  },
  table: {
    type: "string",
    fallback: "sqlite",
    value: "sqlite|dynamodb",
    help: "the store: in the data folder, or in a DynamoDB that any number of servers share",
  },
  "dynamodb-endpoint": { type: "string", fallback: undefined, value: "URL", help: "the DynamoDB; credentials are those of the AWS SDK" },
  "table-prefix": { type: "string", fallback: "trent", value: "NAME", help: "begins the names of its tables, created if absent" },
  "append-by": { type: "string", fallback: "partiql", value: "partiql|put", help: "how it appends; put: for engines without PartiQL" },
  "state-cache-ms": { type: "string", fallback: "1000", value: "N", help: "how old what was read of it may be; 0: every call reads" },
  "tls-cert": { type: "string", fallback: undefined, value: "FILE", help: "certificate and its issuers, PEM: serves HTTPS" },
  "tls-key": { type: "string", fallback: undefined, value: "FILE", help: "the certificate's private key, PEM" },
  "behind-proxy": {
    type: "string",
    fallback: undefined,
    value: "CIDR,…",
    help: "proxies that end TLS: from these networks, and no others, X-Forwarded-For is believed",
  },
  stack: { type: "string", fallback: undefined, value: "NAME", help: "asks the operator's function of this deployment (not serve)" },
  id: { type: "string", fallback: undefined, value: "ID", help: "account create: its 12 digits (random)" },
  name: { type: "string", fallback: undefined, value: "NAME", help: "account create: what it is called (its 12 digits)" },
  ttl: { type: "string", fallback: undefined, value: "24h", help: "account create: how long it lives, in s, m, h or d (until deleted)" },
  administrators: { type: "string", fallback: "", value: "ARN,…", help: "key-policy: who administers the key" },
  users: { type: "string", fallback: "", value: "ARN,…", help: "key-policy: who uses the key" },
  spec: { type: "string", fallback: "SYMMETRIC_DEFAULT", value: "SPEC", help: "key-policy: of the key" },
  usage: { type: "string", fallback: undefined, value: "USAGE", help: "key-policy: of the key, where its spec has several" },
  origin: { type: "string", fallback: "AWS_KMS", value: "ORIGIN", help: "key-policy: of the key's material" },
  "multi-region": { type: "boolean", fallback: false, value: "", help: "key-policy: the key is to be in several Regions" },
  "log-level": { type: "string", fallback: "warn", value: LOG_LEVELS.join("|"), help: "what is logged to standard error" },
  sandbox: { type: "boolean", fallback: false, value: "", help: "for tests: in memory, any credentials, no quotas" },
  json: { type: "boolean", fallback: false, value: "", help: "one JSON object on standard output (not serve)" },
  help: { type: "boolean", fallback: false, value: "", help: "this page" },
} as const;

/** Options of later versions: named, so that nobody believes they do something. */
const LATER = ["workers"];
const LATER_VARIABLES = [...LATER.map(variableOf), "TRENT_PASSPHRASE", "TRENT_PASSPHRASE_FILE", "TRENT_METRICS_TOKEN"];

type Name = keyof typeof OPTIONS;

/** The options of a command line, and of the variables `TRENT_…` for what it does not say. @throws {UsageError} */
export function optionsOf(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Options {
  const given = parse(args);
  for (const name of LATER) if (given[name] !== undefined) throw new UsageError(`--${name} is not available in this version.`);
  for (const name of LATER_VARIABLES)
    if (environment[name] !== undefined) throw new UsageError(`${name} is not available in this version.`);
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
    root: rootOf(text("root") ?? (environment["TRENT_ROOT_KEY"] === undefined ? "file" : "env")),
    quotas: sandbox ? QUOTA_PROFILES.off : quotasOf(text("quotas") ?? ""),
    table: tableOf(text, sandbox),
    tls,
    behindProxy,
    stack: stackOf(text("stack")),
    id: accountOf(text("id"), "id"),
    name: text("name"),
    ttl: secondsIn(text("ttl")),
    administrators: listOf(text("administrators")),
    users: listOf(text("users")),
    spec: text("spec") ?? "",
    usage: text("usage"),
    origin: text("origin") ?? "",
    multiRegion: flag("multi-region"),
    logLevel: levelOf(text("log-level") ?? ""),
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
  const later = Object.fromEntries(LATER.map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({ args: [...args], options: { ...OPTIONS, ...later }, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split("\n")[0]} See --help.`);
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageError(`--port ${text} is not a port: give a number from 0 to 65535.`);
  return port;
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

function rootOf(text: string): Options["root"] {
  if (text === "env") return { kind: "env" };
  if (text === "file") return { kind: "file", path: undefined };
  if (text.startsWith("file:") && text.length > 5) return { kind: "file", path: text.slice(5) };
  throw new UsageError(`--root ${text} is not available in this version: use file:PATH or env.`);
}

function quotasOf(text: string): QuotaProfile {
  const profile = Object.hasOwn(QUOTA_PROFILES, text) ? QUOTA_PROFILES[text as keyof typeof QUOTA_PROFILES] : undefined;
  if (!profile) throw new UsageError(`--quotas ${text} is not available in this version: use ${Object.keys(QUOTA_PROFILES).join(", ")}.`);
  return profile;
}

function levelOf(text: string): LogLevel {
  if (!LOG_LEVELS.includes(text)) throw new UsageError(`--log-level ${text} is not a level: use ${LOG_LEVELS.join(", ")}.`);
  return text as LogLevel;
}
