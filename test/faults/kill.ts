import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { wrongInIntents } from "./reconciled.ts";
import { check, type Scenario, type Scene, unexpected, until } from "./scenario.ts";
import { type Server, startAndKill, startServer } from "./server.ts";
import { CLIENTS, startStream } from "./stream.ts";

const HOUR = 3_600_000;

/**
 * A server that is killed again and again in the midst of its work, on one data folder that grows.
 *
 * In the end every change that was begun has an event that tells what became of it.
 *
 * Now and then it is killed while it starts, is made to stand still, its clock jumps by hours, or it leaves half a write.
 */
export const kill: Scenario = { name: "kill", play };

async function play(scene: Scene): Promise<void> {
  const { rounds, chance, place, calls, found, tell } = scene;
  const folder = join(place, "data");
  // A first start makes roots, domain keys, account and administrator; it may end at any point of that.
  for (const after of [chance.between(0, 300), chance.between(200, 600), chance.between(300, 1_000)]) await startAndKill(folder, after);

  let server = await startServer(folder);
  for (let round = 1; round <= rounds && found.length === 0; round += 1) {
    const since = calls.length;
    const stream = await startKilledStream(scene, server, `kill-${round}`);
    stream.halt();
    // What a server did not answer while it ran.
    found.push(...unexpected(calls.slice(since)));
    await server.kill();
    await stream.ended;

    if (chance.of(0.2)) tear(folder, chance.between(1, 20_000));
    if (chance.of(0.2)) await startAndKill(folder, chance.between(0, 500));
    server = await startServer(folder, chance.between(-36 * HOUR, 36 * HOUR));
    await check(scene, server, folder, { since, outcomesMayMiss: false });
    tell(`round ${round}: ${calls.length - since} calls, ${calls.length} in all`);
  }
  // Once more everything, of each round.
  if (found.length === 0) await check(scene, server, folder, { since: 0, outcomesMayMiss: false });
  const status = await server.stop();
  if (status !== 0 && found.length === 0) found.push(`The server was told to stop, and ended with ${status}: ${server.log()}`);
  if (found.length > 0) return;
  const intents = await wrongInIntents(folder);
  found.push(...intents.found);
  tell(`${intents.reconciled} changes that a kill had kept from telling their end were reconciled`);
}

/** Starts the stream, and returns at the moment for the kill. */
async function startKilledStream({ chance, calls }: Scene, server: Server, label: string) {
  const clients = Array.from({ length: CLIENTS }, () => server.client());
  const since = calls.length;
  const stream = startStream({ label, calls, chance, clientOf: (worker) => clients[worker] });
  const enough = chance.of(0.3) ? 1 : chance.between(1, 300);
  await until(() => calls.length - since > enough, 4_000, 2);
  await pause(chance.between(0, 100));
  if (chance.of(0.2)) {
    server.jump(chance.between(-36 * HOUR, 36 * HOUR));
    await pause(chance.between(0, 200));
  }
  if (chance.of(0.2)) {
    const frozen = server.freeze(chance.between(50, 1_000));
    // One in three is killed where it stands.
    if (chance.of(0.33)) await pause(chance.between(20, 50));
    else {
      await frozen;
      await pause(chance.between(0, 300));
    }
  }
  return stream;
}

/** What a disk may hold of a write that was never finished: bytes behind the last whole one. */
function tear(folder: string, bytes: number): void {
  for (const file of ["state.db-wal", "log.db-wal"].map((name) => join(folder, name)))
    if (existsSync(file)) appendFileSync(file, randomBytes(Math.floor(bytes)));
}
