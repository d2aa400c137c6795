import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { openToRead } from "#store/drivers/sqlite-schema";

const SECRET = "what nobody may find".repeat(3);
let folder = "";
/** Another process that has the folder open, and writes nothing. */
let other: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trent-wiper-"));
  other = openSqlite({ folder });
});
afterEach(async () => {
  await other.close();
  rmSync(folder, { recursive: true });
});

const filesWith = (text: string) => readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));

describe("when a process that deleted something has closed the folder, it is in none of the files,", () => {
  test.each([1, 3])("of %i deletions the last as the first", async (count) => {
    const database = openSqlite({ folder });
    const table = database.table("domains", "us-east-1");
    for (let number = 1; number <= count; number += 1)
      await table.put({ pk: "DOMAIN#material", sk: `V#${number}`, version: 1, body: SECRET });
    expect(filesWith(SECRET)).not.toEqual([]);
    for (let number = 1; number <= count; number += 1) await table.delete({ pk: "DOMAIN#material", sk: `V#${number}` }, 1);
    await database.close();
    expect(filesWith(SECRET)).toEqual([]);
  });

  test("though somebody was reading at the time", async () => {
    const database = openSqlite({ folder });
    const table = database.table("domains", "us-east-1");
    await table.put({ pk: "DOMAIN#material", sk: "V#1", version: 1, body: SECRET });
    const reader = openToRead(folder, "state");
    reader.exec("BEGIN; SELECT count(*) FROM domains;");
    await table.delete({ pk: "DOMAIN#material", sk: "V#1" }, 1);
    setTimeout(() => reader.close(), 300);
    await database.close();
    expect(filesWith(SECRET)).toEqual([]);
  });
});
