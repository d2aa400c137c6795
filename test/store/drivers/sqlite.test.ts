import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { on, once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { openQueue } from "#store/drivers/sqlite-queue";
import { openToWrite } from "#store/drivers/sqlite-schema";
import { sweep } from "#store/drivers/sqlite-sweeper";
import type { Row } from "#store/port";
import { contract } from "./contract.ts";
import type { Told } from "./sqlite-child.ts";
import { REGIONS } from "./subject.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "trent-"));

contract("SQLite", {
  start: async () => {
    const folder = newFolder();
    return { open: () => openSqlite({ folder }), stop: async () => rmSync(folder, { recursive: true }) };
  },
  shared: true,
  atomicAppends: true,
  contenders: 100,
  cacheMs: Number.POSITIVE_INFINITY,
});

describe("a data folder", () => {
  let folder = "";
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = join(newFolder(), "data");
  });

  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(join(folder, ".."), { recursive: true, force: true });
  });

  function start(task: string, name: string): ChildProcess {
    const child = fork(new URL("./sqlite-child.ts", import.meta.url), [task, folder, name], { execArgv: [] });
    children.push(child);
    return child;
  }

  test("is its owner's alone, and so is every file in it", async () => {
    const database = openSqlite({ folder });
    for (const table of ["keys", "log"] as const) await database.table(table, REGIONS[0]).put({ pk: "a", sk: "b", version: 1, body: "{}" });
    expect(modeOf(folder)).toBe("700");
    const files = readdirSync(folder).toSorted();
    expect(files).toEqual(["log.db", "log.db-shm", "log.db-wal", "state.db", "state.db-shm", "state.db-wal"]);
    for (const file of files) expect([file, modeOf(join(folder, file))]).toEqual([file, "600"]);
    await database.close();
  });

  test("is left tidy: what was submitted is written before it closes, and nothing after", async () => {
    const database = openSqlite({ folder });
    const keys = database.table("keys", REGIONS[0]);
    const rows = Array.from({ length: 100 }, (_, i): Row => ({ pk: "a", sk: String(i).padStart(3, "0"), version: 1, body: "{}" }));
    const writing = Promise.all(rows.map((row) => keys.put(row)));
    const closing = database.close();
    await expect(keys.put({ pk: "b", sk: "b", version: 1, body: "{}" })).rejects.toThrow("state.db is closed.");
    await closing;
    await writing;
    await database.close();
    expect(readdirSync(folder).toSorted()).toEqual(["log.db", "state.db"]);
    const again = openSqlite({ folder });
    expect((await again.table("keys", REGIONS[0]).query({ pk: "a", limit: 1000 })).rows).toEqual(rows);
    await again.close();
  });

  test("is refused when a later version laid it out", () => {
    const database = openToWrite(folder, "state");
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => openSqlite({ folder })).toThrow("made by a later version");
  });

  test("serves processes that start, read and write at once, and loses nothing", async () => {
    const names = ["A", "B", "C"];
    const first = openSqlite({ folder });
    await first.table("keys", REGIONS[0]).put({ pk: "SHARED", sk: "COUNT", version: 1, body: `{"n":0}` });
    await first.close();
    await Promise.all(names.map(async (name) => expect(await once(start("contend", name), "message")).toEqual(["done", undefined])));
    const database = openSqlite({ folder });
    expect((await database.table("keys", REGIONS[0]).get({ pk: "SHARED", sk: "COUNT" }))?.body).toBe(`{"n":1200}`);
    for (const pk of names) expect((await database.table("log", REGIONS[0]).query({ pk, limit: 9999 })).rows).toHaveLength(2000);
    await database.close();
  }, 60_000);

  test("is laid out once by processes that find it empty at once", async () => {
    const streams = ["A", "B", "C", "D"].map((name) => start("stream", name));
    for (const child of streams) expect(await once(child, "message")).toEqual([{ written: 0 }, undefined]);
  }, 30_000);

  test("holds every write that was acknowledged before kill -9", async () => {
    for (const name of ["A", "B"]) {
      const child = start("stream", name);
      let acknowledged = -1;
      for await (const [told] of on(child, "message", { close: ["exit"] }) as AsyncIterable<[Told]>) {
        if (typeof told === "object" && "written" in told) acknowledged = told.written;
        if (acknowledged === 300) child.kill("SIGKILL");
      }
      const database = openSqlite({ folder });
      for (const table of ["keys", "log"] as const) {
        const { rows } = await database.table(table, REGIONS[0]).query({ pk: name, limit: 99_999 });
        expect(rows.length).toBeGreaterThan(acknowledged);
        expect(rows.map(({ sk }) => Number(sk))).toEqual(rows.map((_, i) => i));
      }
      await database.close();
    }
  }, 30_000);

  // A limit to the size of files is what a full disk is to a process, and needs no privilege to set or to lift.
  const prlimit = existsSync("/usr/bin/prlimit");
  if (!prlimit) console.warn("SKIPPED: a full disk (there is no prlimit to make one with).");
  test.runIf(prlimit)(
    "that is full refuses writes with SQLite's reason, and takes them again when there is space",
    async () => {
      const child = start("stream", "A");
      const limit = (bytes: number | "unlimited") => execFileSync("prlimit", ["--pid", String(child.pid), `--fsize=${bytes}:unlimited`]);
      let failures = 0;
      const written: number[] = [];
      for await (const [told] of on(child, "message", { close: ["exit"] }) as AsyncIterable<[Told]>) {
        if (told === "done") break;
        if ("failed" in told) {
          expect(told.failed).toMatch(/disk I\/O error|database or disk is full/);
          failures += 1;
          if (failures === 5) limit("unlimited");
        } else {
          written.push(told.written);
          if (written.length === 20) limit(200_000);
          if (failures >= 5 && written.length > 500) child.send("stop");
        }
      }
      expect(failures).toBeGreaterThanOrEqual(5);
      const database = openSqlite({ folder });
      const stored = async (table: "keys" | "log") =>
        (await database.table(table, REGIONS[0]).query({ pk: "A", limit: 99_999 })).rows.map(({ sk }) => Number(sk));
      for (const table of ["keys", "log"] as const) expect(await stored(table)).toEqual(expect.arrayContaining(written));
      await database.close();
    },
    30_000,
  );

  test("forgets what was deleted or overwritten: soon its bytes are in no file", async () => {
    const database = openSqlite({ folder });
    const keys = database.table("keys", REGIONS[0]);
    const found = () => {
      const contents = Buffer.concat(readdirSync(folder).map((file) => readFileSync(join(folder, file)))).toString("latin1");
      return [...new Set(contents.match(/<material \d+ of version \d>/g))].toSorted();
    };
    const row = (n: number, version: number): Row => {
      return { pk: `K#${n}`, sk: "KEY", version, body: `<material ${n} of version ${version}>`.repeat(135) };
    };
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    await Promise.all(numbers.map((n) => keys.put(row(n, 1))));
    await keys.put(row(1, 2), 1);
    expect(found()).toEqual(expect.arrayContaining(["<material 1 of version 1>", "<material 1 of version 2>"]));
    await expect.poll(found, { timeout: 5000 }).not.toContain("<material 1 of version 1>");
    for (const n of numbers.slice(10)) await keys.delete(row(n, 1), 1);
    const kept = numbers.slice(0, 10).map((n) => `<material ${n} of version ${n === 1 ? 2 : 1}>`);
    await expect.poll(found).toEqual(kept);
    await database.close();
    expect(found()).toEqual(kept);
  });

  test("is rewritten when it closes, so that no copy stays which SQLite left behind when it moved a row", async () => {
    const database = openSqlite({ folder });
    const keys = database.table("keys", REGIONS[0]);
    const current = new Map<number, { readonly version: number; readonly marker: string }>();
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed % below;
    };
    for (let made = 0; made < 6000; ) {
      const chosen = new Set(Array.from({ length: 100 }, () => random(1500)));
      await Promise.all(
        Array.from(chosen, (n) => {
          const row = current.get(n);
          const key = { pk: `K#${n}`, sk: "KEY" };
          if (row && random(2) === 0) {
            current.delete(n);
            return keys.delete(key, row.version);
          }
          made += 1;
          const next = { version: (row?.version ?? 0) + 1, marker: `<${String(made).padStart(6, "0")}>` };
          current.set(n, next);
          return keys.put({ ...key, version: next.version, body: next.marker.repeat(12 + random(100)) }, row?.version);
        }),
      );
    }
    await database.close();
    const stored = new Set(readFileSync(join(folder, "state.db"), "latin1").match(/<\d{6}>/g));
    expect([...stored].toSorted()).toEqual(Array.from(current.values(), ({ marker }) => marker).toSorted());
  });

  test("is swept of rows that expired, and of no others", async () => {
    const database = openSqlite({ folder });
    const rowOf = (pk: string, n: number, expires?: number): Row => ({
      ...{ pk, sk: String(n).padStart(5, "0"), version: 1, body: "{}" },
      ...(expires === undefined ? {} : { expires }),
    });
    const given = ["A", "B", "C"].flatMap((pk, day) => Array.from({ length: 1200 }, (_, n) => rowOf(pk, n, 1000 + day)));
    const lasting = [rowOf("D", 1), rowOf("B", 90_000, 5000)];
    for (const table of ["log", "keys"] as const) await database.table(table, REGIONS[0]).append([...given, ...lasting]);
    for (const file of ["log", "state"] as const) {
      const connection = openToWrite(folder, file);
      expect([...sweep(connection, file, 1002)].reduce((sum, dropped) => sum + dropped)).toBe(2400);
      connection.close();
    }
    for (const table of ["log", "keys"] as const) {
      const left = await Promise.all(["A", "B", "C", "D"].map((pk) => database.table(table, REGIONS[0]).query({ pk, limit: 9999 })));
      expect(left.map(({ rows }) => rows.length)).toEqual([0, 1, 1200, 1]);
    }
    await database.close();
  });

  test("whose writing thread ends fails what waits and what comes, and says so", async () => {
    const losses: Error[] = [];
    const queue = openQueue(join(folder, "missing\0"), "state", (cause) => losses.push(cause));
    const waiting = queue.submit(["delete", "keys", [REGIONS[0], "a", "b", 1]]);
    await expect(waiting).rejects.toThrow("The thread that writes state.db ended.");
    await expect(waiting).rejects.toMatchObject({ cause: { code: "ERR_INVALID_ARG_VALUE" } });
    await expect(queue.submit(["delete", "keys", [REGIONS[0], "a", "b", 1]])).rejects.toThrow("The thread that writes state.db ended.");
    expect(losses).toHaveLength(1);
    await queue.drain();
    await queue.close();
  });

  test("that cannot be used is refused when it is opened", () => {
    expect(() => openSqlite({ folder: "/dev/null/data" })).toThrow();
  });
});

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
