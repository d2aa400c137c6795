/**
 * What the log keeps of a call: everything a CloudTrail event of it will need, and nothing secret, as short as it can be said.
 *
 * Rows are never rewritten, so a record carries at once what is only shown later.
 */

import { aliasArn, keyArn } from "#domain/arn";
import type { EventCaller, EventRecord } from "#domain/event-record";
import { Fault } from "#domain/fault";
import type { Author, Key } from "#domain/key";
import type { Principal } from "#domain/principal";
import type { AnyOperation } from "#operation";
import type { Mutation } from "#store";
import { lowerFirst } from "#wire/decode";
import { type Fields, type Shape, shapeOf } from "#wire/shape";
import { type Exchange, known } from "./exchange.ts";

export interface CallRecord extends EventRecord {
  readonly c: RecordedCaller;
  /** The policy that decided, and its statement. */
  readonly p?: readonly string[] | undefined;
  /** The items changed: table, keys, new version and MAC. */
  readonly w?: readonly Mutation[] | undefined;
  /** Of a call that failed: what it may have changed, and perhaps back again, where that is more than its intent says. */
  readonly v?: readonly Mutation[] | undefined;
}

export interface RecordedCaller extends EventCaller {
  readonly k: Principal["kind"];
}

/** The copy of a record that the owner of a key gets of somebody else's call. */
export interface OwnersRecord extends EventRecord {
  readonly c: EventCaller & { readonly k: "account" | "service" };
}

/** User agents are cut where CloudTrail cuts them. */
const USER_AGENT = 1024;

export function callerOf({ kind, account, arn, id, accessKeyId, session, via, behind = arn }: Principal): RecordedCaller {
  const caller = { k: kind, a: arn, i: kind === "service" ? account : id, ak: accessKeyId, by: via };
  if (!session) return caller;
  const { issuer, issued, sourceIdentity, provider } = session;
  return { ...caller, si: [issuer.type, issuer.id, behind, issuer.name], st: issued.getTime(), so: sourceIdentity, fp: provider };
}

/** Who calls, for a record in another Region. */
export function authorOf(call: Exchange): Author {
  const { caller, http, requestId } = known(call, "caller");
  return { requestId, caller: callerOf(caller), ip: http.peer, ua: userAgentOf(call) };
}

const userAgentOf = ({ http }: Exchange): string | undefined => http.headers.get("user-agent")?.slice(0, USER_AGENT);

/** The record of a call whose caller is known. */
export function recordOf(
  operation: AnyOperation,
  call: Exchange,
  caller: Principal,
  output: unknown,
  error: Error | null,
  now: Date,
): CallRecord {
  const { http, input, keys, resources: others = [], changes, materials, decidedBy } = call;
  const levels: readonly string[] = Object.values(operation.uses);
  const readOnly = !levels.includes("write");
  // Which credentials were handed out is for the log to tell.
  const answers = !readOnly || levels.includes("issue");
  const named = Object.values(keys ?? {}).map(({ key }) => key);
  const resources = [...named.map(({ arn }) => arn), ...others];
  const specs = named.map(({ spec }) => spec).filter((spec) => spec !== "SYMMETRIC_DEFAULT");
  // What the call made is a resource of it too.
  const made = (error ? [] : changes).flatMap(({ pk }) => (pk.startsWith("K#") ? [pk.slice("K#".length)] : []));
  const retired = Object.keys(operation.on ?? {}).find((name) => operation.on?.[name]?.retires);
  for (const id of made) if (!named.some((key) => key.id === id)) resources.push(keyArn(call.region, caller.account, id));
  if (operation.alias && input) resources.push(aliasArn(call.region, caller.account, operation.alias(input as never)));
  return {
    s: call.face.service,
    e: operation.name,
    t: now.getTime(),
    c: callerOf(caller),
    ip: http.peer,
    ua: userAgentOf(call),
    h: http.headers.get("host"),
    tls: http.tls && [http.tls.version, http.tls.cipher],
    g: http.gatewayId,
    x: error ? (error instanceof Fault ? [error.name, error.message] : ["KMSInternalException", ""]) : undefined,
    q: input && recordable(operation.input, input),
    a: error || !answers || !operation.output || output === undefined ? undefined : recordable(operation.output, output),
    r: resources.length > 0 ? [...new Set(resources)] : undefined,
    ro: readOnly ? 1 : undefined,
    ks: specs.length > 0 ? specs : undefined,
    m: materials.size > 0 ? [...materials] : undefined,
    gr: retired === undefined ? undefined : keys?.[retired]?.grant?.id,
    sh: ownersOf(call, error).length > 0 ? 1 : undefined,
    p: decidedBy && (decidedBy.sid === undefined ? [decidedBy.policy] : [decidedBy.policy, decidedBy.sid]),
    w: changes.length > 0 && !error ? changes : undefined,
    v: changes.length > 1 && error ? changes : undefined,
  };
}

