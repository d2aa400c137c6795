import { Fault } from "#domain/fault";
import type { Key } from "#domain/key";
import type { Paging } from "#domain/paging";
import type { AnyOperation, Call } from "#operation";
import { Conflict } from "#store";
import { requireAuthorized } from "./authorize.ts";
import type { Deps } from "./deps.ts";
import { type Exchange, known } from "./exchange.ts";
import { dryRun, isDryRun } from "./intent.ts";
import { resolveKeys } from "./resolve.ts";
import { turns } from "./turns.ts";

/** How often a change is tried when others change the same item at the same time. */
const TRIES = 4;
/** A few commits. */
const LONGEST_PAUSE_MS = 20;
const inTurn = turns();

/**
 * Runs the handler, with what its declaration asked for and nothing else.
 *
 * When somebody else changed the item meanwhile, everything that was decided by the old one is decided anew: keys, permission, state, change.
 * Those of this process that lost then go one by one, so that however many they are, each has only other processes to compete with.
 */
export function invoke(operation: AnyOperation, deps: Deps) {
  async function attempt(event: Exchange): Promise<unknown> {
    event.tries += 1;
    event.changes = [];
    const output = await operation.handle(callOf(operation, event, deps) as never);
    if (isDryRun(event)) throw dryRun();
    return output;
  }

  async function again(event: Exchange): Promise<unknown> {
    await resolveKeys(operation, event);
    requireAuthorized(operation, event, deps);
    return attempt(event).catch(async (cause: unknown) => {
      if (!(cause instanceof Conflict) || event.tries === TRIES) throw cause;
      // Two processes that lost to each other must not meet again at once.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_PAUSE_MS));
      return again(event);
    });
  }

  return (event: Exchange): Promise<unknown> =>
    attempt(event).catch((cause: unknown) => {
      if (!(cause instanceof Conflict)) throw cause;
      return inTurn(changedBy(event), () => again(event));
    });
}

/** What calls that may change the same item have in common. */
function changedBy(event: Exchange): string {
  const { keys, region } = known(event, "keys", "region");
  return [region, ...Object.values(keys).map(({ key }) => key.id)].join(" ");
}

function callOf(operation: AnyOperation, event: Exchange, deps: Deps): Call<unknown, string, Record<never, never>> {
  const { caller, input, keys, region, store, gate } = known(event, "caller", "input", "keys", "store", "gate");

  const material = async (key: Key, id?: string) => {
    const backing = await store.materials.open(key, id);
    if (backing) event.materials.add(backing.id);
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
    paging: (filters) => pagingOf(operation, event, filters),
    newUuid: deps.newUuid,
    anyPrincipal: deps.sandbox,
  };
}

/** The tag of a marker, in characters of base64url. */
const TAG = 43;

/** Markers name the last sort key, in the clear, and prove that we gave them to this caller for this list. */
function pagingOf(operation: AnyOperation, event: Exchange, filters: readonly string[]): Paging {
  const { caller, store } = known(event, "caller", "store");
  const bound = (sortKey: string) => [operation.name, caller.account, caller.arn, ...filters, sortKey];
  return {
    next: (sortKey) => store.sign(bound(sortKey)).toString("base64url") + Buffer.from(sortKey).toString("base64url"),
    after(marker) {
      if (marker === undefined) return undefined;
      const sortKey = Buffer.from(marker.slice(TAG), "base64url").toString();
      const tag = Buffer.from(marker.slice(0, TAG), "base64url");
      // One marker for one place: what decodes to the same bytes but is written otherwise is not ours.
      const written = tag.toString("base64url") + Buffer.from(sortKey).toString("base64url");
      if (written === marker && store.verify(bound(sortKey), tag)) return sortKey;
      throw new Fault("InvalidMarkerException", "The marker is not one that this list has answered.");
    },
  };
}
