import { Conflict, type Table } from "#store/port";

/** How many servers are on a store: those that share its quotas. */
export interface QuotaNodes {
  /** This one too. */
  count(): number;
  stop(): Promise<void>;
}

/** Every server says that it is there; who has not said so for a while is gone. Until they know of each other, each counts alone. */
const BEAT_MS = 5_000;
const GONE_MS = 3 * BEAT_MS;
const PARTITION = "NODES";
/** More than anybody starts. */
const MOST = 1000;

/** @param table of the quotas, in the home Region */
export async function joinNodes(
  table: Table,
  { id, now, failed }: { readonly id: string; readonly now: () => number; readonly failed: (cause: unknown) => void },
): Promise<QuotaNodes> {
  const key = { pk: PARTITION, sk: id };
  let nodes = 1;

  async function beat(): Promise<void> {
    const version = (await table.get(key))?.version;
    await table.put({ ...key, version: (version ?? 0) + 1, body: JSON.stringify({ until: now() + GONE_MS }) }, version);
    const { rows } = await table.query({ pk: PARTITION, limit: MOST });
    const gone = rows.filter(({ body }) => JSON.parse(body).until < now());
    nodes = Math.max(1, rows.length - gone.length);
    for (const row of gone) await table.delete(row, row.version).catch(unlessChanged);
  }

  await beat();
  const timer = setInterval(() => void beat().catch(failed), BEAT_MS).unref();
  return {
    count: () => nodes,
    async stop() {
      clearInterval(timer);
      const own = await table.get(key);
      if (own) await table.delete(key, own.version).catch(unlessChanged);
    },
  };
}

/** Another has removed it, or it is not gone after all. */
function unlessChanged(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
