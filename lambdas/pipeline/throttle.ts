import { Fault } from "#domain/fault";
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
    async before({ event }) {
      const { caller, keys, region, input } = known(event, "caller", "keys", "input");
      const specs = Object.values(keys).map(({ key }) => key.spec);
      const charges = operation.quota({ operation: operation.name, specs, input });
      if (!(await deps.quotas.take(caller.account, region, charges, deps.wallClock().getTime(), event.account?.quotas)))
        throw event.face.service === "kms" ? throttled() : new Fault("ThrottlingException", "Rate exceeded");
    },
  };
}
