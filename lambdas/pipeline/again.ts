/** Puts a recorded call to the policies once more: the step that decides is the one of every call, and nothing is done. */
import { Fault } from "#domain/fault";
import { type Key, stateOf } from "#domain/key";
import type { Principal } from "#domain/principal";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import type { AnyOperation, Target } from "#operation";
import type { Regional, Shared } from "#store";
import { assemble } from "./assemble.ts";
import { requireAuthorized } from "./authorize.ts";
import type { Deps } from "./deps.ts";
import type { Exchange, Face, ResolvedKey } from "./exchange.ts";
import type { Question } from "./permit.ts";
import type { CallRecord } from "./record.ts";
import { inputOf } from "./recorded-input.ts";

export { servicePrincipal } from "./on-behalf.ts";
export { type Question, requestOf } from "./permit.ts";
export type { CallRecord, OwnersRecord } from "./record.ts";
export { unrecordedIn } from "./recorded-input.ts";

/** A call that is in the log, and who made it as that is known now. */
export interface RecordedCall {
  readonly requestId: string;
  readonly region: string;
  readonly record: CallRecord;
  readonly face: Face;
  readonly operation: AnyOperation;
  readonly caller: Principal;
}

export interface AskedAgain {
  /** In their order, up to the first that is refused. */
  readonly questions: readonly Question[];
  /** What the call would be refused with now: by policies, or for what its key is. */
  readonly fault?: Fault;
  /** Why it cannot be asked, or not to the end. */
  readonly cannot?: string;
}

/** The store that is asked, and the time that keys live in. */
export interface Place {
  readonly shared: Shared;
  readonly store: Regional;
  readonly home: string;
  readonly now: () => Date;
}

/** Whether the call would be let in under the policies, grants and keys of now; conditions on the time are judged as of then. */
export async function askAgain(call: RecordedCall, place: Place): Promise<AskedAgain> {
  const { operation, record } = call;
  if (record.q === undefined) return { questions: [], cannot: "It was refused before anything was asked of the policies." };
  const questions: Question[] = [];
  try {
    const keys = await keysOf(call, place);
    if (typeof keys === "string") return { questions, cannot: keys };
    const deps = { ...depsOf(place, new Date(record.t)), watch: (question: Question) => questions.push(question) };
    await requireAuthorized(operation, exchangeOf(call, place.store, keys), deps);
    return { questions };
  } catch (cause) {
    if (cause instanceof Fault) return { questions, fault: cause };
    return { questions, cannot: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** What the path of every call is given: nothing of it is counted, limited or told to anybody. */
export function depsOf({ shared, store, home, now }: Place, at: Date): Deps {
  const nothing = () => undefined;
  return assemble({
    ...{ version: "", sandbox: false, home, serves: () => true, shared, quotas: QUOTA_PROFILES.off, shards: 1 },
    ...{ operator: { error: nothing, warn: nothing, debug: nothing }, newUuid: () => "", open: async () => store },
    ...{ now, wallClock: () => at },
  });
}

/** The keys that the call was about, as they are now; or why there are none. */
async function keysOf({ operation, record, caller, region }: RecordedCall, { store, now }: Place) {
  const targets = Object.entries(operation.on ?? {});
  const arns = (record.r ?? []).filter((arn) => /^[^:]*:[^:]*:kms:[^:]*:[^:]*:key\//.test(arn));
  const keys: Record<string, ResolvedKey> = {};
  for (const [index, [name, target]] of targets.entries()) {
    // A call names the same key twice, and the record once.
    const arn = arns[index] ?? arns.at(-1);
    if (arn === undefined) return NO_KEY;
    const [id, place = ""] = [arn.slice(arn.indexOf("key/") + "key/".length), arn.split(":")[3]];
    const key = place === region ? await store.keys.get(id) : (await store.multiRegion.member(id, place))?.key;
    if (!key || stateOf(key, now()) === undefined) return `The key ${arn} is no more.`;
    const resolved = await resolvedKey(key, target, caller, inputOf(operation.input, record.q), store);
    if (!resolved) return "The grant that it named is no more, or was named by a token, which is in no record.";
    keys[name] = resolved;
  }
  return keys;
}

const NO_KEY =
  "It was refused before anything was asked of the policies: no key was found under the name it gave, or the operation does not work on keys of other accounts.";

async function resolvedKey(key: Key, target: Target<never>, caller: Principal, input: Readonly<Record<string, unknown>>, store: Regional) {
  const resolved: ResolvedKey = { key, foreign: key.account !== caller.account, hidden: false };
  if (!target.grant) return resolved;
  const { GrantId: id } = input;
  const grant = typeof id === "string" ? await store.grants.get(key.id, id) : undefined;
  return grant && { ...resolved, grant };
}

function exchangeOf(
  { face, requestId, region, record, caller, operation }: RecordedCall,
  store: Regional,
  keys: NonNullable<Exchange["keys"]>,
): Exchange {
  const { ip, ua, h, tls } = record;
  const sent = Object.entries({ "user-agent": ua, host: h }).filter((header): header is [string, string] => header[1] !== undefined);
  return {
    ...{ face, requestId, region, caller, store, keys, startedAt: new Date(record.t) },
    http: {
      ...{ method: "POST", path: "/", query: "", headers: new Map(sent), body: new Uint8Array(), peer: ip },
      ...(tls && { tls: { version: tls[0], cipher: tls[1] } }),
    },
    input: inputOf(operation.input, record.q),
    ...{ tries: 0, changes: [], materials: new Set() },
  };
}

/** A call that nobody has made: what policies may be asked about it is who calls, and which key it would be about. */
export function imagined(caller: Principal, key: Key, face: Face, { store }: Place): Exchange {
  return {
    ...{ face, requestId: "", region: key.region, caller, store, startedAt: new Date(0) },
    http: { method: "POST", path: "/", query: "", headers: new Map(), body: new Uint8Array(), peer: "" },
    ...{ input: {}, keys: {}, tries: 0, changes: [], materials: new Set() },
  };
}
