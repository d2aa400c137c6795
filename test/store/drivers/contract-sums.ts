import { describe, expect, test } from "vitest";
import { CeilingReached, Conflict, type Row } from "#store/port";
import type { Subject } from "./subject.ts";

/** `add` and `append`. */
export function sums(on: Subject): void {
  describe("add", () => {
    test("counts from 0, and returns the sum", async () => {
      const key = { pk: on.partition(), sk: "N" };
      expect(await on.quotas.add(key, 3, 10)).toBe(3);
      expect(await on.quotas.add(key, 4, 10)).toBe(7);
      expect(await on.quotas.add(key, -5, 10)).toBe(2);
    });

    test("takes up to the ceiling, refuses more, and adds nothing then", async () => {
      const key = { pk: on.partition(), sk: "N" };
      await expect(on.quotas.add(key, 11, 10)).rejects.toThrow(CeilingReached);
      expect(await on.quotas.get(key)).toBeUndefined();
      expect(await on.quotas.add(key, 10, 10)).toBe(10);
      await expect(on.quotas.add(key, 1, 10)).rejects.toThrow(CeilingReached);
      expect(await on.quotas.add(key, 0, 10)).toBe(10);
      expect(await on.quotas.add(key, 1, 11)).toBe(11);
    });

    test("leaves a row whose body is the sum, and which can be replaced by another", async () => {
      const key = { pk: on.partition(), sk: "N" };
      await on.quotas.add(key, 5, 10);
      await on.quotas.add(key, 2, 10);
      expect(await on.quotas.get(key)).toEqual({ ...key, version: 2, body: "7" });
      await on.quotas.put({ ...key, version: 3, body: "1" }, 2);
      expect(await on.quotas.add(key, 1, 10)).toBe(2);
    });

    test("accepts exactly the ceiling of 200 at once", async () => {
      const key = { pk: on.partition(), sk: "N" };
      const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => on.quotas.add(key, 1, 120)));
      const sums = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
      for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(CeilingReached);
    });
  });

  describe("append", () => {
    const rowsOf = (pk: string, ...given: string[]): Row[] =>
      given.map((sk) => ({ pk, sk, version: 1, body: `"${sk}"`, expires: 1_900_000_000 }));

    test("adds rows that can be read when it returns", async () => {
      const rows = rowsOf(on.partition(), "1", "2", "3");
      await on.log.append(rows);
      expect(await on.log.query({ pk: rows[0]?.pk ?? "", limit: 10 })).toEqual({ rows, more: false });
      await on.log.append([]);
    });

    test("refuses a row that exists, and leaves it as it was", async () => {
      const rows = rowsOf(on.partition(), "1");
      await on.log.append(rows);
      await expect(on.log.append(rows.map((row) => ({ ...row, body: "{}" })))).rejects.toThrow(Conflict);
      expect(await on.log.query({ pk: rows[0]?.pk ?? "", limit: 10 })).toEqual({ rows, more: false });
    });

    test(on.engine.atomicAppends ? "adds all rows or none" : "adds rows in their order, and stops at one that exists", async () => {
      const pk = on.partition();
      await on.log.append(rowsOf(pk, "3"));
      await expect(on.log.append(rowsOf(pk, "1", "2", "3", "4"))).rejects.toThrow(Conflict);
      await on.log.append(rowsOf(pk, "5", "6"));
      const { rows } = await on.log.query({ pk, limit: 10 });
      expect(rows.map(({ sk }) => sk).join("")).toBe(on.engine.atomicAppends ? "356" : "12356");
    });

    test("loses none of 500 at once", async () => {
      const pk = on.partition();
      const rows = rowsOf(pk, ...Array.from({ length: 500 }, (_, i) => String(i).padStart(3, "0")));
      await Promise.all(rows.map((row) => on.log.append([row])));
      expect(await on.log.query({ pk, limit: 1000 })).toEqual({ rows, more: false });
    });
  });
}
