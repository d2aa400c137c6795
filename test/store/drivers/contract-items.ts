import { describe, expect, test } from "vitest";
import { Conflict, type Row } from "#store/port";
import { increments, mac, type Subject } from "./subject.ts";

/** `get`, `put` and `delete`. */
export function items(on: Subject): void {
  describe("get", () => {
    test("finds nothing where nothing was put", async () => {
      expect(await on.keys.get({ pk: on.partition(), sk: "KEY" })).toBeUndefined();
    });

    test("returns a row as it was put, whole", async () => {
      const pk = on.partition();
      const bare: Row = { pk, sk: "BARE", version: 1, body: "{}" };
      const full: Row = {
        ...{ pk, sk: "FULL", version: 1, body: `{"a":1}`, mac, expires: 1_900_000_000 },
        ...{ index1: { pk: `${pk}#1`, sk: "one" }, index2: { pk: `${pk}#2`, sk: "two" } },
      };
      await on.keys.put(bare);
      await on.keys.put(full);
      expect(await on.keys.get(bare)).toEqual(bare);
      expect(await on.keys.get(full)).toEqual(full);
    });

    test.each([
      ["100 KB", `{"a":"${"x".repeat(100_000)}"}`],
      ["every script", `{"a":"日本語 Ελληνικά עברית 😀 e\u0301 \uffff \u{10ffff}"}`],
      ["control characters", `"\u0000\u0001\u001f\u007f\u0080'"\\;--%_?"`],
    ])("keeps a body of %s", async (_, body) => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 1, body, mac };
      await on.keys.put(row);
      expect(await on.keys.get(row)).toEqual(row);
    });

    test.each(["a\u0000b", "a", "a ", "A", "é", "e\u0301", "😀#/\\'\"%_*?[", "\u0001", " "])("keeps keys apart: %j", async (sk) => {
      const pk = `P#apart ${sk}`;
      for (const key of [
        { pk: `P#apart`, sk },
        { pk, sk: "a" },
      ]) {
        const row = { ...key, version: 1, body: JSON.stringify(key) };
        await on.keys.put(row);
        expect(await on.keys.get(key)).toEqual(row);
      }
    });

    test("takes a MAC that is a view of a larger memory", async () => {
      const row: Row = {
        pk: on.partition(),
        sk: "KEY",
        version: 1,
        body: "{}",
        mac: { tag: new Uint8Array(1000).fill(7).subarray(100, 132), key: 1 },
      };
      await on.keys.put(row);
      expect(Array.from((await on.keys.get(row))?.mac?.tag ?? [])).toEqual(Array(32).fill(7));
    });
  });

  describe("put", () => {
    test("refuses a row whose key is taken, and leaves that row as it was", async () => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 1, body: "1", mac };
      await on.keys.put(row);
      await expect(on.keys.put({ ...row, body: "2" })).rejects.toThrow(Conflict);
      expect(await on.keys.get(row)).toEqual(row);
    });

    test("replaces the version that it names, and the whole of it", async () => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 1, body: `"one"`, mac, expires: 1_900_000_000 };
      await on.keys.put({ ...row, index1: { pk: row.pk, sk: "1" } });
      const next: Row = { pk: row.pk, sk: row.sk, version: 2, body: `"two"` };
      await on.keys.put(next, 1);
      expect(await on.keys.get(row)).toEqual(next);
    });

    test("refuses to replace another version, and leaves the row as it was", async () => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 5, body: "{}", mac };
      await on.keys.put(row);
      for (const replacing of [0, 4, 6])
        await expect(on.keys.put({ ...row, version: replacing + 1, body: "[]" }, replacing)).rejects.toThrow(Conflict);
      expect(await on.keys.get(row)).toEqual(row);
    });

    test("refuses to replace what is not there", async () => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 2, body: "{}" };
      await expect(on.keys.put(row, 1)).rejects.toThrow(Conflict);
      expect(await on.keys.get(row)).toBeUndefined();
    });

    test("lets one of 50 at once have the key", async () => {
      const pk = on.partition();
      const rows = Array.from({ length: 50 }, (_, i): Row => ({ pk, sk: "KEY", version: 1, body: `{"i":${i}}` }));
      const outcomes = await Promise.allSettled(rows.map((row) => on.keys.put(row)));
      const won = rows.filter((_, i) => outcomes[i]?.status === "fulfilled");
      expect(won).toHaveLength(1);
      expect(await on.keys.get({ pk, sk: "KEY" })).toEqual(won[0]);
      for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Conflict);
    });

    test("loses none of 1,000 contending replacements", async () => {
      const key = { pk: on.partition(), sk: "KEY" };
      await on.keys.put({ ...key, version: 1, body: `{"n":0}`, mac });
      await Promise.all(Array.from({ length: on.engine.contenders }, () => increments(on.keys, key, 1000 / on.engine.contenders)));
      expect(await on.keys.get(key)).toEqual({ ...key, version: 1001, body: `{"n":1000}`, mac });
    }, 60_000);
  });

  describe("delete", () => {
    test("removes the version that it names", async () => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 3, body: "{}", mac };
      await on.keys.put(row);
      await on.keys.delete(row, 3);
      expect(await on.keys.get(row)).toBeUndefined();
      await on.keys.put({ ...row, version: 1 });
      expect((await on.keys.get(row))?.version).toBe(1);
    });

    test("refuses another version, and leaves the row as it was", async () => {
      const row: Row = { pk: on.partition(), sk: "KEY", version: 3, body: "{}", mac };
      await on.keys.put(row);
      for (const version of [2, 4]) await expect(on.keys.delete(row, version)).rejects.toThrow(Conflict);
      expect(await on.keys.get(row)).toEqual(row);
    });

    test("refuses what is not there", async () => {
      await expect(on.keys.delete({ pk: on.partition(), sk: "KEY" }, 1)).rejects.toThrow(Conflict);
    });
  });
}
