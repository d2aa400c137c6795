import type { OperatorLog } from "#pipeline";
import type { Database } from "#store";
import type { Page } from "./beside.ts";
import { VERSION } from "./version.ts";

/** What a probe found holds for so long, in milliseconds: whoever asks more often writes no more often. */
const HOLDS = 1000;
const PROBE = { pk: "HEALTH", sk: "PROBE" };

/** Tells whether store and log can be written: 200, or 503 when one of them cannot. A probe is one counter in each, in place. */
export function healthOf(database: Database, home: string, root: string, operator: OperatorLog): () => Promise<Page> {
  let probed = Number.NEGATIVE_INFINITY;
  let found: Promise<Page> | undefined;

  const answer = (status: number, text: string): Page => ({
    status,
    type: "application/json",
    body: JSON.stringify({ status: text, version: VERSION, root }),
  });

  async function probe(): Promise<Page> {
    try {
      await Promise.all((["quotas", "log"] as const).map((table) => database.table(table, home).add(PROBE, 1, Number.MAX_SAFE_INTEGER)));
      return answer(200, "ok");
    } catch (cause) {
      operator.error("store not writable", { cause: String(cause) });
      return answer(503, "store not writable");
    }
  }

  return () => {
    const now = performance.now();
    if (found && now - probed < HOLDS) return found;
    probed = now;
    found = probe();
    return found;
  };
}
