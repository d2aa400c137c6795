/**
 * What sharing a quota costs: writes to the table of quotas for 1,000 calls, and how much more is admitted than the quota.
 *
 *     node test/bench/quotas.ts
 *
 * Fifty instances on the real SQLite driver; time is passed in, so the numbers are those of a machine that is fast enough.
 */
import { type QuotaPool, quotasOf } from "#domain/quota-sharing";
import { openSqlite } from "#store/drivers/sqlite";
import type { Table } from "#store/port";
import { quotaPool } from "#store/quotas";

const [HERE, MINE, BUCKET] = ["eu-central-2", "111122223333", "Cryptographic operations (symmetric)"];
const START = Date.UTC(2026, 0, 1);
const SECONDS = 20;

interface Load {
  /** Calls a second, of all together. */
  readonly calls: number;
  /** Instances that they are spread over. */
  readonly busy: number;
  readonly rate: number;
  readonly sharers: number;
}

async function measure({ calls, busy, rate, sharers }: Load): Promise<{ readonly admitted: number; readonly writes: number }> {
  const database = openSqlite({ memory: true });
  const table = database.table("quotas", HERE);
  let writes = 0;
  const counted: Table = {
    ...table,
    add(...asked) {
      writes += 1;
      return table.add(...asked);
    },
  };
  const instances = Array.from({ length: busy }, () => {
    const pool: QuotaPool = quotaPool(counted);
    return quotasOf({ [BUCKET]: rate }, { poolOf: () => pool, sharers: () => sharers });
  });
  let admitted = 0;
  const total = calls * SECONDS;
  for (let call = 0; call < total; ) {
    const now = START + Math.floor((call * 1000) / calls);
    const together = [];
    // What comes in the same millisecond comes at once.
    for (; call < total && START + Math.floor((call * 1000) / calls) === now; call += 1)
      together.push(instances[call % busy]?.take(MINE, HERE, [BUCKET], now));
    admitted += (await Promise.all(together)).filter(Boolean).length;
  }
  await database.close();
  return { admitted, writes };
}

console.log("Below the quota of 10,000 a second, shared by 100:");
for (const calls of [10, 100, 1000])
  for (const busy of new Set([1, Math.ceil(calls / 40), 50])) {
    const { admitted, writes } = await measure({ calls, busy, rate: 10_000, sharers: 100 });
    const total = calls * SECONDS;
    console.log(
      `  ${calls} calls a second on ${busy} instances: ${((1000 * writes) / total).toFixed(1)} writes for 1,000 calls; ${total - admitted} refused`,
    );
  }

console.log("Four times the quota, on 50 instances that share it:");
for (const rate of [50, 200, 1000, 5000]) {
  const { admitted, writes } = await measure({ calls: 4 * rate, busy: 50, rate, sharers: 50 });
  const share = (100 * admitted) / (rate * SECONDS);
  console.log(
    `  ${rate} a second: ${share.toFixed(1)} % of it admitted; ${((1000 * writes) / (4 * rate * SECONDS)).toFixed(1)} writes for 1,000 calls`,
  );
}
