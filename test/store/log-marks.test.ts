/** Marks are written down as they come, and put in order later: rows are found by their words before, meanwhile and after. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { openMemory, openSqlite } from "#store/drivers/sqlite";
import { openToWrite } from "#store/drivers/sqlite-schema";
import { markFinder, markSorter, markWriter } from "#store/drivers/sqlite-words";
import type { Row, Table } from "#store/port";

const folder = mkdtempSync(join(tmpdir(), "trent-marks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PK = "111122223333#20260501#0";
const START = Date.parse("2026-05-01T00:00:00Z");
/** More marks than may wait, in rows of many words each. */
const [ROWS, WORDS] = [260, 200];

function rowAt(number: number): Row & { readonly words: readonly string[] } {
  const hex = (START + 40 * number).toString(16).padStart(12, "0");
  const sk = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(number).padStart(12, "0")}`;
  return { pk: PK, sk, version: 1, body: `{"number":${number}}`, words: Array.from({ length: WORDS }, (_, word) => `word-${word}`) };
}

const foundBy = async (table: Table, word: string): Promise<number> => {
  let count = 0;
  for (let after: string | undefined, more = true; more; ) {
    const found = await table.search?.(word, "", { pk: PK, limit: 1_000, ...(after !== undefined && { after }) });
    count += found?.rows.length ?? 0;
    after = found?.reached;
    more = after !== undefined;
  }
  return count;
};

const countOf = (sql: DatabaseSync, name: string): number => Number(sql.prepare(`SELECT count(*) AS n FROM "log.${name}"`).get()?.["n"]);

describe("rows are found by a word, each of them, once", () => {
  test("in memory, while marks come and are put in order", async () => {
    const table = openMemory().table("log", "us-east-1");
    for (let number = 0; number < ROWS; number += 1) {
      await table.append([rowAt(number)]);
      if (number % 20 === 0 || number > ROWS - 12) expect(await foundBy(table, "word-7")).toBe(number + 1);
    }
    expect(await foundBy(table, "word-8")).toBe(ROWS);
    expect(await foundBy(table, "never")).toBe(0);
  });

  test("in a folder, and the order is that of words in the end", { timeout: 60_000 }, async () => {
    const place = join(folder, "kept");
    const database = openSqlite({ folder: place });
    const table = database.table("log", "us-east-1");
    for (let number = 0; number < ROWS; number += 1) await table.append([rowAt(number)]);
    // Slices are moved with the groups that come.
    for (let number = ROWS; number < ROWS + 60; number += 1) await table.append([rowAt(number)]);
    for (const word of ["word-0", "word-199"]) expect(await foundBy(table, word)).toBe(ROWS + 60);
    await database.close();
    const sql = openToWrite(place, "log");
    expect(countOf(sql, "marks")).toBeLessThan(ROWS * WORDS);
    expect(countOf(sql, "words")).toBeGreaterThanOrEqual(50_000);
    const missing = markFinder(sql, "log");
    for (let number = 0; number < ROWS + 60; number += 1) expect(missing("us-east-1", rowAt(number), rowAt(number).words)).toBeUndefined();
    sql.close();
  });
});

test("two processes that put the same marks in order lose none that a third writes meanwhile", () => {
  const place = join(folder, "three");
  const [one, other, third] = [0, 1, 2].map(() => openToWrite(place, "log")) as [DatabaseSync, DatabaseSync, DatabaseSync];
  const write = markWriter(third, "log");
  const sorters = [markSorter(one, "log"), markSorter(other, "log")];
  let written = 0;
  const add = (count: number) => {
    third.exec("BEGIN IMMEDIATE");
    for (let i = 0; i < count; i += 1, written += 1) write([1, written % 997, written]);
    third.exec("COMMIT");
  };
  const there = () =>
    Number(
      third
        .prepare('SELECT count(*) AS n FROM (SELECT part, word, span FROM "log.words" UNION SELECT part, word, span FROM "log.marks")')
        .get()?.["n"],
    );
  add(50_001);
  for (let round = 0; round < 120; round += 1) {
    for (const sort of round % 3 === 0 ? sorters.toReversed() : sorters) sort();
    add(10);
    if (round % 10 === 0) expect(there()).toBe(written);
  }
  expect(there()).toBe(written);
  expect(countOf(third, "marks")).toBeLessThan(2_000);
  expect(countOf(third, "words")).toBeGreaterThanOrEqual(50_001);
  for (const sql of [one, other, third]) sql.close();
});

test("what cannot be put in order now is tried again", () => {
  const place = join(folder, "busy");
  const [one, other] = [openToWrite(place, "log"), openToWrite(place, "log")];
  const [write, sort] = [markWriter(one, "log"), markSorter(one, "log")];
  one.exec("BEGIN IMMEDIATE");
  for (let i = 0; i <= 50_000; i += 1) write([1, i % 997, i]);
  one.exec("COMMIT");
  other.exec("BEGIN IMMEDIATE");
  for (let i = 0; i < 3; i += 1) sort();
  expect(countOf(other, "words")).toBe(0);
  other.exec("COMMIT");
  for (let i = 0; i < 60; i += 1) sort();
  expect([countOf(one, "words"), countOf(one, "marks")]).toEqual([50_001, 0]);
  for (const sql of [one, other]) sql.close();
});
