import { Fault, type FaultName } from "#domain/fault";
import { DomainKeysMissing } from "#store";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";

/**
 * What the caller may know of an error: a fault is meant for it; anything else is a bug or an outage, and its cause goes to the operator.
 *
 * Failed authentications are counted, not logged one by one.
 */
export function faultOf(error: Error | null | undefined, event: Exchange, deps: Deps): Fault {
  if (error instanceof Fault) {
    if (!event.caller) deps.flood.unauthenticated(event.http.peer, error.name);
    else if (!event.keys) deps.flood.refused(event.caller.account);
    return error;
  }
  const causes: string[] = [];
  for (let cause: unknown = error; cause instanceof Error && causes.length < 5; cause = cause.cause)
    causes.push(`${cause.name}: ${cause.message}`);
  deps.operator.error("call failed", { requestId: event.requestId, causes, stack: error?.stack?.split("\n").slice(1, 6) });
  return new Fault(answeredAs(error));
}

/** The name under which an error is answered. */
export function answeredAs(error: Error | null | undefined): FaultName {
  if (error instanceof Fault) return error.name;
  // A Region whose shared keys have not been replicated yet will have them soon: the caller may try again.
  return error instanceof DomainKeysMissing ? "DependencyTimeoutException" : "KMSInternalException";
}
