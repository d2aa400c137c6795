import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Ledger, merged, newLedger } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { startServer } from "./server.ts";
import { missing } from "./verify.ts";

export interface Outcome {
  readonly rounds: number;
  /** Everything that was acknowledged. */
  readonly ledger: Ledger;
  /** What of it was lost. */
  readonly lost: readonly string[];
  readonly seconds: number;
}

/** Waits until so many calls were acknowledged, but not for ever, and then a moment, so that the kill falls anywhere. */
export async function atLeast(calls: number, ledger: Ledger): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (ledger.calls.size < calls && performance.now() < deadline) await setTimeout(2);
  await setTimeout(Math.random() * 10);
}

/**
 * Kills a server under load, over and over, and asks the next one for everything that was acknowledged.
 *
 * Each server's clock is some hours ahead by the time that it dies, and its successor's is not: clocks jump.
 */
export async function crash(rounds: number, clients = 8): Promise<Outcome> {
  const folder = join(mkdtempSync(join(tmpdir(), "trent-crash-")), "data");
  const started = performance.now();
  const lost: string[] = [];
  let all = newLedger();
  for (let round = 0; round < rounds; round += 1) {
    const server = await startServer(folder);
    const ledger = newLedger();
    let alive = true;
    const load = startLoad({ clients, servers: () => (alive ? [server] : []), ledger });
    await atLeast(20 + Math.random() * 60, ledger);
    server.advance(Math.floor(Math.random() * 40_000));
    await atLeast(ledger.calls.size + Math.random() * 100, ledger);
    alive = false;
    await server.kill();
    await load.stop();
    all = merged(all, ledger);

    const next = await startServer(folder);
    lost.push(...(await missing(next, folder, ledger)));
    await next.kill();
  }
  const last = await startServer(folder);
  lost.push(...(await missing(last, folder, all)));
  await last.stop();
  rmSync(join(folder, ".."), { recursive: true });
  return { rounds, ledger: all, lost, seconds: (performance.now() - started) / 1000 };
}
