import { Fault } from "#domain/fault";
import { type AnyOperation, writes } from "#operation";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type Step } from "./exchange.ts";
import { callerOf } from "./record.ts";

/**
 * Sets the gate that every change of a call passes: the first change is written down before it happens.
 *
 * The intent names caller, operation and the item with the version it will have, so that what a crash leaves open can be told done from not
 * done. A dry run stops here, at its first change.
 */
export function intent(operation: AnyOperation, deps: Deps): Step {
  const changes = writes(operation);
  return {
    before({ event }) {
      if (!changes) {
        event.gate = closed;
        return;
      }
      event.gate = async (mutation) => {
        if (isDryRun(event)) throw dryRun();
        const written = event.changes.length;
        event.changes.push(mutation);
        // One intent a try: a handler's later changes are only of what its first one made or removed.
        if (written > 0) return;
        const { caller, store, requestId } = known(event, "caller", "store");
        const body = JSON.stringify({
          i: 1,
          s: event.face.service,
          e: operation.name,
          c: callerOf(caller),
          ip: event.http.peer,
          m: mutation,
        });
        await store.log.append({
          account: caller.account,
          id: `${requestId}#I${event.tries === 1 ? "" : event.tries}`,
          at: deps.now(),
          body,
        });
      };
    },
  };
}

/** An operation that declared no change cannot make one. */
const closed = (): never => {
  throw new Error("An operation that does not declare a change tried to make one.");
};

export const isDryRun = ({ input }: Exchange): boolean => input?.["DryRun"] === true;

export const dryRun = (): Fault => new Fault("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
