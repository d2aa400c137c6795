import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Chance } from "./chance.ts";
import { check, type Scenario, type Scene, unexpected } from "./scenario.ts";
import { type Server, startServer } from "./server.ts";
import { CLIENTS, startStream } from "./stream.ts";

const CHILD = fileURLToPath(new URL("./rotation-child.ts", import.meta.url));
type Kind = "domain" | "root";
/** From the start of its process to the end of a rotation that nobody kills. */
const LENGTH_MS = 3_000;
/** One that wraps this many items passes twice as many points. */
const POINTS = 400;

/** Where a rotation is killed: so many milliseconds after it began, or at a point of its own; or nowhere. */
type Death = { readonly after: number } | { readonly point: number } | undefined;

/** The first points, where a rotation begins, are as likely as all that follow. */
function deathOf(chance: Chance): Death {
  if (chance.of(0.2)) return undefined;
  return chance.of(0.5) ? { after: chance.between(200, LENGTH_MS) } : { point: Math.floor(POINTS ** chance.between(0, 1)) };
}

/** Domain keys are rotated under a server at work, by a process that is killed at any moment, and the next goes on. */
export const domainRotation: Scenario = { name: "domain", play: (scene) => play(scene, "domain") };
/** So is the root. */
export const rootRotation: Scenario = { name: "root", play: (scene) => play(scene, "root") };

async function play(scene: Scene, kind: Kind): Promise<void> {
  const { rounds, chance, place, calls, found, tell } = scene;
  const folder = join(place, "data");
  let server = await startServer(folder);
  let [killed, ended] = [0, 0];
  for (let round = 1; round <= rounds && found.length === 0; round += 1) {
    const since = calls.length;
    const clients = Array.from({ length: CLIENTS }, () => server.client());
    const stream = startStream({ label: `${kind}-${round}`, calls, chance, clientOf: (worker) => clients[worker] });
    const status = await rotate(folder, kind, deathOf(chance));
    if (status === null) killed += 1;
    else if (status === 0) ended += 1;
    else found.push(`A rotation that nobody killed ended with ${status}.`);
    stream.halt();
    // Half of the servers go on with what they knew before, and the other half know nothing.
    if (chance.of(0.5)) {
      await stream.ended;
      found.push(...unexpected(calls.slice(since)));
    } else server = await again(server, folder, stream.ended);
    await check(scene, server, folder, { since, outcomesMayMiss: false });
    tell(`round ${round}: ${calls.length - since} calls, ${calls.length} in all; ${killed} rotations killed, ${ended} ended`);
  }
  if (found.length > 0) return;
  if ((await rotate(folder, kind, undefined)) !== 0) found.push("A rotation that nobody killed failed.");
  found.push(...left(folder, kind));
  server = await again(server, folder, Promise.resolve());
  await check(scene, server, folder, { since: 0, outcomesMayMiss: false });
  await server.stop();
}

async function again(server: Server, folder: string, stream: Promise<unknown>): Promise<Server> {
  await server.kill();
  await stream;
  return startServer(folder);
}

/** The exit status; null when it was killed. */
async function rotate(folder: string, kind: Kind, death: Death): Promise<number | null> {
  const point = death && "point" in death ? [String(death.point)] : [];
  const child = fork(CHILD, [folder, kind, ...point], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (death && "after" in death) {
    await Promise.race([ended, pause(death.after)]);
    child.kill("SIGKILL");
  }
  return ended;
}

/** What a rotation that has ended does not leave. */
function left(folder: string, kind: Kind): string[] {
  if (kind === "root")
    return ["root.key.former", "root.key.next"].filter((name) => existsSync(join(folder, name))).map((name) => `${name} is left.`);
  const state = new DatabaseSync(join(folder, "state.db"), { readOnly: true });
  const rows = state.prepare("SELECT region, pk, count(*) AS versions FROM domains GROUP BY region, pk HAVING versions > 1").all();
  state.close();
  return rows.map(({ region, pk, versions }) => `${versions} versions of ${pk} are left in ${region}.`);
}
