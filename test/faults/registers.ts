import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisabledException,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { damage, readBooks } from "./books.ts";
import type { Chance } from "./chance.ts";
import { type Access, isLinear } from "./linear.ts";
import type { Scenario, Scene } from "./scenario.ts";
import { type Server, startServer } from "./server.ts";

/**
 * Many clients write and read the same few values of the same few keys, by two servers on one folder, of which one or both are killed meanwhile:
 * each value is a register, whoever is asked.
 */
export const registers: Scenario = { name: "registers", play };

const CLIENTS = 16;
const KEYS = 3;
const TAG = "register";

/** A value that can be written as a whole, and read. Those of one key stand in one item, but for its alias. */
interface Register {
  readonly of: string;
  /** The only values there are; absent: no two writes write the same. */
  readonly values?: readonly [string, ...string[]];
  write(client: KMSClient, KeyId: string, value: string, account: string): Promise<unknown>;
  read(client: KMSClient, KeyId: string): Promise<string | undefined>;
}

const REGISTERS: readonly Register[] = [
  {
    of: "description",
    write: (client, KeyId, Description) => client.send(new UpdateKeyDescriptionCommand({ KeyId, Description })),
    read: async (client, KeyId) => (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Description,
  },
  {
    of: "tag",
    write: (client, KeyId, TagValue) => client.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: TAG, TagValue }] })),
    read: async (client, KeyId) =>
      (await client.send(new ListResourceTagsCommand({ KeyId }))).Tags?.find(({ TagKey }) => TagKey === TAG)?.TagValue,
  },
  {
    of: "policy",
    write: (client, KeyId, Id, account) => client.send(new PutKeyPolicyCommand({ KeyId, Policy: policyOf(Id, account) })),
    read: async (client, KeyId) => JSON.parse((await client.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? "{}").Id,
  },
  {
    of: "state",
    values: ["Enabled", "Disabled"],
    write: (client, KeyId, value) => client.send(value === "Enabled" ? new EnableKeyCommand({ KeyId }) : new DisableKeyCommand({ KeyId })),
    // As it matters: by whether it encrypts.
    read: (client, KeyId) => client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("state") })).then(() => "Enabled", disabled),
  },
];

function disabled(cause: unknown): string {
  if (cause instanceof DisabledException) return "Disabled";
  throw cause;
}

/** Where an alias points, which is named after the first key that it pointed to. */
const aliasTo = (keys: readonly [string, ...string[]]): Register => ({
  of: "alias",
  values: keys,
  write: (client, KeyId, TargetKeyId) => client.send(new UpdateAliasCommand({ AliasName: `alias/${KeyId}`, TargetKeyId })),
  read: async (client, KeyId) => (await client.send(new DescribeKeyCommand({ KeyId: `alias/${KeyId}` }))).KeyMetadata?.KeyId,
});

const policyOf = (Id: string, account: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Id,
    Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "kms:*", Resource: "*" }],
  });

interface Place {
  readonly key: string;
  readonly register: Register;
  initial: string;
  history: Access[];
}

async function play(scene: Scene): Promise<void> {
  const { rounds, chance, place, calls, found, tell } = scene;
  const folder = join(place, "data");
  let servers: Server[] = [await startServer(folder), await startServer(folder)];
  const places = await placesAt(servers[0] as Server);
  for (let round = 1; round <= rounds && found.length === 0; round += 1) {
    const { account } = servers[0] as Server;
    const until = performance.now() + chance.between(500, 2_000);
    const isOver = () => performance.now() > until;
    const working = Array.from({ length: CLIENTS }, (_, i) => work(servers, { places, chance, isOver, name: `${round}-${i}`, account }));
    await pause(chance.between(200, 1_500));
    // Both go on, or one, or none.
    const victims = servers.filter(() => chance.of(0.5));
    await Promise.all(victims.map((server) => server.kill()));
    const accesses = (await Promise.all(working)).reduce((sum, count) => sum + count, 0);
    servers = await Promise.all(servers.map((server) => (server.alive() ? server : startServer(folder))));
    for (const one of places) await close(one, servers, found);
    scene.records = readBooks(folder).entries.length;
    found.push(...damage(folder));
    calls.push({ deed: { operation: "other", name: `${accesses} accesses` }, acknowledged: { requestId: `round ${round}` } });
    tell(`round ${round}: ${accesses} accesses, ${victims.length} of 2 servers killed`);
  }
  await Promise.all(servers.map((server) => server.kill()));
}