/**
 * The other accounts whose keys a call was about, once they had let it in: who is refused is the business of its own account alone.
 * @see AWS KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail": "recorded in both accounts"
 */
export function ownersOf({ keys = {}, decidedBy }: Exchange, error: Error | null): readonly string[] {
  const others = Object.values(keys).flatMap(({ key, foreign }) => (foreign ? [key.account] : []));
  const refused = !decidedBy || (error instanceof Fault && error.name === "AccessDeniedException");
  return others.length === 0 || refused ? [] : [...new Set(others)];
}

/**
 * What the owner of a key sees of such a call: not who called but from which account, and of the resources its own.
 *
 * A ReEncrypt may be about a key of somebody else, too: its context, its material and what is wrong with it are not for this owner.
 */
export function ownersRecordOf(
  { p: _, w: __, v: ___, ...record }: CallRecord,
  { keys = {} }: Exchange,
  caller: string,
  owner: string,
): OwnersRecord {
  const { k, i, by } = record.c;
  // A service is in no account.
  const c = k === "service" ? { ...record.c, k, i: owner } : { k: "account" as const, a: caller, i, by };
  const own = { ...record, c, r: record.r?.filter((arn) => arn.split(":")[4] === owner) };
  const targets = Object.entries(keys);
  const others = targets.filter(([, { key }]) => key.account !== owner);
  if (others.length === 0) return own;
  const { q, x, m } = record;
  const materialOf = ({ account, materials }: Key) => (account === owner && materials.find(({ id }) => m?.includes(id))?.id) || "";
  const isOthers = (member: string) => others.some(([name]) => member.startsWith(name));
  return {
    ...own,
    q: q && Object.fromEntries(Object.entries(q).filter(([member]) => !isOthers(member))),
    x: x && others.some(([, { key }]) => x[1].includes(key.id)) ? [x[0], ""] : x,
    m: m && targets.map(([, { key }]) => materialOf(key)),
  };
}

/** Beyond so many characters request and answer are left out, as CloudTrail does, so that nobody fills the log by what is refused. */
const LARGEST = 100_000;

/** As it is stored. */
export function bodyOf(record: CallRecord | OwnersRecord): string {
  const body = JSON.stringify(record);
  if (body.length <= LARGEST) return body;
  const omitted = { omitted: true, originalSize: body.length, reasonOmitted: "The record is larger than 100 KB" };
  return JSON.stringify({ ...record, q: omitted, ...(record.a !== undefined && { a: omitted }) });
}

/** Never in a record: bearer material that is a string. */
export const HIDDEN: ReadonlySet<string> = new Set(["GrantTokens", "GrantToken", "SessionToken"]);

/** The value as a record may hold it: member names as CloudTrail writes them, no blobs, nothing sensitive. */
function recordable(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "blob":
    case "unavailable":
      return undefined;
    case "string":
      return shape.sensitive ? undefined : value;
    case "timestamp":
      return (value as Date).getTime();
    case "list":
      return (value as readonly unknown[]).map((element) => recordable(shape.of, element));
    case "map":
      return Object.fromEntries(value as ReadonlyMap<string, string>);
    case "structure": {
      const kept: Record<string, unknown> = {};
      for (const member of Object.keys(value as object)) {
        const field = shape.fields[member] as Fields[string] | undefined;
        const held = (value as Record<string, unknown>)[member];
        if (field && held !== undefined && !HIDDEN.has(member)) kept[lowerFirst(member)] = recordable(shapeOf(field), held);
      }
      return kept;
    }
    default:
      return value;
  }
}
