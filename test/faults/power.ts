import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { brokenDisk, cannotBreak } from "./broken-disk.ts";
import { check, type Scenario, type Scene, unexpected, until } from "./scenario.ts";
import { startServer } from "./server.ts";
import { CLIENTS, startStream } from "./stream.ts";

/**
 * The power goes, again and again: of what was written and not yet synced the disk has some pieces and lacks others, in any order, so that the
 * log of the database is torn wherever it can be. What was acknowledged is there.
 */
export const power: Scenario = {
  name: "power",
  ...(cannotBreak !== undefined && { lacks: { what: cannotBreak, instead: undefined } }),
  play,
};

const PATIENCE_MS = 10_000;

async function play(scene: Scene): Promise<void> {
  const { rounds, chance, place, calls, found, tell } = scene;
  const disk = brokenDisk(place, []);
  const folder = join(place, "data");
  let server = await startServer(folder, 0, disk);
  for (let round = 1; round <= rounds && found.length === 0; round += 1) {
    const since = calls.length;
    const clients = Array.from({ length: CLIENTS }, () => server.client());
    const stream = startStream({ label: `power-${round}`, calls, chance, clientOf: (worker) => clients[worker] });
    const enough = chance.of(0.3) ? 1 : chance.between(1, 300);
    await until(() => calls.length - since > enough, PATIENCE_MS, 2);
    await pause(chance.between(0, 100));
    await disk.cut(server);
    stream.halt();
    if (server.alive()) found.push("The server writes nothing any more.");
    await server.kill();
    await stream.ended;
    found.push(...unexpected(calls.slice(since).filter(({ cutOff }) => cutOff === undefined)));
    server = await startServer(folder, 0, disk);
    await check(scene, server, folder, { since, outcomesMayMiss: false });
    tell(`round ${round}: ${calls.length - since} calls, ${calls.length} in all`);
  }
  if (found.length === 0) await check(scene, server, folder, { since: 0, outcomesMayMiss: false });
  await server.kill();
}
