import { throttled } from "#domain/quota";
import type { AnyOperation } from "#operation";
import type { Deps } from "./deps.ts";
import { known, type Step } from "./exchange.ts";

/**
 * Takes one request of the caller's quotas: the caller's account pays, also for another account's key.
 * @see AWS KMS Developer Guide, "Request quotas" and "Throttling AWS KMS requests".
 */
export function throttle(operation: AnyOperation, deps: Deps): Step {
  return {
    before({ event }) {
      const { caller, keys, region, input } = known(event, "caller", "keys", "input");
      const specs = Object.values(keys).map(({ key }) => key.spec);
      const buckets = operation.quota({ operation: operation.name, specs, input });
      if (!deps.quotas.take(caller.account, region, buckets, deps.wallClock().getTime())) throw throttled();
    },
  };
}
