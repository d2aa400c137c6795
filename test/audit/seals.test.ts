import { randomUUID } from "node:crypto";
import { generateKey } from "@trent/crypto";
import { afterEach, expect, test } from "vitest";
import { checkSeals } from "#domain/seal-check";
import { isSigned } from "#store/audit-keys";
import { domainKeys, ensureDomainKeys } from "#store/domain-keys";
import { openSqlite } from "#store/drivers/sqlite";
import { logWriter } from "#store/log";
import { sealer } from "#store/seals";
import { faulty, noRecords } from "../pipeline/faulty-database.ts";

const REGION = "us-east-1";
const database = faulty(openSqlite({ memory: true }));
const control = generateKey();
const roots = { control: async () => control, material: async () => control };
const table = database.table("log", REGION);
await ensureDomainKeys(database, "global", roots, new Date());

/** A writer and its sealer, as a process has them. */
function open() {
  const writer = logWriter({ table, shards: 1, days: 90, newWriter: randomUUID });
  const sealing = sealer({ table, region: REGION, retention: { days: 90 }, writer, keys: domainKeys(database, "global", roots) });
  const append = (id: string) => writer.append({ account: "111122223333", id, at: new Date(), body: '{"e":"ListKeys"}' });
  return { writer, append, key: () => sealing.key(), seal: () => sealing.seal(new Date()) };
}

async function checked() {
  const { publicKey } = await open().key();
  const { rows } = await table.query({ pk: "SEAL", limit: 1000 });
  return checkSeals({
    region: REGION,
    rows,
    witness: [],
    days: 90,
    now: Date.now(),
    isSigned: ({ text, signature }) => isSigned(publicKey, text, signature),
  });
}

afterEach(() => database.strike());

test("one audit key is made, however many ask for it at once", async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => open().key()));
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1);
});

test("a seal is made only of what was written since, and says what was sealed before", async () => {
  const { append, seal } = open();
  expect(await seal()).toBeUndefined();
  await append("1");
  const first = await seal();
  expect(first?.seal.heads).toMatchObject([{ number: 1 }]);
  expect(await seal()).toBeUndefined();
  await append("2");
  expect((await seal())?.seal).toMatchObject({
    previous: { digest: first?.digest },
    heads: [{ number: 2, since: { number: 1, at: first?.seal.at } }],
  });
});

test("many processes seal at once: every seal has its number and names the one before", async () => {
  const processes = Array.from({ length: 10 }, open);
  await Promise.all(processes.map(({ append }, at) => append(`process ${at}`)));
  const made = await Promise.all(processes.map(({ seal }) => seal()));
  expect(new Set(made.map((one) => one?.seal.number)).size).toBe(10);
  const { findings, writers } = await checked();
  expect(findings).toEqual([]);
  for (const { writer } of processes) expect(writers.get(writer.heads()[0]?.writer ?? "")).toMatchObject({ sealed: 1 });
});

test("a writer that ended over a failure is sealed up to its last certain row", async () => {
  const { append, seal, writer } = open();
  await append("before");
  const [head] = writer.heads();
  database.strike(noRecords);
  await expect(append("lost")).rejects.toThrow();
  database.strike();
  await append("after");
  const made = await seal();
  expect(made?.seal.heads).toMatchObject([head, { number: 1 }]);
  expect(writer.heads(), "it is forgotten then").toHaveLength(1);
});

test("a seal that could not be written is made the next time", async () => {
  const { append, seal } = open();
  await append("a");
  database.strike((name, rows) => {
    if (name === "log" && rows.some(({ pk }) => pk === "SEAL")) throw new Error("disk is full");
  });
  await expect(seal()).rejects.toThrow("disk is full");
  database.strike();
  expect((await seal())?.seal.heads).toMatchObject([{ number: 1 }]);
  expect((await checked()).findings).toEqual([]);
});
