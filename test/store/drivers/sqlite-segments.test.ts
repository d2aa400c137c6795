import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { openToWrite } from "#store/drivers/sqlite-schema";
import { packer, segmentSweeper, unpackers } from "#store/drivers/sqlite-segments";
import { sweep } from "#store/drivers/sqlite-sweeper";
import { logTexts } from "../log-text.ts";

const parent = mkdtempSync(join(tmpdir(), "trent-segments-"));
afterAll(() => rmSync(parent, { recursive: true }));
const [REGION, DAY] = ["eu-west-1", "111122223333#20260501#0"];

let sql: DatabaseSync;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(parent, "log-"));
  sql = openToWrite(folder, "log");
});
afterEach(() => {
  vi.useRealTimers();
  sql.close();
});

const kept = () => Number(sql.prepare('SELECT count(*) AS kept FROM "log.segments"').get()?.["kept"]);
const read = (body: unknown, pk = DAY) => unpackers(sql, "log")()(REGION, pk, body);
const said = (number: number) =>
  JSON.stringify({
    w: "writer of them all",
    n: number,
    c: { a: "arn:aws:iam::111122223333:user/alice" },
    q: { keyId: "alias/of a key" },
    t: number,
  });

test("any text reads as it was written, whatever came before it, by whichever of two processes", () => {
  const word = fc.oneof(
    fc.constantFrom(',"the same segment again"', ',"another such segment":', '"', ",", ""),
    fc.string({ unit: "grapheme" }),
  );
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));
  const one = packer(sql, "log");
  const other = packer(sql, "log");
  const written: [body: unknown, pk: string, text: string][] = [];
  fc.assert(
    fc.property(text, fc.boolean(), fc.constantFrom(DAY, "444455556666#20260501#0"), (text, first, pk) => {
      const body = (first ? one : other).pack(REGION, pk, text);
      written.push([body, pk, text]);
      expect(read(body, pk)).toBe(text);
    }),
    { numRuns: 500 },
  );
  expect(written.filter(([body]) => typeof body !== "string").length).toBeGreaterThan(50);
  for (const [body, pk, text] of written) expect(read(body, pk)).toBe(text);
});

test("long and wide texts, too", () => {
  const { pack } = packer(sql, "log");
  const wide = (number: number) => `${said(number)}${"€".repeat(5_000)},"the same segment again"${"𝄞".repeat(70_000)}`;
  for (const number of [1, 2, 3]) expect(read(pack(REGION, DAY, wide(number)))).toBe(wide(number));
});

test("the third record of the same is a fifth as long, and what comes once is kept nowhere else", () => {
  const { pack } = packer(sql, "log");
  expect(pack(REGION, DAY, said(1))).toBe(said(1));
  pack(REGION, DAY, said(2));
  const third = pack(REGION, DAY, said(3)) as Uint8Array;
  expect(third.length).toBeLessThan(said(3).length / 5);
  const texts = sql
    .prepare('SELECT text FROM "log.segments"')
    .all()
    .map(({ text }) => text);
  expect(new Set(texts)).toEqual(
    new Set([',"c":{"a":"arn:aws:iam::111122223333:user/alice"}', ',"q":{"keyId":"alias/of a key"}', '{"w":"writer of them all"']),
  );
});

test("what is no packed text is read as none, and never as another", () => {
  const { pack } = packer(sql, "log");
  const [, , whole] = [1, 2, 3].map((number) => pack(REGION, DAY, said(number))) as [unknown, unknown, Uint8Array];
  for (const body of [
    null,
    7,
    Uint8Array.of(0x03, 0x81),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f),
    Uint8Array.of(0xfe, 0xff, 0xff, 0x7f),
  ])
    expect(read(body)).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      expect(read(whole.map((byte, index) => (index === at ? byte ^ by : byte)))).not.toBe(said(3));
    }),
  );
  expect(read(whole, "another partition")).toBeUndefined();
});

describe("a packer does not count on segments", () => {
  const append = (pk: string, numbers: readonly number[]) => ({
    pk,
    sk: `0190${numbers}`,
    version: 1,
    body: numbers.map(said).join(),
    expires: 9,
  });

  test("of a write that was undone", async () => {
    const database = openSqlite({ folder });
    const table = database.table("log", REGION);
    const row = (sk: string) => ({ ...append(DAY, [1]), sk });
    await table.append([row("1")]);
    await expect(table.append([row("2"), row("3"), row("1")])).rejects.toThrow("condition");
    for (const sk of ["4", "5", "6"]) await table.append([row(sk)]);
    for (const sk of ["1", "4", "5", "6"]) expect((await table.get({ pk: DAY, sk }))?.body).toBe(said(1));
    expect(logTexts(sql).map(({ body }) => body)).toEqual(Array(4).fill(said(1)));
    await database.close();
  });

  test("of a partition that nobody wrote to for longer than its rows may live", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { pack } = packer(sql, "log");
    for (const number of [1, 2]) pack(REGION, DAY, said(number));
    expect(kept()).toBe(3);
    const drop = segmentSweeper(sql, "log", 100);
    drop(REGION, DAY);
    expect(kept()).toBe(0);
    vi.setSystemTime(Date.now() + 2 * 3_600_000);
    expect(read(pack(REGION, DAY, said(3)))).toBe(said(3));
  });
});

test("segments go when the last row of their partition has gone, and not before", async () => {
  const database = openSqlite({ folder });
  const table = database.table("log", REGION);
  const row = (pk: string, number: number) => ({
    pk,
    sk: `0190000${number}`,
    version: 1,
    body: said(number),
    expires: number < 3 ? 100 : 200,
  });
  const other = "444455556666#20260501#0";
  for (const number of [1, 2, 3])
    for (const pk of [DAY, other])
      await table.append([row(pk, pk === other ? 1 : number)].map((one) => ({ ...one, sk: `0190000${number}` })));
  await database.close();
  expect(kept()).toBe(6);
  for (const _ of sweep(sql, "log", 150));
  expect(kept()).toBe(3);
  expect(logTexts(sql).map(({ body }) => body)).toEqual([said(3)]);
  for (const _ of sweep(sql, "log", 250));
  expect(kept()).toBe(0);
});

test("a folder of the layout before is read and goes on", async () => {
  sql.exec('DROP TABLE "log.segments"; PRAGMA user_version = 3');
  sql.prepare("INSERT INTO log (region, pk, sk, version, body) VALUES (?, ?, '0', 1, ?)").run(REGION, DAY, said(0));
  expect(read(said(0))).toBe(said(0));
  expect(read(Uint8Array.of(3))).toBeUndefined();
  sql.close();
  const database = openSqlite({ folder });
  const table = database.table("log", REGION);
  for (const number of [1, 2, 3]) await table.append([{ pk: DAY, sk: String(number), version: 1, body: said(number) }]);
  expect((await table.query({ pk: DAY, limit: 9 })).rows.map(({ body }) => body)).toEqual([0, 1, 2, 3].map(said));
  await database.close();
  sql = openToWrite(folder, "log");
});
