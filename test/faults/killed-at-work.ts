import { join } from "node:path";
import { type Act, type Begun, Cut, type Outcome, type Stage } from "./act.ts";
import { damage, readBooks } from "./books.ts";
import { wrongInIntents } from "./reconciled.ts";
import { wrongInLog } from "./recorded.ts";
import type { Scenario, Scene } from "./scenario.ts";
import { type Server, startServer } from "./server.ts";
import { stageOf } from "./stage.ts";
import { wrongInStore } from "./whole.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Longer than the lease of a timer, and than a timer waits for another that has begun. */
const LATER = 10 * MINUTE;
/** From so many rounds on, each act is killed at each of its points; with fewer, at one of them. */
const EVERY_POINT = 20;
/** As many points has every act. */
const FIRST_POINTS = 6;
const CLIENTS = 4;
/** Acts of each client in a round. */
const ACTS = 2;
/** Points that are passed in a random round, about; half of its servers die before they get so far. */
const IN_A_ROUND = 200;
/** In which one Region tells another something, is answered, and acts on that. */
const TURNS = 3;
/** Rounds between two readings of the whole log. */
const BETWEEN_BOOKS = 10;
/** Of the subjects of earlier rounds, how many are looked at in each. */
const SAMPLE = 6;

/**
 * A scenario of acts: each is killed at each of its points, one after the other; then several clients act at once, and the server dies anywhere.
 *
 * After each restart what was acknowledged is done, everything else is done or undone, and what is undone can be done.
 */
export const killedAtWork = (name: string, acts: readonly [Act, ...Act[]]): Scenario => ({
  name,
  async play(scene) {
    const play = await stagingOf(scene);
    for (const act of acts) if (scene.found.length === 0) await walk(act, scene, play);
    for (let round = 1; round <= scene.rounds && scene.found.length === 0; round += 1) await atRandom(acts, round, scene, play);
    if (scene.found.length === 0) await settled(scene, play);
  },
});

type Staging = Awaited<ReturnType<typeof stagingOf>>;

/** A server on the scenario's folder, the time there, and who calls it. */
async function stagingOf(scene: Scene) {
  const folder = join(scene.place, "data");
  let ahead = 0;
  let serial = 0;
  let server = await startServer(folder, ahead, { told: true });
  const lasting: Begun[] = [];
  return {
    folder,
    lasting,
    server: () => server,
    stage(of: string): Stage {
      serial += 1;
      return stageOf(scene, server, `${scene.name}-${of.replaceAll(/\W+/g, "-")}-${serial}`, () => new Date(Date.now() + ahead));
    },
    async pass(ms: number): Promise<void> {
      ahead += ms;
      await server.tell({ ahead });
    },
    /** Whether they did all that was due; undefined when the server died of it. */
    async runTimers(): Promise<boolean | undefined> {
      const failed = await server.tell({ runTimers: true });
      if (failed) scene.found.push(`${failed} of what was due could not be done: ${server.log()}`);
      return failed === undefined ? undefined : failed === 0;
    },
    /** Another server takes over, a while later. Says where the last one died. */
    async again(): Promise<string> {
      await server.kill();
      const where = diedAt(server);
      ahead += LATER;
      server = await startServer(folder, ahead, { told: true });
      return where;
    },
  };
}

const diedAt = (server: Server): string => /^killed (.*)$/m.exec(server.log())?.[1] ?? "while nothing was written";

/** Kills an act at its first point, and another one at the second, until one comes to its end; or, with few rounds, one at one of the first. */
async function walk(act: Act, scene: Scene, play: Staging): Promise<void> {
  const { found, rounds, chance, tell } = scene;
  const [first, last] = rounds >= EVERY_POINT ? [1, Number.POSITIVE_INFINITY] : Array(2).fill(Math.ceil(chance.between(0, FIRST_POINTS)));
  let points = 0;
  for (let point = first; point <= last && found.length === 0; point += 1) {
    const begun = await act.begin(play.stage(act.name));
    if (act.days) await play.pass(act.days * DAY);
    await play.server().tell({ dieAt: point });
    const acknowledged = await performed(begun, act, play);
    // Perhaps it died after it had answered.
    const survived = (await play.server().tell({ dieAt: 0 })) !== undefined;
    if (!survived) {
      points += 1;
      tell(`${act.name}: ${point}: ${await play.again()}`);
    }
    await finish(act, begun, acknowledged, scene, play);
    if (survived) break;
  }
  tell(`${act.name} was killed at ${points} points`);
}

