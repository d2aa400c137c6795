import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forget, insert, keepLog, recordsIn, remove, set, verifyAfter, verifyFolder } from "./kept-log.ts";

const kept = mkdtempSync(join(tmpdir(), "trent-audit-"));
beforeAll(() => keepLog(kept));
afterAll(() => rmSync(kept, { recursive: true, force: true }));

const SEALS = "SELECT pk, sk, body FROM log WHERE pk = 'SEAL' ORDER BY sk";
type Row = { pk: string; sk: string; body: string };
const described = (kind: string, what: RegExp | string) => expect.objectContaining({ kind, what: expect.stringMatching(what) });

test("a log that nobody touched verifies, and the records after the last seal are said to be unsealed", async () => {
  const verified = await verifyAfter(kept);
  expect(verified.findings).toEqual([]);
  expect(verified.seals).toBeGreaterThanOrEqual(3);
  expect(verified.unsealed.at(-1)).toMatchObject({ region: "us-east-1", from: 13, to: 13 });
});

describe("of the records, verify names", () => {
  test.each([1, 5, 6, 11, 12])("record %i, changed", async (number) => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const row = recordsIn(sql)[number - 1] as Row;
      set(sql, "body", row.body.replace("ListKeys", "Decrypt"), row);
    });
    expect(findings).toEqual([described("changed", `^record ${number} `)]);
  });

  test.each([1, 5, 12])("record %i, missing", async (number) => {
    const { findings } = await verifyAfter(kept, (sql) => remove(sql, recordsIn(sql)[number - 1] as Row));
    expect(findings).toContainEqual(described("missing", `^record ${number}\\b`));
  });

  test("the newest sealed ones, missing", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      for (const row of recordsIn(sql).slice(9)) remove(sql, row);
    });
    expect(findings).toEqual([described("missing", /^records 10 to 12, the newest, of which seal \d+ tells/)]);
  });

  test("all of a writer's, missing", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      for (const row of recordsIn(sql)) remove(sql, row);
    });
    expect(findings).toContainEqual(described("missing", "^records 1 to 12, the newest"));
  });

  test("one that was added under a number that is taken", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const row = recordsIn(sql)[4] as Row;
      insert(sql, { ...row, sk: row.sk.replace(/.$/, (last) => (last === "0" ? "1" : "0")) });
    });
    expect(findings).toEqual([described("added", "^record 5 ")]);
  });

  test("one that no writer wrote", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const row = recordsIn(sql)[4] as Row;
      insert(sql, { ...row, sk: `${row.sk}x`, body: '{"r":{}}' });
    });
    expect(findings).toEqual([described("changed", /no row that a writer wrote/)]);
  });

  test("those that nobody sealed in ten minutes: of a server that was killed, or forged", async () => {
    const later = (minutes: number) => verifyFolder(kept, new Date(Date.now() + minutes * 60_000));
    expect((await later(8)).findings).toEqual([]);
    expect((await later(12)).findings).toEqual([described("unsealed", "^record 13 of ")]);
    const { findings } = await verifyAfter(kept, (sql) => {
      const row = recordsIn(sql)[4] as Row;
      const sk = row.sk.replace(/^.{8}/, "01900000");
      insert(sql, { ...row, sk, body: row.body.replace(/"w":"[^"]*","n":\d+,"p":"[^"]*"/, '"w":"nobody","n":1,"p":""') });
    });
    expect(findings).toEqual([described("unsealed", "^record 1 of nobody")]);
  });

  test("two that were swapped", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const [one, other] = [recordsIn(sql)[2] as Row, recordsIn(sql)[7] as Row];
      set(sql, "body", other.body, one);
      set(sql, "body", one.body, other);
    });
    expect(findings).toContainEqual(described("changed", "^record 3 "));
    expect(findings).toContainEqual(described("changed", "^record 8 "));
  });

  test.each([
    [
      "as it is stored",
      false,
      [described("changed", /^\d{12}#20200101#0 .* is no row that a writer wrote/), described("missing", "^record 5 ")],
    ],
    ["with what it says", true, [described("changed", "^record 5 ")]],
  ])("one that was moved to another day, %s", async (_, isReadable, named) => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const row = recordsIn(sql)[4] as Row;
      if (isReadable) set(sql, "body", row.body, row);
      set(sql, "pk", row.pk.replace(/#\d{8}#/, "#20200101#"), row);
    });
    expect(findings).toEqual(expect.arrayContaining(named));
  });

  test("those that a segment was changed of, or is missing of", async () => {
    for (const change of ["UPDATE \"log.segments\" SET text = replace(text, 'ListKeys', 'Decrypt')", 'DELETE FROM "log.segments"']) {
      const { findings } = await verifyAfter(kept, (sql) => sql.exec(change));
      expect(findings).toContainEqual(described("changed", ""));
    }
  });

  test("one whose body is bytes", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const row = recordsIn(sql)[4] as Row;
      set(sql, "body", Buffer.from(row.body), row);
    });
    expect(findings).toContainEqual(described("missing", "^record 5"));
  });

  test("a day whose mark is gone", async () => {
    const { findings } = await verifyAfter(kept, (sql) => sql.exec("DELETE FROM log WHERE pk LIKE '%#DAYS'"));
    expect(findings).toEqual([described("missing", "^the mark that account")]);
  });

  test("a chain that was forged anew: its heads are not those that were sealed", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const rows = recordsIn(sql);
      for (const row of rows) set(sql, "body", row.body.replace(/"p":"[^"]*"/, '"p":""'), row);
    });
    expect(findings.length).toBeGreaterThan(0);
  });
});

