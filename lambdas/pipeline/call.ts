import { Fault } from "#domain/fault";
import { issueGrantToken } from "#domain/grant-token";
import type { Key } from "#domain/key";
import type { Paging } from "#domain/paging";
import { quotaValues } from "#domain/quota-values";
import type { Resource } from "#domain/resource";
import type { AnyOperation, Call } from "#operation";
import { type AskedKey, contextOf } from "./context.ts";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey } from "./exchange.ts";
import { openToken } from "./grants.ts";
import { authorOf } from "./record.ts";

/** What a handler is given: what its declaration asked for, and nothing else. */
export function callOf(operation: AnyOperation, event: Exchange, deps: Deps): Call<unknown, string, Record<never, never>> {
  const { caller, input, keys, region, store, gate, grants } = known(event, "caller", "input", "keys", "store", "gate", "grants");

  const material = async (key: Key, id?: string) => {
    const backing = await store.materials.open(key, id);
    // KMS tells of the materials of symmetric encryption keys alone: the others have one for good.
    if (backing && key.spec === "SYMMETRIC_DEFAULT") event.materials.add(backing.id);
    return backing;
  };

  return {
    input,
    caller,
    region,
    now: deps.now(),
    keys: Object.fromEntries(Object.entries(keys).map(([name, { key }]) => [name, key])),
    stores: store.stores(operation.uses, gate),
    material: material as Call<unknown, string, Record<never, never>>["material"],
    ...(deps.signer && { signer: deps.signer }),
    tokens: {
      issue: (grant) => issueGrantToken(grant, region, (parts) => store.sign("grant token", parts)),
      open: (token) => openToken(token, region, store),
    },
    grantOf: Object.fromEntries(Object.entries(keys).map(([name, { grant }]) => [name, grant ?? grants[name]])),
    resource: event.resource ?? { arn: "*" },
    context: contextOf(operation, event, deps, firstKey(operation, keys)),
    // How much there may be of something is for the account to say that it is of.
    quotas: quotaValues(deps.quotas.profile, event.ownersQuotas ?? event.account?.quotas, region),
    paging: (filters) => pagingOf(operation, event, filters),
    newUuid: deps.newUuid,
    anyPrincipal: deps.sandbox,
    author: authorOf(event),
    isRegion: deps.isRegion,
  };
}

function firstKey({ on = {} }: AnyOperation, keys: Readonly<Record<string, ResolvedKey>>): AskedKey | Resource {
  const [first] = Object.entries(on);
  return first ? { key: (keys[first[0]] as ResolvedKey).key, target: first[1] } : { arn: "*" };
}

/** The tag of a marker, in characters of base64url. */
const TAG = 43;

/** Markers name the last sort key, in the clear, and prove that we gave them to this caller for this list. */
function pagingOf(operation: AnyOperation, event: Exchange, filters: readonly string[]): Paging {
  const { caller, store } = known(event, "caller", "store");
  const bound = (sortKey: string) => [operation.name, caller.account, caller.arn, ...filters, sortKey];
  return {
    next: (sortKey) => store.sign("marker", bound(sortKey)).toString("base64url") + Buffer.from(sortKey).toString("base64url"),
    after(marker) {
      if (marker === undefined) return undefined;
      const sortKey = Buffer.from(marker.slice(TAG), "base64url").toString();
      const tag = Buffer.from(marker.slice(0, TAG), "base64url");
      // One marker for one place: what decodes to the same bytes but is written otherwise is not ours.
      const written = tag.toString("base64url") + Buffer.from(sortKey).toString("base64url");
      if (written === marker && store.verify("marker", bound(sortKey), tag)) return sortKey;
      throw new Fault("InvalidMarkerException", "The marker is not one that this list has answered.");
    },
  };
}
