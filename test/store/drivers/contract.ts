import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CeilingReached, Conflict, type Database, type HintPage, type Query, type Row, type Table } from "#store/port";
import { GLOBAL } from "#store/tables";

export const REGIONS = ["eu-west-1", "us-east-1"] as const;

/** An empty store, and ways to open it. */
export interface Store {
  open(): Database;
  stop(): Promise<void>;
}

export interface Engine {
  start(): Promise<Store>;
  /** Whether what is opened twice is one store. */
  readonly shared: boolean;
  /** Whether an append of many rows is one write. */
  readonly atomicAppends: boolean;
  /** How many callers contend for one row, of those who can be waited for. */
  readonly contenders: number;
  /** How long a changed row may stay unnoticed. */
  readonly cacheMs: number;
}

const mac = { tag: Uint8Array.from({ length: 32 }, (_, i) => i * 8), key: 3 };

/** Holds a driver to every sentence of `lambdas/store/port.ts`. */
export function contract(name: string, engine: Engine): void {
  describe(`the table port on ${name}`, () => {
    let store: Store;
    let database: Database;
    let keys: Table;
    let quotas: Table;
    let log: Table;
    let count = 0;
    /** A partition that no other test uses. */
    const partition = (): string => `P#${++count}`;

    beforeAll(async () => {
      store = await engine.start();
      database = store.open();
      keys = database.table("keys", REGIONS[0]);
      quotas = database.table("quotas", REGIONS[0]);
      log = database.table("log", REGIONS[0]);
    });

    afterAll(async () => {
      await database.close();
      await store.stop();
    });

    describe("get", () => {
      test("finds nothing where nothing was put", async () => {
        expect(await keys.get({ pk: partition(), sk: "KEY" })).toBeUndefined();
      });

      test("returns a row as it was put, whole", async () => {
        const pk = partition();
        const bare: Row = { pk, sk: "BARE", version: 1, body: "{}" };
        const full: Row = {
          ...{ pk, sk: "FULL", version: 1, body: `{"a":1}`, mac, expires: 1_900_000_000 },
          ...{ index1: { pk: `${pk}#1`, sk: "one" }, index2: { pk: `${pk}#2`, sk: "two" } },
        };
        await keys.put(bare);
        await keys.put(full);
        expect(await keys.get(bare)).toEqual(bare);
        expect(await keys.get(full)).toEqual(full);
      });

      test.each([
        ["100 KB", `{"a":"${"x".repeat(100_000)}"}`],
        ["every script", `{"a":"日本語 Ελληνικά עברית 😀 e\u0301 \uffff \u{10ffff}"}`],
        ["control characters", `"\u0000\u0001\u001f\u007f\u0080'"\\;--%_?"`],
      ])("keeps a body of %s", async (_, body) => {
        const row: Row = { pk: partition(), sk: "KEY", version: 1, body, mac };
        await keys.put(row);
        expect(await keys.get(row)).toEqual(row);
      });

      test.each(["a\u0000b", "a", "a ", "A", "é", "e\u0301", "😀#/\\'\"%_*?[", "\u0001", " "])("keeps keys apart: %j", async (sk) => {
        const pk = `P#apart ${sk}`;
        for (const key of [
          { pk: `P#apart`, sk },
          { pk, sk: "a" },
        ]) {
          const row = { ...key, version: 1, body: JSON.stringify(key) };
          await keys.put(row);
          expect(await keys.get(key)).toEqual(row);
        }
      });

      test("takes a MAC that is a view of a larger memory", async () => {
        const row: Row = {
          pk: partition(),
          sk: "KEY",
          version: 1,
          body: "{}",
          mac: { tag: new Uint8Array(1000).fill(7).subarray(100, 132), key: 1 },
        };
        await keys.put(row);
        expect(Array.from((await keys.get(row))?.mac?.tag ?? [])).toEqual(Array(32).fill(7));
      });
    });

    describe("put", () => {
      test("refuses a row whose key is taken, and leaves that row as it was", async () => {
        const row: Row = { pk: partition(), sk: "KEY", version: 1, body: "1", mac };
        await keys.put(row);
        await expect(keys.put({ ...row, body: "2" })).rejects.toThrow(Conflict);
        expect(await keys.get(row)).toEqual(row);
      });

      test("replaces the version that it names, and the whole of it", async () => {
        const row: Row = { pk: partition(), sk: "KEY", version: 1, body: `"one"`, mac, expires: 1_900_000_000 };
        await keys.put({ ...row, index1: { pk: row.pk, sk: "1" } });
        const next: Row = { pk: row.pk, sk: row.sk, version: 2, body: `"two"` };
        await keys.put(next, 1);
        expect(await keys.get(row)).toEqual(next);
      });

      test("refuses to replace another version, and leaves the row as it was", async () => {
        const row: Row = { pk: partition(), sk: "KEY", version: 5, body: "{}", mac };
        await keys.put(row);
        for (const replacing of [0, 4, 6])
          await expect(keys.put({ ...row, version: replacing + 1, body: "[]" }, replacing)).rejects.toThrow(Conflict);
        expect(await keys.get(row)).toEqual(row);
      });

      test("refuses to replace what is not there", async () => {
        const row: Row = { pk: partition(), sk: "KEY", version: 2, body: "{}" };
        await expect(keys.put(row, 1)).rejects.toThrow(Conflict);
        expect(await keys.get(row)).toBeUndefined();
      });

      test("lets one of 50 at once have the key", async () => {
        const pk = partition();
        const rows = Array.from({ length: 50 }, (_, i): Row => ({ pk, sk: "KEY", version: 1, body: `{"i":${i}}` }));
        const outcomes = await Promise.allSettled(rows.map((row) => keys.put(row)));
        const won = rows.filter((_, i) => outcomes[i]?.status === "fulfilled");
        expect(won).toHaveLength(1);
        expect(await keys.get({ pk, sk: "KEY" })).toEqual(won[0]);
        for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Conflict);
      });

      test("loses none of 1,000 contending replacements", async () => {
        const key = { pk: partition(), sk: "KEY" };
        await keys.put({ ...key, version: 1, body: `{"n":0}`, mac });
        await Promise.all(Array.from({ length: engine.contenders }, () => increments(keys, key, 1000 / engine.contenders)));
        expect(await keys.get(key)).toEqual({ ...key, version: 1001, body: `{"n":1000}`, mac });
      }, 60_000);
    });

    describe("delete", () => {
      test("removes the version that it names", async () => {
        const row: Row = { pk: partition(), sk: "KEY", version: 3, body: "{}", mac };
        await keys.put(row);
        await keys.delete(row, 3);
        expect(await keys.get(row)).toBeUndefined();
        await keys.put({ ...row, version: 1 });
        expect((await keys.get(row))?.version).toBe(1);
      });

      test("refuses another version, and leaves the row as it was", async () => {
        const row: Row = { pk: partition(), sk: "KEY", version: 3, body: "{}", mac };
        await keys.put(row);
        for (const version of [2, 4]) await expect(keys.delete(row, version)).rejects.toThrow(Conflict);
        expect(await keys.get(row)).toEqual(row);
      });

      test("refuses what is not there", async () => {
        await expect(keys.delete({ pk: partition(), sk: "KEY" }, 1)).rejects.toThrow(Conflict);
      });
    });

    describe("query", () => {
      const sks = async (query: Query): Promise<[string, boolean]> => {
        const { rows, more } = await keys.query(query);
        return [rows.map(({ sk }) => sk).join(" "), more];
      };
      slices(sks, async (pk, given) => {
        for (const sk of given) await keys.put({ pk, sk, version: 1, body: "{}" });
      });

      test("returns rows whole", async () => {
        const row: Row = { pk: partition(), sk: "KEY", version: 1, body: "{}", mac, index1: { pk: "x", sk: "y" }, expires: 1_900_000_000 };
        await keys.put(row);
        expect(await keys.query({ pk: row.pk, limit: 1 })).toEqual({ rows: [row], more: false });
      });

      test("reads on through pages of a megabyte", async () => {
        const pk = partition();
        const body = JSON.stringify("x".repeat(100_000));
        const rows = Array.from({ length: 25 }, (_, i): Row => ({ pk, sk: String(i).padStart(2, "0"), version: 1, body }));
        await Promise.all(rows.map((row) => keys.put(row)));
        expect(await keys.query({ pk, limit: 100 })).toEqual({ rows, more: false });
        const { rows: some, more } = await keys.query({ pk, limit: 24, backwards: true });
        expect([some.length, some[0]?.sk, more]).toEqual([24, "24", true]);
      });
    });

    describe("find", () => {
      describe.each([1, 2] as const)("by index %i", (index) => {
        const indexed = (row: Row, pk: string, sk: string): Row => ({ ...row, [`index${index}`]: { pk, sk } });
        const sks = async (query: Query): Promise<[string, boolean]> => {
          const { hints, more } = await keys.find(index, query);
          return [hints.map(({ indexSk }) => indexSk).join(" "), more];
        };
        slices(sks, async (pk, given) => {
          for (const sk of given) await keys.put(indexed({ pk: `${pk}#${sk}`, sk: "KEY", version: 1, body: "{}" }, pk, sk));
        });

        test("finds the primary keys of the rows that have the index's keys, and of no others", async () => {
          const pk = partition();
          const row: Row = { pk, sk: "A", version: 1, body: "{}" };
          await keys.put(indexed(row, `${pk}#of`, "x"));
          await keys.put({ ...row, sk: "B" });
          await keys.put(indexed({ ...row, sk: "C" }, `${pk}#other`, "x"));
          await found(index, `${pk}#of`, [{ pk, sk: "A", indexSk: "x" }]);
          await found(index === 1 ? 2 : 1, `${pk}#of`, []);
        });

        test("follows a row whose index keys change, come, go, and go with it", async () => {
          const pk = partition();
          const row: Row = { pk, sk: "A", version: 1, body: "{}" };
          await keys.put(indexed(row, `${pk}#before`, "x"));
          await keys.put({ ...indexed(row, `${pk}#after`, "y"), version: 2 }, 1);
          await found(index, `${pk}#before`, []);
          await found(index, `${pk}#after`, [{ pk, sk: "A", indexSk: "y" }]);
          await keys.put({ ...row, version: 3 }, 2);
          await found(index, `${pk}#after`, []);
          await keys.put({ ...indexed(row, `${pk}#after`, "z"), version: 4 }, 3);
          await found(index, `${pk}#after`, [{ pk, sk: "A", indexSk: "z" }]);
          await keys.delete(row, 4);
          await found(index, `${pk}#after`, []);
        });
      });

      test("finds a row by both", async () => {
        const pk = partition();
        await keys.put({ pk, sk: "A", version: 1, body: "{}", index1: { pk: `${pk}#1`, sk: "x" }, index2: { pk: `${pk}#2`, sk: "y" } });
        await found(1, `${pk}#1`, [{ pk, sk: "A", indexSk: "x" }]);
        await found(2, `${pk}#2`, [{ pk, sk: "A", indexSk: "y" }]);
      });

      test("is refused where there is no such index", async () => {
        await expect(quotas.find(1, { pk: partition(), limit: 1 })).rejects.toThrow();
      });

      /** An index may lag behind. */
      async function found(index: 1 | 2, pk: string, hints: HintPage["hints"]): Promise<void> {
        await expect.poll(() => keys.find(index, { pk, limit: 10 }), { timeout: 5000 }).toEqual({ hints, more: false });
      }
    });

    describe("add", () => {
      test("counts from 0, and returns the sum", async () => {
        const key = { pk: partition(), sk: "N" };
        expect(await quotas.add(key, 3, 10)).toBe(3);
        expect(await quotas.add(key, 4, 10)).toBe(7);
        expect(await quotas.add(key, -5, 10)).toBe(2);
      });

      test("takes up to the ceiling, refuses more, and adds nothing then", async () => {
        const key = { pk: partition(), sk: "N" };
        await expect(quotas.add(key, 11, 10)).rejects.toThrow(CeilingReached);
        expect(await quotas.get(key)).toBeUndefined();
        expect(await quotas.add(key, 10, 10)).toBe(10);
        await expect(quotas.add(key, 1, 10)).rejects.toThrow(CeilingReached);
        expect(await quotas.add(key, 0, 10)).toBe(10);
        expect(await quotas.add(key, 1, 11)).toBe(11);
      });

      test("leaves a row whose body is the sum, and which can be replaced by another", async () => {
        const key = { pk: partition(), sk: "N" };
        await quotas.add(key, 5, 10);
        await quotas.add(key, 2, 10);
        expect(await quotas.get(key)).toEqual({ ...key, version: 2, body: "7" });
        await quotas.put({ ...key, version: 3, body: "1" }, 2);
        expect(await quotas.add(key, 1, 10)).toBe(2);
      });

      test("accepts exactly the ceiling of 200 at once", async () => {
        const key = { pk: partition(), sk: "N" };
        const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => quotas.add(key, 1, 120)));
        const sums = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
        expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
        for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(CeilingReached);
      });
    });

    describe("append", () => {
      const rowsOf = (pk: string, ...given: string[]): Row[] =>
        given.map((sk) => ({ pk, sk, version: 1, body: `"${sk}"`, expires: 1_900_000_000 }));

      test("adds rows that can be read when it returns", async () => {
        const rows = rowsOf(partition(), "1", "2", "3");
        await log.append(rows);
        expect(await log.query({ pk: rows[0]?.pk ?? "", limit: 10 })).toEqual({ rows, more: false });
        await log.append([]);
      });

      test("refuses a row that exists, and leaves it as it was", async () => {
        const rows = rowsOf(partition(), "1");
        await log.append(rows);
        await expect(log.append(rows.map((row) => ({ ...row, body: "{}" })))).rejects.toThrow(Conflict);
        expect(await log.query({ pk: rows[0]?.pk ?? "", limit: 10 })).toEqual({ rows, more: false });
      });

      test(engine.atomicAppends ? "adds all rows or none" : "adds rows in their order, and stops at one that exists", async () => {
        const pk = partition();
        await log.append(rowsOf(pk, "3"));
        await expect(log.append(rowsOf(pk, "1", "2", "3", "4"))).rejects.toThrow(Conflict);
        await log.append(rowsOf(pk, "5", "6"));
        const { rows } = await log.query({ pk, limit: 10 });
        expect(rows.map(({ sk }) => sk).join("")).toBe(engine.atomicAppends ? "356" : "12356");
      });

      test("loses none of 500 at once", async () => {
        const pk = partition();
        const rows = rowsOf(pk, ...Array.from({ length: 500 }, (_, i) => String(i).padStart(3, "0")));
        await Promise.all(rows.map((row) => log.append([row])));
        expect(await log.query({ pk, limit: 1000 })).toEqual({ rows, more: false });
      });
    });

    test("Regions, and tables of one Region, do not see each other's rows", async () => {
      const key = { pk: partition(), sk: "KEY" };
      const places = [
        ...REGIONS.flatMap((region) => (["keys", "domains", "log", "quotas"] as const).map((table) => ({ table, region }))),
        ...(["shared-keys", "shared-domains", "principals"] as const).map((table) => ({ table, region: GLOBAL })),
      ];
      for (const { table, region } of places) {
        const index1 = table === "keys" ? { index1: { pk: `${key.pk}#of`, sk: "x" } } : {};
        await database.table(table, region).put({ ...key, version: 1, body: JSON.stringify({ table, region }), ...index1 });
      }
      for (const { table, region } of places) {
        const { rows } = await database.table(table, region).query({ pk: key.pk, limit: 10 });
        expect(rows.map(({ body }) => JSON.parse(body))).toEqual([{ table, region }]);
      }
      const [here, there] = REGIONS.map((region) => database.table("keys", region));
      await here?.delete(key, 1);
      await expect.poll(() => here?.find(1, { pk: `${key.pk}#of`, limit: 9 }), { timeout: 5000 }).toEqual({ hints: [], more: false });
      expect((await there?.get(key))?.body).toContain(REGIONS[1]);
      await expect.poll(async () => (await there?.find(1, { pk: `${key.pk}#of`, limit: 9 }))?.hints.length, { timeout: 5000 }).toBe(1);
    });

    describe("freshness", () => {
      test("what was read may be believed while nothing changes", async () => {
        const stamp = keys.freshness.now();
        await keys.get({ pk: partition(), sk: "KEY" });
        expect(keys.freshness.holds(stamp)).toBe(engine.cacheMs !== 0);
      });

      test("a row changed by oneself is noticed", () => noticed(database));

      test.runIf(engine.shared)("a row changed by somebody else is noticed", async () => {
        const other = store.open();
        await noticed(other);
        await other.close();
      });

      async function noticed(by: Database): Promise<void> {
        const row: Row = { pk: partition(), sk: "KEY", version: 1, body: "{}" };
        await keys.put(row);
        const stamp = keys.freshness.now();
        await keys.get(row);
        await by.table("keys", REGIONS[0]).put({ ...row, version: 2 }, 1);
        if (Number.isFinite(engine.cacheMs)) await new Promise((resolve) => setTimeout(resolve, engine.cacheMs + 5));
        expect(keys.freshness.holds(stamp)).toBe(false);
        expect((await keys.get(row))?.version).toBe(2);
      }
    });

    test.runIf(engine.shared)("what was written is there when the store is opened again", async () => {
      const row: Row = { pk: partition(), sk: "KEY", version: 1, body: "{}", mac };
      const before = store.open();
      const writing = before.table("keys", REGIONS[0]).put(row);
      await writing;
      await before.close();
      const after = store.open();
      expect(await after.table("keys", REGIONS[0]).get(row)).toEqual(row);
      await after.close();
    });

    /** The rules for slices, which `query` and `find` share. `read` returns sort keys in a line, and whether there are more. */
    function slices(read: (query: Query) => Promise<[string, boolean]>, put: (pk: string, sks: readonly string[]) => Promise<void>): void {
      const settled = (query: Query) => expect.poll(() => read(query), { timeout: 5000 });

      test("a partition that nobody wrote to is empty", async () => {
        expect(await read({ pk: partition(), limit: 5 })).toEqual(["", false]);
      });

      test("a page is bounded, and says whether there are more", async () => {
        const pk = partition();
        await put(pk, ["c", "a", "e", "b", "d"]);
        await put(`${pk}0`, ["x"]);
        await settled({ pk, limit: 9 }).toEqual(["a b c d e", false]);
        expect(await read({ pk, limit: 5 })).toEqual(["a b c d e", false]);
        expect(await read({ pk, limit: 4 })).toEqual(["a b c d", true]);
        expect(await read({ pk, limit: 1 })).toEqual(["a", true]);
        expect(await read({ pk, limit: 4, backwards: true })).toEqual(["e d c b", true]);
        expect(await read({ pk, limit: 5, backwards: true })).toEqual(["e d c b a", false]);
      });

      test("a page begins after a sort key, be it there or not", async () => {
        const pk = partition();
        await put(pk, ["b", "d", "f"]);
        await settled({ pk, limit: 9 }).toEqual(["b d f", false]);
        expect(await read({ pk, limit: 2, after: "b" })).toEqual(["d f", false]);
        expect(await read({ pk, limit: 1, after: "c" })).toEqual(["d", true]);
        expect(await read({ pk, limit: 2, after: "" })).toEqual(["b d", true]);
        expect(await read({ pk, limit: 2, after: "f" })).toEqual(["", false]);
        expect(await read({ pk, limit: 2, after: "d", backwards: true })).toEqual(["b", false]);
        expect(await read({ pk, limit: 1, after: "e", backwards: true })).toEqual(["d", true]);
        expect(await read({ pk, limit: 2, after: "b", backwards: true })).toEqual(["", false]);
        expect(await read({ pk, limit: 2, after: "z", backwards: true })).toEqual(["f d", true]);
      });

      test("a prefix takes what starts with it, and nothing beside it", async () => {
        const pk = partition();
        await put(pk, ["G", "G#", "G#1", "G#2", "G#\u{10ffff}\u{10ffff}", "G$", "H", "\u{10ffff}", "\u{10ffff}a"]);
        await settled({ pk, limit: 99 }).toEqual(["G G# G#1 G#2 G#\u{10ffff}\u{10ffff} G$ H \u{10ffff} \u{10ffff}a", false]);
        expect(await read({ pk, prefix: "G#", limit: 9 })).toEqual(["G# G#1 G#2 G#\u{10ffff}\u{10ffff}", false]);
        expect(await read({ pk, prefix: "G#", limit: 4 })).toEqual(["G# G#1 G#2 G#\u{10ffff}\u{10ffff}", false]);
        expect(await read({ pk, prefix: "G#", limit: 3 })).toEqual(["G# G#1 G#2", true]);
        expect(await read({ pk, prefix: "G#", limit: 2, backwards: true })).toEqual(["G#\u{10ffff}\u{10ffff} G#2", true]);
        expect(await read({ pk, prefix: "\u{10ffff}", limit: 9 })).toEqual(["\u{10ffff} \u{10ffff}a", false]);
        expect(await read({ pk, prefix: "G%", limit: 9 })).toEqual(["", false]);
        expect(await read({ pk, prefix: "", limit: 1, backwards: true })).toEqual(["\u{10ffff}a", true]);
      });

      test("a prefix and a beginning hold together", async () => {
        const pk = partition();
        await put(pk, ["A", "G#1", "G#2", "G#3", "H"]);
        await settled({ pk, limit: 9 }).toEqual(["A G#1 G#2 G#3 H", false]);
        expect(await read({ pk, prefix: "G#", after: "A", limit: 2 })).toEqual(["G#1 G#2", true]);
        expect(await read({ pk, prefix: "G#", after: "G#1", limit: 2 })).toEqual(["G#2 G#3", false]);
        expect(await read({ pk, prefix: "G#", after: "G#3", limit: 2 })).toEqual(["", false]);
        expect(await read({ pk, prefix: "G#", after: "H", limit: 2 })).toEqual(["", false]);
        expect(await read({ pk, prefix: "G#", after: "H", limit: 2, backwards: true })).toEqual(["G#3 G#2", true]);
        expect(await read({ pk, prefix: "G#", after: "G#3", limit: 2, backwards: true })).toEqual(["G#2 G#1", false]);
        expect(await read({ pk, prefix: "G#", after: "G#1", limit: 2, backwards: true })).toEqual(["", false]);
        expect(await read({ pk, prefix: "G#", after: "A", limit: 2, backwards: true })).toEqual(["", false]);
      });

      test("the order is that of the bytes of UTF-8", async () => {
        const pk = partition();
        const ascending = ["\u0001", "A", "a", "a\u0000", "a#", "é", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}"];
        await put(pk, ascending.toReversed());
        await settled({ pk, limit: 99 }).toEqual([ascending.join(" "), false]);
        expect(await read({ pk, limit: 99, backwards: true })).toEqual([ascending.toReversed().join(" "), false]);
        expect(await read({ pk, limit: 9, after: "\uffff" })).toEqual(["😀 \u{10ffff}", false]);
        expect(await read({ pk, limit: 9, prefix: "\ud7ff" })).toEqual(["\ud7ff", false]);
        expect(await read({ pk, limit: 9, prefix: "a", after: "a" })).toEqual(["a\u0000 a#", false]);
      });

      test("pages join to the whole, in either direction", async () => {
        const pk = partition();
        const all = Array.from({ length: 23 }, (_, i) => `K#${String(i).padStart(3, "0")}`);
        await put(pk, all);
        await settled({ pk, limit: 99 }).toEqual([all.join(" "), false]);
        for (const backwards of [false, true]) {
          const seen: string[] = [];
          for (let more = true; more; ) {
            const after = seen.at(-1);
            const [page, continues] = await read({ pk, prefix: "K#", limit: 5, backwards, ...(after === undefined ? {} : { after }) });
            seen.push(...page.split(" "));
            more = continues;
          }
          expect(seen).toEqual(backwards ? all.toReversed() : all);
        }
      });
    }
  });
}

/** Counts up in a row's body, each time from what is read, until it was `times` the one to do so. */
export async function increments(table: Table, key: { readonly pk: string; readonly sk: string }, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const row = await table.get(key);
    if (!row) throw new Error("The row is gone.");
    const { n } = JSON.parse(row.body) as { readonly n: number };
    try {
      await table.put({ ...row, version: row.version + 1, body: JSON.stringify({ n: n + 1 }) }, row.version);
      done += 1;
    } catch (cause) {
      if (!(cause instanceof Conflict)) throw cause;
    }
  }
}
