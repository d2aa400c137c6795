import { Fault } from "#domain/fault";
import type { HttpRequest } from "./http.ts";
import { type SignedHeaders, signedHeadersOf } from "./sigv4-headers.ts";
import { pairsOf } from "./sigv4-uri.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";
/** A week: the longest life of a presigned request. */
const LONGEST = 604_800;

/** What a credential says it is good for. */
export interface Scope {
  readonly accessKeyId: string;
  /** YYYYMMDD, UTC. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** A signature as sent, taken apart. Nothing in it is verified: attacker-controlled. */
export interface Claim {
  /** Where it was: the Authorization header, or the query (a presigned request). */
  readonly form: "header" | "query";
  /** Access key id, date, Region, service and terminator between slashes, when it is well made. */
  readonly credential: string;
  /** X-Amz-Date, or else Date. */
  readonly amzDate: string;
  readonly signedHeaders: SignedHeaders;
  readonly signature: string;
  readonly sessionToken: string | undefined;
  /** Seconds that a presigned request is good for; undefined in a header, and when it does not say. */
  readonly expires: number | undefined;
}

/** As much of what was sent as a message may repeat: two or three of these stay near 2 KB. */
export function shown(text: string): string {
  return text.length <= 640 ? text : `${text.slice(0, 640)}…`;
}

/** Cuts a part out of a header, without the spaces and tabs around it. */
function trimmed(text: string, from: number, to: number): string {
  const blank = (at: number) => text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09;
  let start = from;
  let end = to;
  while (start < end && blank(start)) start += 1;
  while (end > start && blank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** The parameters of an Authorization header; of a repeated one, the last. */
interface HeaderParameters {
  readonly algorithm: string;
  Credential?: string;
  SignedHeaders?: string;
  Signature?: string;
  /** The first part that is no `name=value`. */
  broken?: string;
  /** The first name that is unknown, or there for the second time. */
  odd?: string;
}

function inHeader(header: string): HeaderParameters {
  const space = header.indexOf(" ");
  const found: HeaderParameters = { algorithm: space < 0 ? header : header.slice(0, space) };
  let start = found.algorithm.length;
  if (trimmed(header, start, header.length) === "") return found;
  while (start <= header.length) {
    const comma = header.indexOf(",", start);
    const end = comma < 0 ? header.length : comma;
    const part = trimmed(header, start, end);
    const equal = part.indexOf("=");
    const name = part.slice(0, Math.max(equal, 0));
    if (equal < 0) found.broken ??= part;
    else if (name !== "Credential" && name !== "SignedHeaders" && name !== "Signature") found.odd ??= name;
    else {
      if (found[name] !== undefined) found.odd ??= name;
      found[name] = part.slice(equal + 1);
    }
    start = end + 1;
  }
  return found;
}

const START = `${ALGORITHM} Credential=`;
const IN_QUERY: ReadonlySet<string> = new Set([
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
]);

/** The parameters of a presigned request; of a repeated one, the first. */
interface QueryParameters {
  readonly named: ReadonlyMap<string, string>;
  readonly repeated: string | undefined;
}

const NONE: QueryParameters = { named: new Map(), repeated: undefined };

function inQuery(query: string): QueryParameters {
  if (query === "") return NONE;
  const named = new Map<string, string>();
  let repeated: string | undefined;
  for (const [name, value] of pairsOf(query)) {
    if (!IN_QUERY.has(name)) continue;
    if (named.has(name)) repeated ??= name;
    else named.set(name, value);
  }
  return { named, repeated };
}

/**
 * Which service and Region a request says it is for: what it is routed by before anything is checked.
 *
 * Undefined when it is unsigned, or signed by something else than a credential of five parts. Never throws.
 */
export function scopeOf(http: HttpRequest): Scope | undefined {
  const header = http.headers.get("authorization");
  const credential = header ? credentialIn(header) : inQuery(http.query).named.get("X-Amz-Credential");
  const [accessKeyId, date, region, service, terminator, more] = credential?.split("/", 6) ?? [];
  if (!accessKeyId || !date || !region || !service || terminator === undefined || more !== undefined) return undefined;
  return { accessKeyId, date, region, service };
}

/** The credential in a header: what is routed by is what is believed later, and every client puts it first. */
function credentialIn(header: string): string | undefined {
  if (!header.startsWith(START)) return inHeader(header).Credential;
  const comma = header.indexOf(",");
  return header.slice(START.length, comma < 0 ? header.length : comma);
}

/**
 * Takes the signature of a request apart, checking no more than that it is all there.
 *
 * Stricter than AWS in one point: a parameter that is unknown or repeated is refused (AWS takes the last one in a header, the first one in
 * a query). So two Authorization headers, which arrive as one, are never half believed.
 * @see wire.md 5, #8 to #12
 */
export function claimOf(http: HttpRequest): Claim {
  const header = http.headers.get("authorization");
  const parameters = inQuery(http.query);
  if (!header) return claimInQuery(parameters);
  if (!parameters.named.has("X-Amz-Algorithm")) return claimInHeader(header, http);
  throw new Fault("InvalidSignatureException", "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
}

function claimInHeader(header: string, { headers }: HttpRequest): Claim {
  const parameters = inHeader(header);
  const { algorithm, Credential: credential, SignedHeaders: signedHeaders, Signature: signature, broken, odd } = parameters;
  if (algorithm !== ALGORITHM) throw new Fault("IncompleteSignatureException", `Unsupported AWS 'algorithm': '${shown(algorithm)}'.`);
  if (broken !== undefined) {
    const text = `'${shown(broken)}' not a valid key=value pair (missing equal-sign) in Authorization header: '${shown(header)}'.`;
    throw new Fault("IncompleteSignatureException", text);
  }
  const amzDate = headers.get("x-amz-date") ?? headers.get("date");
  if (credential === undefined || signature === undefined || signedHeaders === undefined || amzDate === undefined) {
    const missing = (["Credential", "Signature", "SignedHeaders"] as const).filter((name) => parameters[name] === undefined);
    const sentences = missing.map((name) => `Authorization header requires '${name}' parameter.`);
    if (amzDate === undefined) sentences.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    throw new Fault("IncompleteSignatureException", `${sentences.join(" ")} Authorization=${algorithm}`);
  }
  if (odd !== undefined) {
    throw new Fault("IncompleteSignatureException", `Authorization header has '${shown(odd)}' twice, or where it is not known.`);
  }
  return {
    form: "header",
    credential,
    amzDate,
    signedHeaders: signedHeadersOf(signedHeaders),
    signature,
    sessionToken: headers.get("x-amz-security-token"),
    expires: undefined,
  };
}

function claimInQuery({ named, repeated }: QueryParameters): Claim {
  if (named.get("X-Amz-Algorithm") !== ALGORITHM) throw new Fault("MissingAuthenticationTokenException", "Missing Authentication Token");
  const required = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"] as const;
  const missing = required.filter((name) => !named.has(name));
  if (missing.length > 0) {
    const sentences = missing.map((name) => `AWS query-string parameters must include '${name}'.`);
    throw new Fault("IncompleteSignatureException", `${sentences.join(" ")} Re-examine the query-string parameters.`);
  }
  if (repeated !== undefined)
    throw new Fault("IncompleteSignatureException", `AWS query-string parameters must include '${repeated}' once.`);
  const [credential = "", signature = "", signedHeaders = "", amzDate = ""] = required.map((name) => named.get(name));
  return {
    form: "query",
    credential,
    amzDate,
    signedHeaders: signedHeadersOf(signedHeaders),
    signature,
    sessionToken: named.get("X-Amz-Security-Token"),
    expires: lifetime(named.get("X-Amz-Expires")),
  };
}

function lifetime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= LONGEST) return seconds;
  throw new Fault("IncompleteSignatureException", `X-Amz-Expires must be a number of seconds from 1 to ${LONGEST}.`);
}
