/**
 * DynamoDB slow, throttling, refusing, silent, or doing what it is asked without saying so: the service answers what KMS may answer, and what
 * it has answered stays.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { CreateAliasCommand, CreateKeyCommand, DeleteAliasCommand, type KMSClient } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openDynamodb } from "#store/drivers/dynamodb";
import { createTables } from "#store/drivers/dynamodb-tables";
import type { TableName } from "#store/tables";
import { HOME, type Service, startService } from "../service.ts";
import { startDynalite } from "../store/drivers/start-dynalite.ts";
import { wrongInAnswers } from "./asked.ts";
import { type Books, booksOf } from "./books.ts";
import { type Call, done, named } from "./calls.ts";
import { type Chance, chanceFrom } from "./chance.ts";
import { type Asked, type Fate, type FaultProxy, startProxy } from "./dynamodb-proxy.ts";
import { wrongInState } from "./kept.ts";
import { wrongInLog } from "./recorded.ts";
import { startStream } from "./stream.ts";

/** A tenth of the time that hosts wait, as far as a busy machine allows. */
const PATIENCE = { connectMs: 200, requestMs: 300, operationMs: 1000, attempts: 3 };
const STRIKE_MS = 800;
const AT_REST = 8;
const seed = Date.now() % 1_000_000;

const tableName = (name: TableName, region: string): string => `${region}-${name}`;
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

let direct: DynamoDBClient;
let proxy: FaultProxy;
let service: Service;
let kms: KMSClient;
let close: () => unknown;

beforeAll(async () => {
  const { endpoint, stop } = await startDynalite();
  direct = new DynamoDBClient({ endpoint, region: HOME, credentials });
  await createTables(direct, tableName, [HOME]);
  proxy = await startProxy(endpoint);
  const client = { endpoint: proxy.url, region: HOME, credentials };
  const database = openDynamodb({ client, tableName, appendBy: "put", cacheMs: 0, patience: PATIENCE });
  service = await startService({ database, regions: [HOME] });
  kms = service.kms();
  close = async () => {
    await service.stop();
    await database.close();
    proxy.stop();
    direct.destroy();
    stop();
  };
});

afterEach(() => proxy.strike());
afterAll(() => close());

async function scanned(name: TableName): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  for await (const page of paginateScan({ client: direct }, { TableName: tableName(name, HOME), ConsistentRead: true }))
    items.push(...(page.Items ?? []));
  return items;
}

/** What is stored, not read through the code that wrote it. */
async function books(): Promise<Books> {
  const rows = (items: Record<string, AttributeValue>[]) =>
    items.map(({ pk, sk, v, body, mac }) => ({
      ...{ pk: pk?.S ?? "", sk: sk?.S ?? "", version: Number(v?.N), body: body?.S ?? "" },
      ...(mac?.B && { tag: mac.B }),
    }));
  return booksOf(rows(await scanned("log")), rows(await scanned("keys")));
}

const calls: Call[] = [];

/** Eight clients at work: some calls at rest, and then while requests meet this fate; then, when all is well again, everything they were told is looked for. */
async function play(label: string, fateOf: (asked: Asked, chance: Chance) => Fate): Promise<readonly Call[]> {
  const chance = chanceFrom(seed);
  const since = calls.length;
  const stream = startStream({ label: `${label}-${seed}`, calls, chance, clientOf: () => kms });
  while (done(calls.slice(since)).length < AT_REST) await pause(10);
  proxy.strike((asked) => fateOf(asked, chance));
  await pause(STRIKE_MS);
  stream.halt();
  await stream.ended;
  proxy.strike();
  return calls.slice(since);
}

