import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Disk } from "./outage.ts";
import type { Server } from "./server.ts";

const SOURCE = fileURLToPath(new URL("./disk.c", import.meta.url));

/** Why no disk can be broken here; undefined when one can. */
export const cannotBreak: string | undefined = ((): string | undefined => {
  if (process.platform !== "linux") return "calls of the C library are replaced on Linux only";
  return spawnSync("cc", ["--version"], { stdio: "ignore" }).status === 0 ? undefined : "there is no C compiler (cc)";
})();

const LETTERS = {
  "writes fail": "w",
  "half writes": "h",
  "syncs fail": "s",
  "syncs lose": "l",
  "syncs forget": "f",
  "power goes": "p",
} as const;
type Way = keyof typeof LETTERS;
type Fault = Exclude<Way, "power goes">;
/** How it breaks, with every call or with some: `disk.c` has the letters. */
export type Break = Fault | `some ${Fault}`;

export function letterOf(how: Break | "power goes"): string {
  const way = how.replace(/^some /, "") as Way;
  return way === how ? LETTERS[way] : LETTERS[way].toUpperCase();
}

/** Builds the library; its path. */
export function buildDisk(folder: string): string {
  const library = join(folder, "disk.so");
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl", "-lpthread"]);
  return library;
}

export interface BrokenDisk extends Disk {
  cut(server: Server): Promise<void>;
}

/** A server that has still not written anything then never will. */
const PATIENCE_MS = 10_000;

/** The usual disk, behind a library that is built here and fails calls that write to it, in one of these ways after the other. */
export function brokenDisk(place: string, ways: readonly Break[]): BrokenDisk {
  mkdirSync(place, { recursive: true });
  const told = join(place, "disk-is");
  let failed = 0;
  let now: Break | undefined;
  function is(how: Break | "power goes" | undefined): void {
    if (how === undefined) rmSync(told, { force: true });
    else writeFileSync(told, letterOf(how));
  }
  return {
    place,
    env: { LD_PRELOAD: buildDisk(place), TRENT_FAULTS_DISK: told },
    forEverybody: true,
    fail() {
      now = ways[failed % ways.length];
      failed += 1;
      is(now);
    },
    failOn() {},
    recover() {
      now = undefined;
      is(now);
    },
    async cut({ ended }) {
      is("power goes");
      await Promise.race([ended, pause(PATIENCE_MS, undefined, { ref: false })]);
      is(now);
    },
    remove() {},
  };
}
