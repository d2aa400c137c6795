import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { KMSClient } from "@aws-sdk/client-kms";
import { SIGHTS, type Side } from "./at-once.ts";
import { perform, settle } from "./calls.ts";
import { check, type Scenario, type Scene, unexpected, until } from "./scenario.ts";
import { type Server, startServer } from "./server.ts";
import { CLIENTS, startStream, tagsOf } from "./stream.ts";

/** Two servers on one data folder, of which one is killed in the midst of it: nothing is lost, and neither ever answers what is no longer so. */
export const pair: Scenario = { name: "pair", play };

type Pair = [Server, Server];
const WATCHERS = 3;

async function play(scene: Scene): Promise<void> {
  const { rounds, chance, place, calls, found, tell } = scene;
  const folder = join(place, "data");
  // Two first starts at once: both must come to serve the same account.
  const servers: Pair = await Promise.all([startServer(folder), startServer(folder)]);
  for (let round = 1; round <= rounds && found.length === 0; round += 1) {
    const since = calls.length;
    const clients = servers.map((server) => Array.from({ length: CLIENTS }, () => server.client()));
    const alive = () => servers.flatMap((server, side) => (server.alive() ? [side] : []));
    await contend(scene, clients, `pair-${round}-contended`);
    const clientOf = (worker: number) => {
      const [first, ...others] = alive();
      return first === undefined ? undefined : clients[chance.pick([first, ...others])]?.[worker];
    };
    const stream = startStream({ label: `pair-${round}`, calls, chance, clientOf });
    const watchers = Array.from({ length: WATCHERS }, (_, number) => watch(scene, servers, `pair-${round}-${number}`));

    await until(() => calls.length - since > 40, 15_000, 5);
    await pause(chance.between(100, 1_500));
    if (chance.of(0.2)) {
      await servers[chance.pick([0, 1])]?.freeze(chance.between(50, 800));
      await pause(chance.between(0, 300));
    }
    found.push(...unexpected(calls.slice(since)));
    const victim = chance.pick([0, 1]);
    // Seldom both, at the same moment.
    if (chance.of(0.15)) {
      stream.halt();
      await Promise.all(servers.map((server) => server.kill()));
    } else {
      await servers[victim]?.kill();
      // The other goes on.
      await pause(chance.between(50, 500));
      stream.halt();
    }
    await Promise.all([stream.ended, ...watchers]);

    for (const [side, server] of servers.entries()) if (side !== victim && !server.alive()) servers[side] = await startServer(folder);
    await check(scene, servers[1 - victim] as Server, folder, { since, outcomesMayMiss: false });
    servers[victim] = await startServer(folder);
    tell(`round ${round}: ${calls.length - since} calls, ${calls.length} in all`);
  }
  for (const server of servers) if (found.length === 0) await check(scene, server, folder, { since: 0, outcomesMayMiss: false });
  for (const server of servers) {
    const status = await server.stop();
    if (status !== 0 && found.length === 0) found.push(`A server was told to stop, and ended with ${status}: ${server.log()}`);
  }
}

async function newKey({ calls }: Scene, client: KMSClient | undefined, description: string): Promise<string | undefined> {
  const made = client && (await perform(client, { operation: "CreateKey", description, tags: [] }, calls));
  return made?.acknowledged?.keyId;
}

/** Both servers change one key at once: what is acknowledged is there, however often it had to be tried. */
async function contend(scene: Scene, clients: readonly KMSClient[][], name: string): Promise<void> {
  const keyId = await newKey(scene, clients[0]?.[0], name);
  if (keyId === undefined) return;
  const tag = (client: KMSClient, number: number) =>
    perform(client, { operation: "TagResource", keyId, tags: tagsOf(`${name}-${number}`, 3), contended: true }, scene.calls);
  const made = await Promise.all(clients.flat().map(tag));
  const late = made.filter(({ refused }) => refused).length;
  if (late > 0) scene.tell(`${name}: ${late} of ${made.length} changes were refused after four tries`);
}

/** Changes something on one server and looks at it on the other, in turns, until one of them is gone. */
async function watch(scene: Scene, servers: Readonly<Pair>, label: string): Promise<void> {
  const { chance, found } = scene;
  const pairOfClients = servers.map((server) => server.client());
  const [one, two] = servers.map((server, number) => sideOf(scene, server, pairOfClients[number] as KMSClient)) as [Side, Side];
  try {
    const key = await newKey(scene, pairOfClients[0], `${label}-key`);
    const other = await newKey(scene, pairOfClients[1], `${label}-other`);
    if (key === undefined || other === undefined) return;
    for (let turn = 1; ; turn += 1) {
      const [here, there] = chance.of(0.5) ? [one, two] : [two, one];
      const wrong = (sentence: string) => void found.push(sentence);
      await chance.pick(SIGHTS)(here, there, { account: servers[0].account, key, other, name: `${label}-${turn}`, wrong });
    }
  } catch (cause) {
    if (!(cause instanceof Gone) && servers.every((server) => server.alive())) throw cause;
  }
}

/** A call was cut off, or not answered as it had to be, which the ledger and the findings tell. */
class Gone extends Error {
  override readonly name = "Gone";
}

function sideOf({ calls, found }: Scene, server: Server, client: KMSClient): Side {
  const make = async <T extends { readonly $metadata?: { readonly requestId?: string | undefined } }>(
    name: string,
    send: (client: KMSClient) => Promise<T>,
  ) => {
    if (!server.alive()) throw new Gone();
    let output: T | undefined;
    const call = await settle({ deed: { operation: "other", name } }, calls, async () => {
      output = await send(client);
      return { requestId: output.$metadata?.requestId ?? "" };
    });
    if (call.cutOff !== undefined) throw new Gone();
    return { output, error: call.refused?.error ?? "success", requestId: (call.refused ?? call.acknowledged)?.requestId };
  };

  return {
    async does(name, send) {
      const { output, error, requestId } = await make(name, send as (client: KMSClient) => Promise<object>);
      if (output !== undefined) return output as Awaited<ReturnType<typeof send>>;
      found.push(`${name} (${requestId}) had to succeed, and was refused with ${error}.`);
      throw new Gone();
    },
    async refuses(name, expected, send) {
      const { error, requestId } = await make(name, send as (client: KMSClient) => Promise<object>);
      if (error === expected) return;
      found.push(`${name} (${requestId}) had to be refused with ${expected}; it was answered ${error}.`);
      throw new Gone();
    },
  };
}