async function placesAt(server: Server): Promise<readonly Place[]> {
  const client = server.client();
  const newKey = async () => (await client.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  const keys: [string, ...string[]] = [await newKey()];
  while (keys.length < KEYS) keys.push(await newKey());
  const places: Place[] = [];
  for (const [i, key] of keys.entries()) {
    await client.send(new CreateAliasCommand({ AliasName: `alias/${key}`, TargetKeyId: key }));
    for (const register of [...REGISTERS, aliasTo(keys)]) {
      const initial = register.values?.[0] ?? `first-${i}`;
      await register.write(client, key, initial, server.account);
      places.push({ key, register, initial, history: [] });
    }
  }
  return places;
}

interface Work {
  readonly places: readonly Place[];
  readonly chance: Chance;
  readonly isOver: () => boolean;
  /** Unique. */
  readonly name: string;
  readonly account: string;
}

/** Between two calls of a client, in milliseconds at the most: clients that wait for each other see nothing soon. */
const IDLE_MS = 60;

/**
 * Writes and reads here and there, until it is over or there is no server; whoever has written asks the other server next, at once. What is
 * refused may have been done, as what is cut off. Returns how many accesses there were.
 */
async function work(servers: readonly Server[], { places: [one, ...others], chance, isOver, name, account }: Work): Promise<number> {
  const clients = servers.map((server) => server.client());
  const alive = () => [...servers.keys()].filter((side) => servers[side]?.alive());
  let count = 0;

  async function write(side: number, { key, register, history }: Place): Promise<boolean> {
    const value = register.values ? chance.pick(register.values) : `${name}-${count}`;
    const began = performance.now();
    const ended = await register.write(clients[side] as KMSClient, key, value, account).then(
      () => performance.now(),
      () => Number.POSITIVE_INFINITY,
    );
    history.push({ kind: "write", value, began, ended });
    return ended !== Number.POSITIVE_INFINITY;
  }

  async function read(side: number, { key, register, history }: Place): Promise<void> {
    const began = performance.now();
    const value = await register.read(clients[side] as KMSClient, key).catch(() => undefined);
    if (value !== undefined) history.push({ kind: "read", value, began, ended: performance.now() });
  }

  while (!isOver()) {
    const [first, ...rest] = alive();
    if (first === undefined) break;
    const side = chance.pick([first, ...rest]);
    const place = chance.pick([one as Place, ...others]);
    count += 1;
    if (chance.of(0.5)) {
      await read(side, place);
    } else if (await write(side, place)) {
      for (const other of alive().filter((other) => other !== side)) {
        count += 1;
        await read(other, place);
      }
    }
    await pause(chance.between(0, IDLE_MS));
  }
  return count;
}

/** Reads what is there now, of every server; all of it together has to be linear. */
async function close(place: Place, servers: readonly Server[], found: string[]): Promise<void> {
  const { key, register, history, initial } = place;
  let value = "";
  for (const server of servers) {
    const began = performance.now();
    value = (await register.read(server.client(), key)) ?? "";
    history.push({ kind: "read", value, began, ended: performance.now() });
  }
  if (!isLinear(initial, history))
    found.push(`The ${register.of} of ${key} is no register: ${JSON.stringify({ initial, history: history.slice(0, 400) })}`);
  place.initial = value;
  place.history = [];
}
