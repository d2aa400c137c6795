import { describe, expect, test } from "vitest";
import type { HintPage, Query, Row, RowKey } from "#store/port";
import { mac, REGIONS, type Subject } from "./subject.ts";

/** `query` and `find`. */
export function slices(on: Subject): void {
  describe("query", () => {
    const sks = async (query: Query): Promise<[string, boolean]> => {
      const { rows, more } = await on.keys.query(query);
      return [rows.map(({ sk }) => sk).join(" "), more];
    };
    rules(on, sks, async (pk, given) => {
      for (const sk of given) await on.keys.put({ pk, sk, version: 1, body: "{}" });
    });

    test("returns rows whole", async () => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 1, body: "{}", mac, index1: { pk: "x", sk: "y" }, expires: 1_900_000_000 };
      await on.keys.put(row);
      expect(await on.keys.query({ pk: row.pk, limit: 1 })).toEqual({ rows: [row], more: false });
    });

    test("reads on through pages of a megabyte", async () => {
      const pk = on.partition();
      const body = JSON.stringify("x".repeat(100_000));
      const rows = Array.from({ length: 25 }, (_, i): Row => ({ pk, sk: String(i).padStart(2, "0"), version: 1, body }));
      await Promise.all(rows.map((row) => on.keys.put(row)));
      expect(await on.keys.query({ pk, limit: 100 })).toEqual({ rows, more: false });
      const { rows: some, more } = await on.keys.query({ pk, limit: 24, backwards: true });
      expect([some.length, some[0]?.sk, more]).toEqual([24, "24", true]);
    });
  });

  describe("scan", () => {
    test("comes by every row of the table once, whole, and by none of another Region's", async () => {
      const pks = Array.from({ length: 3 }, () => on.partition());
      const rows = pks.flatMap((pk) => ["A", "B", "\u{1f600}"].map((sk): Row => ({ pk, sk, version: 1, body: "{}", mac })));
      await Promise.all(rows.map((row) => on.keys.put(row)));
      const elsewhere = on.partition();
      await on.database.table("keys", REGIONS[1]).put({ pk: elsewhere, sk: "A", version: 1, body: "{}" });
      const seen: Row[] = [];
      let after: RowKey | undefined;
      do {
        const page = await on.keys.scan({ after, limit: 4 });
        seen.push(...page.rows);
        after = page.next;
      } while (after);
      const order = (a: Row, b: Row) => (`${a.pk}\n${a.sk}` < `${b.pk}\n${b.sk}` ? -1 : 1);
      expect(seen.filter(({ pk }) => pks.includes(pk)).sort(order)).toEqual(rows.sort(order));
      expect(new Set(seen.map(({ pk, sk }) => `${pk}\n${sk}`)).size).toBe(seen.length);
      expect(seen.some(({ pk }) => pk === elsewhere)).toBe(false);
    });
  });

  describe("find", () => {
    describe.each([1, 2] as const)("by index %i", (index) => {
      const indexed = (row: Row, pk: string, sk: string): Row => ({ ...row, [`index${index}`]: { pk, sk } });
      const sks = async (query: Query): Promise<[string, boolean]> => {
        const { hints, more } = await on.keys.find(index, query);
        return [hints.map(({ indexSk }) => indexSk).join(" "), more];
      };
      rules(on, sks, async (pk, given) => {
        for (const sk of given) await on.keys.put(indexed({ pk: `${pk}#${sk}`, sk: "KEY", version: 1, body: "{}" }, pk, sk));
      });

      test("finds the primary keys of the rows that have the index's keys, and of no others", async () => {
        const pk = on.partition();
        const row: Row = { pk, sk: "A", version: 1, body: "{}" };
        await on.keys.put(indexed(row, `${pk}#of`, "x"));
        await on.keys.put({ ...row, sk: "B" });
        await on.keys.put(indexed({ ...row, sk: "C" }, `${pk}#other`, "x"));
        await found(index, `${pk}#of`, [{ pk, sk: "A", indexSk: "x" }]);
        await found(index === 1 ? 2 : 1, `${pk}#of`, []);
      });

      test("follows a row whose index keys change, come, go, and go with it", async () => {
        const pk = on.partition();
        const row: Row = { pk, sk: "A", version: 1, body: "{}" };
        await on.keys.put(indexed(row, `${pk}#before`, "x"));
        await on.keys.put({ ...indexed(row, `${pk}#after`, "y"), version: 2 }, 1);
        await found(index, `${pk}#before`, []);
        await found(index, `${pk}#after`, [{ pk, sk: "A", indexSk: "y" }]);
        await on.keys.put({ ...row, version: 3 }, 2);
        await found(index, `${pk}#after`, []);
        await on.keys.put({ ...indexed(row, `${pk}#after`, "z"), version: 4 }, 3);
        await found(index, `${pk}#after`, [{ pk, sk: "A", indexSk: "z" }]);
        await on.keys.delete(row, 4);
        await found(index, `${pk}#after`, []);
      });
    });

    test("finds a row by both", async () => {
      const pk = on.partition();
      await on.keys.put({ pk, sk: "A", version: 1, body: "{}", index1: { pk: `${pk}#1`, sk: "x" }, index2: { pk: `${pk}#2`, sk: "y" } });
      await found(1, `${pk}#1`, [{ pk, sk: "A", indexSk: "x" }]);
      await found(2, `${pk}#2`, [{ pk, sk: "A", indexSk: "y" }]);
    });

    test("is refused where there is no such index", async () => {
      await expect(on.quotas.find(1, { pk: on.partition(), limit: 1 })).rejects.toThrow();
    });

    /** An index may lag behind. */
    async function found(index: 1 | 2, pk: string, hints: HintPage["hints"]): Promise<void> {
      await expect.poll(() => on.keys.find(index, { pk, limit: 10 }), { timeout: 5000 }).toEqual({ hints, more: false });
    }
  });
}

/** The rules for slices, which `query` and `find` share. `read` returns sort keys in a line, and whether there are more. */
function rules(
  on: Subject,
  read: (query: Query) => Promise<[string, boolean]>,
  put: (pk: string, sks: readonly string[]) => Promise<void>,
): void {
  const settled = (query: Query) => expect.poll(() => read(query), { timeout: 5000 });

  test("a partition that nobody wrote to is empty", async () => {
    expect(await read({ pk: on.partition(), limit: 5 })).toEqual(["", false]);
  });

  test("a page is bounded, and says whether there are more", async () => {
    const pk = on.partition();
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
    const pk = on.partition();
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
    const pk = on.partition();
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
    const pk = on.partition();
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
    const pk = on.partition();
    const ascending = ["\u0001", "A", "a", "a\u0000", "a#", "é", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}"];
    await put(pk, ascending.toReversed());
    await settled({ pk, limit: 99 }).toEqual([ascending.join(" "), false]);
    expect(await read({ pk, limit: 99, backwards: true })).toEqual([ascending.toReversed().join(" "), false]);
    expect(await read({ pk, limit: 9, after: "\uffff" })).toEqual(["😀 \u{10ffff}", false]);
    expect(await read({ pk, limit: 9, prefix: "\ud7ff" })).toEqual(["\ud7ff", false]);
    expect(await read({ pk, limit: 9, prefix: "a", after: "a" })).toEqual(["a\u0000 a#", false]);
  });

  test("pages join to the whole, in either direction", async () => {
    const pk = on.partition();
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
