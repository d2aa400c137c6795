/**
 * What the log keeps of a call: everything a CloudTrail event of it will need, and nothing secret, as short as it can be said.
 *
 * Rows are never rewritten, so a record carries at once what is only shown later.
 */

import { aliasArn, keyArn } from "#domain/arn";
import { Fault } from "#domain/fault";
import type { Principal } from "#domain/principal";
import type { AnyOperation } from "#operation";
import type { Mutation } from "#store";
import { lowerFirst } from "#wire/decode";
import { type Fields, type Shape, shapeOf } from "#wire/shape";
import type { Exchange } from "./exchange.ts";

export interface CallRecord {
  /** Service and event name. */
  readonly s: string;
  readonly e: string;
  /** When the call was completed, in milliseconds. */
  readonly t: number;
  readonly c: RecordedCaller;
  /** Source IP address, user agent, host header, TLS version and cipher. */
  readonly ip: string;
  readonly ua?: string | undefined;
  readonly h?: string | undefined;
  readonly tls?: readonly [string, string] | undefined;
  /** The request id that the client saw, where a gateway put it in the place of ours. */
  readonly g?: string | undefined;
  /** Error name and text. */
  readonly x?: readonly [string, string] | undefined;
  /** Request parameters and response elements, without what is secret or bulk. */
  readonly q?: unknown;
  readonly a?: unknown;
  /** ARNs of the resources. */
  readonly r?: readonly string[] | undefined;
  /** The operation only reads. */
  readonly ro?: 1 | undefined;
  /** Key material ids. */
  readonly m?: readonly string[] | undefined;
  /** The policy that decided, and its statement. */
  readonly p?: readonly string[] | undefined;
  /** The items changed: table, keys, new version and MAC. */
  readonly w?: readonly Mutation[] | undefined;
}

export interface RecordedCaller {
  /** Kind, ARN, unique id, access key id. */
  readonly k: Principal["kind"];
  readonly a: string;
  readonly i: string;
  readonly ak?: string | undefined;
  /** Of a session: type, unique id, ARN and name of the role or user behind it; when it was made, in milliseconds; its source identity. */
  readonly si?: readonly [type: string, id: string, arn: string, name: string] | undefined;
  readonly st?: number | undefined;
  readonly so?: string | undefined;
  /** The ARN of the identity provider that vouched. */
  readonly fp?: string | undefined;
}

/** User agents are cut where CloudTrail cuts them. */
const USER_AGENT = 1024;

export function callerOf({ kind, arn, id, accessKeyId, session, behind = arn }: Principal): RecordedCaller {
  const caller = { k: kind, a: arn, i: id, ak: accessKeyId };
  if (!session) return caller;
  const { issuer, issued, sourceIdentity, provider } = session;
  return { ...caller, si: [issuer.type, issuer.id, behind, issuer.name], st: issued.getTime(), so: sourceIdentity, fp: provider };
}

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
  // What the call made is a resource of it too.
  const made = (error ? [] : changes).flatMap(({ pk }) => (pk.startsWith("K#") ? [pk.slice("K#".length)] : []));
  for (const id of made) if (!named.some((key) => key.id === id)) resources.push(keyArn(call.region, caller.account, id));
  if (operation.alias && input) resources.push(aliasArn(call.region, caller.account, operation.alias(input as never)));
  return {
    s: call.face.service,
    e: operation.name,
    t: now.getTime(),
    c: callerOf(caller),
    ip: http.peer,
    ua: http.headers.get("user-agent")?.slice(0, USER_AGENT),
    h: http.headers.get("host"),
    tls: http.tls && [http.tls.version, http.tls.cipher],
    g: http.gatewayId,
    x: error ? (error instanceof Fault ? [error.name, error.message] : ["KMSInternalException", ""]) : undefined,
    q: input && recordable(operation.input, input),
    a: error || !answers || !operation.output ? undefined : recordable(operation.output, output),
    r: resources.length > 0 ? [...new Set(resources)] : undefined,
    ro: readOnly ? 1 : undefined,
    m: materials.size > 0 ? [...materials] : undefined,
    p: decidedBy && (decidedBy.sid === undefined ? [decidedBy.policy] : [decidedBy.policy, decidedBy.sid]),
    w: changes.length > 0 && !error ? changes : undefined,
  };
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
