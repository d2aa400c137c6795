import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Call, named } from "./calls.ts";
import { check, type Scene, until } from "./scenario.ts";
import { type Server, startServer } from "./server.ts";
import { CLIENTS, type Stream, startStream } from "./stream.ts";

/** A disk that can be made to take nothing more. */
export interface Disk {
  /** Where the data folder may be. */
  readonly place: string;
  /** Variables of the servers that stand on it. */
  readonly env?: NodeJS.ProcessEnv;
  /** From now on hardly anything can be written. */
  fail(server: Server): void;
  /** Takes what has become free meanwhile. */
  failOn(): void;
  /** As before. */
  recover(server: Server): void;
  /** The power goes, where it can: with its next write the server ends, and of what was not synced some is lost. The disk is as it was then. */
  cut?(server: Server): Promise<void>;
  /** Whether it fails for processes that are started meanwhile, too. */
  readonly forEverybody: boolean;
  remove(): void;
}

const PATIENCE_MS = 30_000;
/** Refused calls that there must be before the disk recovers. */
const REFUSALS = 24;

/**
 * Lets the disk under a server fail in the midst of its work, and recover.
 *
 * Meanwhile calls are refused with KMSInternalException and nothing else, and the health says so; afterwards the same process goes on. Some
 * rounds it is killed before the disk recovers, or the power goes, before or after.
 */
export async function playOutages(scene: Scene, disk: Disk): Promise<void> {
  const { rounds, chance, calls, found, tell } = scene;
  const folder = join(disk.place, "data");
  let server = await startServer(folder, 0, disk);
  try {
    for (let round = 1; round <= rounds && found.length === 0; round += 1) {
      const since = calls.length;
      const clients = Array.from({ length: CLIENTS }, () => server.client());
      const stream = startStream({ label: `${scene.name}-${round}`, calls, chance, clientOf: (worker) => clients[worker] });
      await acknowledged(scene, since, "while the disk was well");
      await pause(chance.between(0, 800));

      disk.fail(server);
      await outage(scene, server, disk, calls.length);
      // The last round always shows that a server goes on.
      if (round < rounds && chance.of(0.4)) {
        await end(scene, server, disk, stream, since);
        if (disk.forEverybody && chance.of(0.5)) await startMeanwhile(folder, disk);
        disk.recover(server);
        server = await startServer(folder, 0, disk);
      } else {
        disk.recover(server);
        if (!(await until(() => isHealth(server, 200), PATIENCE_MS, 100))) found.push("/healthz does not answer 200 after the outage.");
        await acknowledged(scene, calls.length, "after the outage");
        if (round < rounds && disk.cut && chance.of(0.5)) {
          await end(scene, server, disk, stream, since);
          server = await startServer(folder, 0, disk);
        } else {
          stream.halt();
          await stream.ended;
          found.push(...wrongAnswers(calls.slice(since)));
        }
      }
      await check(scene, server, folder, { since, outcomesMayMiss: true });
      const refused = calls.slice(since).filter((call) => call.refused).length;
      tell(`round ${round}: ${calls.length - since} calls, ${refused} of them refused, ${calls.length} in all`);
    }
    if (found.length === 0) await check(scene, server, folder, { since: 0, outcomesMayMiss: true });
    const status = await server.stop();
    if (status !== 0 && found.length === 0) found.push(`The server was told to stop, and ended with ${status}: ${server.log()}`);
  } finally {
    await server.kill();
    disk.remove();
  }
}

/** The server goes in the midst of its work: the power does, where it can, or it is killed. */
async function end({ calls, chance, found }: Scene, server: Server, disk: Disk, stream: Stream, since: number): Promise<void> {
  // What was not answered while it ran.
  found.push(...wrongAnswers(calls.slice(since)));
  if (disk.cut && chance.of(0.7)) {
    await disk.cut(server);
    if (server.alive()) found.push("The power went, and the server writes nothing.");
  }
  stream.halt();
  await server.kill();
  await stream.ended;
}

/** Waits until the outage shows, in answers and in the health, and a while longer. */
async function outage({ calls, chance, found }: Scene, server: Server, disk: Disk, since: number): Promise<void> {
  const refused = () => calls.slice(since).filter((call) => call.refused).length;
  const isDown = async () => {
    disk.failOn();
    return refused() >= REFUSALS && (await isHealth(server, 503));
  };
  if (!(await until(isDown, PATIENCE_MS, 100))) {
    found.push(`The disk takes nothing, and yet only ${refused()} calls were refused, or /healthz does not answer 503.`);
  }
  const more = chance.between(8, 100);
  await until(() => {
    disk.failOn();
    return refused() > REFUSALS + more;
  }, PATIENCE_MS);
  if (!server.log().includes('"event":"call failed"')) found.push("Calls were refused, and the operator was not told why.");
}

async function acknowledged({ calls, found }: Scene, since: number, when: string): Promise<void> {
  const kinds = ["CreateKey", "CreateAlias", "TagResource", "Encrypt"];
  const missing = () =>
    kinds.filter((kind) => !calls.slice(since).some(({ deed, acknowledged }) => deed.operation === kind && acknowledged !== undefined));
  if (!(await until(() => missing().length === 0, PATIENCE_MS))) found.push(`No ${missing()} was acknowledged ${when}.`);
}

/** A server that is started while nothing can be written comes up or says why not; it does not hang. */
async function startMeanwhile(folder: string, disk: Disk): Promise<void> {
  try {
    const server = await startServer(folder, 0, disk);
    await server.kill();
  } catch (cause) {
    if (String(cause).includes("not ready")) throw cause;
  }
}

async function isHealth({ url, log }: Server, status: number): Promise<boolean> {
  const answer = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new Error(`The server does not answer any more, or not in 10 s: ${log()}`, { cause });
  });
  const { status: told } = (await answer.json()) as { readonly status: string };
  return answer.status === status && (told === "ok") === (status === 200);
}

/** Answers that are neither a success nor KMSInternalException. */
function wrongAnswers(calls: readonly Call[]): string[] {
  return calls.flatMap((call) => {
    const { refused, cutOff } = call;
    if (cutOff !== undefined) return [`${named(call)} was not answered: ${cutOff}`];
    return refused && refused.error !== "KMSInternalException" ? [`${named(call)} was refused with ${refused.error}.`] : [];
  });
}
