import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { QUOTA_PROFILES, type QuotaProfile } from "#domain/quota-profiles";
import { REGIONS } from "#domain/regions";
import { LOG_LEVELS, type LogLevel } from "#pipeline/operator-log";

/** A command line or a variable that makes no sense: exit 2 and one line that says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Options {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly region: string | undefined;
  readonly regions: readonly string[];
  readonly account: string | undefined;
  readonly root: { readonly kind: "file"; readonly path: string | undefined } | { readonly kind: "env" };
  readonly quotas: QuotaProfile;
  readonly logLevel: LogLevel;
  readonly sandbox: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** Every option: how it is written, what it is when it is not, and what it does. */
const OPTIONS = {
  port: { type: "string", fallback: "4599", value: "N", help: "port to listen on; 0 takes a free one" },
  host: { type: "string", fallback: "127.0.0.1", value: "ADDRESS", help: "address to listen on; without --sandbox only a loopback one" },
  data: { type: "string", fallback: ".trent", value: "DIR", help: "data folder, made at the first start" },
  region: { type: "string", fallback: undefined, value: "REGION", help: "home Region, fixed at the first start (us-east-1)" },
  regions: { type: "string", fallback: undefined, value: "A,B", help: "Regions that are served (all that AWS publishes)" },
  account: { type: "string", fallback: undefined, value: "ID", help: "12 digits, fixed at the first start (random)" },
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
  table: { type: "string", fallback: "sqlite", value: "sqlite", help: "the store" },
  "log-level": { type: "string", fallback: "warn", value: LOG_LEVELS.join("|"), help: "what is logged to standard error" },
  sandbox: { type: "boolean", fallback: false, value: "", help: "for tests: in memory, any credentials, no quotas" },
  json: { type: "boolean", fallback: false, value: "", help: "status, env: one JSON object on standard output" },
  help: { type: "boolean", fallback: false, value: "", help: "this page" },
} as const;

/** Options of later versions: named, so that nobody believes they do something. */
const LATER = ["tls-cert", "tls-key", "behind-proxy", "workers", "dynamodb-endpoint", "table-prefix"];
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
  if (text("table") !== "sqlite")
    throw new UsageError(`--table ${text("table")} is not available in this version; leave it out, or say sqlite.`);
  return {
    port: portOf(text("port") ?? ""),
    host: hostOf(text("host") ?? "", sandbox),
    data: dataOf(text("data") ?? ""),
    region,
    regions,
    account: accountOf(text("account")),
    root: rootOf(text("root") ?? (environment["TRENT_ROOT_KEY"] === undefined ? "file" : "env")),
    quotas: sandbox ? QUOTA_PROFILES.off : quotasOf(text("quotas") ?? ""),
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

function hostOf(text: string, sandbox: boolean): string {
  const loopback = text === "localhost" || text === "::1" || (isIP(text) === 4 && text.startsWith("127."));
  if (loopback || sandbox) return text;
  throw new UsageError(
    `--host ${text} is not a loopback address: requests and answers would travel unencrypted. Put a TLS proxy on this machine before it.`,
  );
}

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

function accountOf(text: string | undefined): string | undefined {
  if (text !== undefined && !/^\d{12}$/.test(text)) throw new UsageError(`--account ${text} is not an account: give 12 digits.`);
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