async function wrongWith(made: readonly Call[]): Promise<string[]> {
  const refused = made.flatMap((call) => {
    if (call.cutOff !== undefined) return [`${named(call)} was not answered: ${call.cutOff}`];
    if (call.refused && call.refused.error !== "KMSInternalException") return [`${named(call)} was refused: ${call.refused.error}`];
    return [];
  });
  const stored = await books();
  // Whoever was told of an outage was told nothing: the call may be done, and recorded, all the same.
  const answered = calls.map(({ deed, acknowledged }): Call => (acknowledged ? { deed, acknowledged } : { deed }));
  const kept = wrongInState(stored, calls, "apart-");
  const asked = await wrongInAnswers({ client: () => kms }, made, kept.unclaimed);
  return [...refused, ...wrongInLog(stored, answered, { outcomesMayMiss: true }), ...kept.found, ...asked];
}

const WRITES = ["PutItem", "DeleteItem", "UpdateItem"];
const some = (probability: number, fate: Fate) => (_: Asked, chance: Chance) => (chance.of(probability) ? fate : "pass");
const writes = (probability: number, fate: Fate) => (asked: Asked, chance: Chance) =>
  WRITES.includes(asked.action) && chance.of(probability) ? fate : "pass";

type Case = readonly [what: string, label: string, fateOf: (asked: Asked, chance: Chance) => Fate];

const NOW_AND_THEN: readonly [Case, ...Case[]] = [
  ["is slow", "slow", some(0.5, { slow: 120 })],
  ["throttles now and then", "throttled", some(0.3, "throttled")],
  ["fails now and then", "failing", some(0.3, "failing")],
  ["resets connections", "reset", some(0.3, "reset")],
  ["is silent now and then", "swallowed", some(0.05, "swallowed")],
  ["does what it is asked, and the answer is lost", "lost", writes(0.4, "lost")],
  ["does what it is asked, and answers in part", "cut", some(0.3, "cut")],
  ["does what it is asked, and answers when nobody waits any more", "late", writes(0.2, { late: 1_500 })],
  ["is asked everything twice", "twice", some(1, "twice")],
  ["is not what answers", "nonsense", some(0.2, "nonsense")],
];

const ALWAYS: readonly Case[] = [
  ["throttles whatever it is asked", "all-throttled", some(1, "throttled")],
  ["fails always", "all-failing", some(1, "failing")],
  ["refuses every connection", "all-reset", some(1, "reset")],
  ["is silent", "all-swallowed", some(1, "swallowed")],
  ["does what it is asked, and every answer is lost", "all-lost", writes(1, "lost")],
];

const mixed: Case = ["does all of this", "mixed", (asked, chance) => chance.pick(NOW_AND_THEN)[2](asked, chance)];

describe("what was acknowledged is there, and what was not is there wholly or not at all, when DynamoDB", () => {
  test.each([...NOW_AND_THEN, ...ALWAYS, mixed])("%s", { timeout: 30_000 }, async (_, label, fateOf) => {
    const made = await play(label, fateOf);
    // The engine may still be busy with requests that nobody waits for: what is lost is lost a second later, too.
    let wrong = await wrongWith(made);
    if (wrong.length > 0) {
      await pause(1000);
      wrong = await wrongWith(made);
    }
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
    expect(done(made).length).toBeGreaterThan(0);
    if (label.startsWith("all-")) expect(made.filter(({ refused }) => refused).length).toBeGreaterThan(0);
  });
});

describe("a write whose request is done twice, or whose answer is lost,", () => {
  test.each(["twice", "lost"] as const)("is its own when it comes back refused (%s)", async (fate) => {
    let struck = 0;
    const { KeyMetadata: { KeyId } = {} } = await kms.send(new CreateKeyCommand({}));
    const before = (await books()).items.length;
    const AliasName = `alias/apart-${fate}`;
    proxy.strike(({ action, table }) => (action === "PutItem" && table.endsWith("-keys") && struck++ === 0 ? fate : "pass"));
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
    expect(struck).toBe(fate === "lost" ? 2 : 1);
    proxy.strike();
    expect((await books()).items.length).toBe(before + 1);
    await expect(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }))).rejects.toMatchObject({
      name: "AlreadyExistsException",
    });
    await kms.send(new DeleteAliasCommand({ AliasName }));
  });
});