/** Whether somebody was told that it was done. */
async function performed({ perform }: Begun, { name }: Act, play: Staging): Promise<boolean> {
  if (!perform) return (await play.runTimers()) === true;
  try {
    await perform(play.stage(name));
    return true;
  } catch (cause) {
    if (!(cause instanceof Cut)) throw cause;
    return false;
  }
}

/** What was acknowledged is done; the rest can be done, by whoever asks again or by the timers of the next server. */
async function finish(act: Act, begun: Begun, acknowledged: boolean, { found }: Scene, play: Staging): Promise<void> {
  const said = (outcome: Outcome, wanted: string) => {
    if (outcome === "undone") found.push(`${act.name} was ${wanted}, and is not done.`);
  };
  await spread(act, play);
  const before = await begun.look(play.stage(act.name));
  if (acknowledged) said(before, "acknowledged");
  else if (!begun.perform || before === "undone") {
    await performed(begun, act, play);
    await spread(act, play);
    said(await begun.look(play.stage(act.name)), "done again");
  }
  await begun.end?.(play.stage(act.name));
  if (begun.lasts) play.lasting.push(begun);
}

/** What is to be told to other Regions goes there and back. */
async function spread({ spreads }: Act, play: Staging): Promise<void> {
  for (let turn = 0; spreads && turn < TURNS; turn += 1) {
    await play.pass(LATER);
    await play.runTimers();
  }
}

interface Playing {
  readonly act: Act;
  readonly begun: Begun;
  acknowledged: boolean;
}

/** Several clients act at once on a server that dies anywhere: in the midst of all of that, or when they are done. */
async function atRandom(acts: readonly [Act, ...Act[]], round: number, scene: Scene, play: Staging): Promise<void> {
  const { chance, found, calls, tell } = scene;
  const since = calls.length;
  const playing: Playing[] = [];
  const begin = async (act: Act) => {
    const one: Playing = { act, begun: await act.begin(play.stage(act.name)), acknowledged: false };
    playing.push(one);
    return one;
  };
  const chosen = Array.from({ length: CLIENTS }, () => Array.from({ length: ACTS }, () => chance.pick(acts)));
  for (const act of chosen.flat()) if (act.days) await begin(act);
  await play.pass(Math.max(0, ...playing.map(({ act }) => act.days ?? 0)) * DAY);

  await play.server().tell({ dieAt: Math.ceil(chance.between(0, IN_A_ROUND)) });
  const client = async (own: readonly Act[]) => {
    try {
      for (const act of own) {
        if (act.days) continue;
        const one = await begin(act);
        one.acknowledged = await performed(one.begun, act, play);
      }
    } catch (cause) {
      if (!(cause instanceof Cut)) throw cause;
    }
  };
  const due = playing.filter(({ begun }) => !begun.perform);
  const timers = async () => {
    if ((await play.runTimers()) === true) for (const one of due) one.acknowledged = true;
  };
  await Promise.all([...chosen.map(client), timers()]);
  const where = await play.again();

  const earlier = play.lasting.filter(() => chance.of(SAMPLE / Math.max(play.lasting.length, SAMPLE)));
  for (const { act, begun, acknowledged } of playing) await finish(act, begun, acknowledged, scene, play);
  for (const { look } of earlier)
    if ((await look(play.stage("earlier"))) === "undone") found.push("What was done in an earlier round is undone.");
  tell(`round ${round}: ${playing.length} acts, ${calls.length - since} calls, ${calls.length} in all; died ${where}`);
  if (round % BETWEEN_BOOKS === 0) await checkBooks(scene, play);
}

async function checkBooks(scene: Scene, { folder }: Staging): Promise<void> {
  const books = readBooks(folder);
  scene.records = books.entries.length;
  scene.found.push(...damage(folder), ...wrongInLog(books, scene.calls, { outcomesMayMiss: false }), ...(await wrongInStore(folder)));
}

/** In the end everything that was begun has its event, and nothing is left over. */
async function settled(scene: Scene, play: Staging): Promise<void> {
  await play.pass(LATER);
  await play.runTimers();
  await play.server().stop();
  const intents = await wrongInIntents(play.folder);
  scene.found.push(...intents.found);
  scene.tell(`${intents.reconciled} changes that a kill had kept from telling their end were reconciled`);
  await checkBooks(scene, play);
}