describe("of the seals, verify names", () => {
  test("one that was changed", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      const row = sql.prepare(SEALS).all()[1] as unknown as Row;
      set(sql, "body", row.body.replace(/\\"number\\":\d+,\\"hash/, '\\"number\\":2,\\"hash'), row);
    });
    expect(findings).toContainEqual(described("changed", "^seal 2 is not what was signed"));
  });

  test("one that is missing", async () => {
    const { findings } = await verifyAfter(kept, (sql) => remove(sql, sql.prepare(SEALS).all()[1] as unknown as Row));
    expect(findings).toEqual([described("missing", "^seal 2$")]);
  });

  test("the newest, missing with the records that it sealed: the witness tells", async () => {
    const { findings } = await verifyAfter(kept, (sql) => {
      remove(sql, sql.prepare(SEALS).all().at(-1) as unknown as Row);
      for (const row of recordsIn(sql).slice(8)) remove(sql, row);
    });
    expect(findings).toContainEqual(described("missing", /^seal \d+, the newest, of which the witness tells/));
    expect(findings).toContainEqual(described("missing", /^records 9 to 12, the newest, of which the witness tells/));
  });

  test("all of them, missing", async () => {
    const { findings } = await verifyAfter(kept, (sql) => sql.exec("DELETE FROM log WHERE pk = 'SEAL'"));
    expect(findings).toContainEqual(described("missing", /^seals 1 to \d+, the newest/));
  });

  test("two that were swapped, and one that another key signed", async () => {
    const swapped = await verifyAfter(kept, (sql) => {
      const [one, other] = sql.prepare(SEALS).all() as unknown as [Row, Row];
      set(sql, "body", other.body, one);
      set(sql, "body", one.body, other);
    });
    expect(swapped.findings).toContainEqual(described("changed", "^seal 1 "));
    const other = await verifyAfter(kept, (_, folder) => writeFileSync(join(folder, "audit.pub"), "us-east-1 AAAA\n"));
    expect(other.findings).toContainEqual(described("changed", "^seal 1 is not what was signed"));
  });
});

describe("a witness", () => {
  test("that was cut short alarms nobody, and neither does a torn line", async () => {
    const cut = await verifyAfter(kept, (_, folder) => forget(folder, (line) => line.includes('"seal":')));
    expect(cut.findings).toEqual([]);
    const torn = await verifyAfter(kept, (_, folder) => writeFileSync(join(folder, "heads.jsonl"), '{"head":{"at":1,"reg'));
    expect(torn.findings).toEqual([]);
  });

  test("that was changed contradicts the seals", async () => {
    const { findings } = await verifyAfter(kept, (_, folder) => {
      forget(folder, () => true);
      writeFileSync(join(folder, "heads.jsonl"), '{"head":{"at":1,"region":"us-east-1","seal":1,"digest":"other"}}\n');
    });
    expect(findings).toEqual([described("changed", "^seal 1 is not the one that the witness tells of")]);
  });
});
