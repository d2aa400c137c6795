/** What `disk.c` does to a process that writes to a file of SQLite's, call by call. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildDisk, cannotBreak, letterOf } from "./broken-disk.ts";

if (cannotBreak !== undefined) console.warn(`NOT RUN: broken-disk: ${cannotBreak}`);

/** Before each: a file says "old", and is synced. What a call answers is told, a line each. */
const BEFORE = `
  const fs = require("node:fs");
  const told = process.env.TRENT_FAULTS_DISK;
  const tell = (line) => fs.appendFileSync("told", line + "\\n");
  const file = fs.openSync("state.db", "w+");
  const tried = (call) => { try { call(); tell("well"); } catch (cause) { tell(cause.code); } };
  const put = (text) => tried(() => fs.writeSync(file, text, 0));
  const cut = (length) => tried(() => fs.ftruncateSync(file, length));
  const sync = () => tried(() => fs.fdatasyncSync(file));
  const get = () => tell(fs.readFileSync("state.db", "latin1"));
  const is = (letter) => letter ? fs.writeFileSync(told, letter) : fs.rmSync(told);
  fs.writeSync(file, "old", 0);
  fs.fdatasyncSync(file);
`;

describe.skipIf(cannotBreak !== undefined)("a disk", () => {
  let place: string;
  let library: string;
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), "trent-disk-"));
    library = buildDisk(place);
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  /** What the process was answered, and what is in its file when it has ended. */
  function after(script: string): { readonly told: readonly string[]; readonly left: string } {
    const cwd = mkdtempSync(join(place, "case-"));
    const env = { LD_PRELOAD: library, TRENT_FAULTS_DISK: join(cwd, "is") };
    const { signal, status, stderr } = spawnSync(process.execPath, ["-e", BEFORE + script], {
      cwd,
      env,
      encoding: "utf8",
      timeout: 20_000,
    });
    expect({ signal, status, stderr }).toMatchObject(script.includes(POWER) ? { signal: "SIGKILL" } : { status: 0 });
    return { told: readFileSync(join(cwd, "told"), "utf8").trim().split("\n"), left: readFileSync(join(cwd, "state.db"), "latin1") };
  }

  const is = (how: Parameters<typeof letterOf>[0]) => `is("${letterOf(how)}");`;
  const POWER = is("power goes");

  test("that is well keeps what is synced when the power goes", () => {
    expect(after(`put("new"); sync(); ${POWER} put("off");`)).toEqual({ told: ["well", "well"], left: "new" });
  });

  test("that is well may lack what is not synced when the power goes, and may not", () => {
    const left = new Set(Array.from({ length: 24 }, () => after(`put("new"); ${POWER} sync();`).left));
    expect(left).toEqual(new Set(["old", "new"]));
  });

  test("whose writes fail is as it was", () => {
    const answered = after(`${is("writes fail")} put("new"); cut(1); is(); sync(); get();`);
    expect(answered).toEqual({ told: ["EIO", "EIO", "well", "old"], left: "old" });
  });

  test("whose syncs fail has what was written once a sync is well", () => {
    const answered = after(`put("new"); ${is("syncs fail")} sync(); is(); sync(); ${POWER} put("off");`);
    expect(answered).toEqual({ told: ["well", "EIO", "well"], left: "new" });
  });

  test("whose syncs lose is at once as it was", () => {
    expect(after(`put("newer"); ${is("syncs lose")} sync(); get();`)).toEqual({ told: ["well", "EIO", "old"], left: "old" });
    expect(after(`cut(1); ${is("syncs lose")} sync(); get();`)).toEqual({ told: ["well", "EIO", "old"], left: "old" });
  });

  test("whose syncs forget reads as if all were there, and is as it was when the power goes, whatever was synced since", () => {
    const answered = after(`put("new"); ${is("syncs forget")} sync(); is(); sync(); get(); ${POWER} put("off");`);
    expect(answered).toEqual({ told: ["well", "EIO", "well", "new"], left: "old" });
  });

  test("whose syncs forgot has what was written once more and synced", () => {
    const answered = after(`put("new"); ${is("syncs forget")} sync(); is(); put("two"); sync(); ${POWER} put("off");`);
    expect(answered).toEqual({ told: ["well", "EIO", "well", "well"], left: "two" });
  });

  test("that breaks for some calls is well for others", () => {
    const { told } = after(`${is("some syncs fail")} for (let i = 0; i < 60; i += 1) sync();`);
    expect(new Set(told)).toEqual(new Set(["EIO", "well"]));
  });
});
