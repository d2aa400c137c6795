import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { segmentsDdl, unpackers } from "#store/drivers/sqlite-segments";

test("a row of few bytes that names more text than memory holds is one that cannot be read", () => {
  const database = new DatabaseSync(":memory:");
  database.exec(segmentsDdl("log"));
  database.prepare('INSERT INTO "log.segments" VALUES (?, ?, 1, ?)').run("r", "p", "x".repeat(2 ** 20));
  const unpack = unpackers(database, "log")();
  expect(unpack("r", "p", new Uint8Array([3]))).toHaveLength(2 ** 20);
  expect(unpack("r", "p", new Uint8Array(600).fill(3))).toBeUndefined();
});
