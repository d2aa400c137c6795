import type { AnyOperation } from "#operation";
import type { Deps } from "./deps.ts";
import type { Exchange, Step } from "./exchange.ts";
import { type CallRecord, recordOf } from "./record.ts";

/**
 * Records the outcome of a call before the caller learns it: no record, no answer.
 *
 * One exception: when the handler has committed a change and only its outcome cannot be recorded, the answer is success, because the intent
 * stands in the log and withholding the answer would make the caller do it again.
 */
export function audit(operation: AnyOperation, deps: Deps): Step {
  async function record(call: Exchange, output: unknown, error: Error | null): Promise<void> {
    // middy runs `onError` when `after` throws; the write that just failed is not tried again.
    if (call.recorded) return;
    call.recorded = true;
    const { caller, store, requestId } = call;
    // Who called is not known, so there is nobody's log to write it to.
    if (!caller || !store) return;
    const now = deps.now();
    try {
      const body = bodyOf(recordOf(operation, call, caller, output, error, now));
      await store.log.append({ account: caller.account, id: requestId, at: now, body });
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

/** Beyond so many characters request and answer are left out, as CloudTrail does, so that nobody fills the log by what is refused. */
const LARGEST = 100_000;

function bodyOf(record: CallRecord): string {
  const body = JSON.stringify(record);
  if (body.length <= LARGEST) return body;
  const omitted = { omitted: true, originalSize: body.length, reasonOmitted: "The record is larger than 100 KB" };
  return JSON.stringify({ ...record, q: omitted, ...(record.a !== undefined && { a: omitted }) });
}
