import type { AnyOperation } from "#operation";
import type { Deps } from "./deps.ts";
import type { Exchange, Step } from "./exchange.ts";
import { tellOfUse } from "./last-use.ts";
import { bodyOf, ownersOf, ownersRecordOf, recordOf } from "./record.ts";
import { isThrottling, throttledCalls } from "./throttled-calls.ts";

/**
 * Records the outcome of a call before the caller learns it: no record, no answer.
 *
 * One exception: when the handler has committed a change and only its outcome cannot be recorded, the answer is success, because the intent
 * stands in the log and withholding the answer would make the caller do it again.
 *
 * A call on another account's key leaves a record in both accounts. Of throttled calls, one a second stands for all (`throttledCalls`).
 */
export function audit(operation: AnyOperation, deps: Deps): Step {
  const throttled = throttledCalls(deps);

  async function record(call: Exchange, output: unknown, error: Error | null): Promise<void> {
    // middy runs `onError` when `after` throws; the write that just failed is not tried again.
    if (call.recorded) return;
    call.recorded = true;
    const { caller, store, requestId } = call;
    // Who called is not known, so there is nobody's log to write it to.
    if (!caller || !store) return;
    const now = deps.now();
    const said = recordOf(operation, call, caller, output, error, now);
    const { account } = caller;
    const row = { id: requestId, at: now };
    if (isThrottling(error))
      return throttled(account, call.region, said, (counted) =>
        store.log.append({ account, id: requestId, at: new Date(counted.t), body: bodyOf(counted), record: counted }),
      );
    const owners = said.sh ? ownersOf(call, error) : [];
    const copies = owners.map((owner) => ({ ...row, account: owner, body: bodyOf(ownersRecordOf(said, call, account, owner)) }));
    const entries = [{ ...row, account, body: bodyOf(said), record: said }, ...copies];
    try {
      await Promise.all([...entries.map((entry) => store.log.append(entry)), tellOfUse(call, caller, now, deps)]);
    } catch (cause) {
      if (error || call.changes.length === 0) throw cause;
      deps.operator.error("outcome not recorded", { requestId, operation: operation.name, cause: String(cause) });
    }
  }

  return {
    after: ({ event, response }) => record(event, response, null),
    async onError(request) {
      try {
        await record(request.event, undefined, request.error ?? null);
      } catch (cause) {
        // An error thrown here would skip the steps outside this one, and the reply with them.
        request.error = new Error("The call could not be recorded.", { cause });
      }
    },
  };
}
