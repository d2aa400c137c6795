import { type AnyOperation, writes } from "#operation";
import { Conflict } from "#store";
import { wipe } from "#wire/wipe";
import { requireAuthorized } from "./authorize.ts";
import { callOf } from "./call.ts";
import { changedBy, givenUp } from "./conflict.ts";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";
import { dryRun, isDryRun } from "./intent.ts";
import { resolveKeys } from "./resolve.ts";
import { turns } from "./turns.ts";

/** How often a change is tried when others change the same item at the same time. */
const TRIES = 4;
/** A few commits. */
const LONGEST_PAUSE_MS = 20;
const lane = turns();

/**
 * Runs the handler, with what its declaration asked for and nothing else.
 *
 * When somebody else changed the item meanwhile, everything that was decided by the old one is decided anew: keys, permission, state, change.
 * Those of this process that lost then go one by one, and whoever comes meanwhile behind them: each has only other processes to compete with.
 */
export function invoke(operation: AnyOperation, deps: Deps) {
  async function attempt(event: Exchange): Promise<unknown> {
    event.tries += 1;
    event.changes = [];
    const output = await operation.handle(callOf(operation, event, deps) as never);
    if (!isDryRun(event)) return output;
    wipe(operation.output, output);
    throw dryRun();
  }

  async function again(event: Exchange): Promise<unknown> {
    await resolveKeys(operation, event, deps);
    await requireAuthorized(operation, event, deps);
    return attempt(event).catch(async (cause: unknown) => {
      if (!(cause instanceof Conflict)) throw cause;
      if (event.tries === TRIES) throw givenUp(operation, cause);
      // Two processes that lost to each other must not meet again at once.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_PAUSE_MS));
      return again(event);
    });
  }

  return (event: Exchange): Promise<unknown> => {
    const changed = changedBy(event);
    // Whoever comes while others wait would only make them lose once more.
    if (writes(operation) && lane.taken(changed)) return lane.take(changed, () => again(event));
    return attempt(event).catch((cause: unknown) => {
      if (!(cause instanceof Conflict)) throw cause;
      return lane.take(changed, () => again(event));
    });
  };
}
