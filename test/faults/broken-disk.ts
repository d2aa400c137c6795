import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Disk } from "./outage.ts";

const SOURCE = fileURLToPath(new URL("./disk.c", import.meta.url));

/** Why no disk can be broken here; undefined when one can. */
export const cannotBreak: string | undefined = ((): string | undefined => {
  if (process.platform !== "linux") return "calls of the C library are replaced on Linux only";
  return spawnSync("cc", ["--version"], { stdio: "ignore" }).status === 0 ? undefined : "there is no C compiler (cc)";
})();

/** How it breaks: `disk.c` has the letters. */
export type Break = "writes fail" | "half writes" | "syncs fail" | "syncs lose" | "power goes";
const LETTERS: Readonly<Record<Break, string>> = {
  "writes fail": "w",
  "half writes": "h",
  "syncs fail": "s",
  "syncs lose": "l",
  "power goes": "p",
};

export interface BrokenDisk extends Disk {
  break(how: Break): void;
}

/** The usual disk, behind a library that is built here and fails calls that write to it, in one of these ways after the other. */
export function brokenDisk(place: string, ways: readonly [Break, ...Break[]]): BrokenDisk {
  mkdirSync(place, { recursive: true });
  const library = join(place, "disk.so");
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl", "-lpthread"]);
  const told = join(place, "disk-is");
  let failed = 0;
  const breaks = (how: Break) => writeFileSync(told, LETTERS[how]);
  return {
    place,
    env: { LD_PRELOAD: library, TRENT_FAULTS_DISK: told },
    forEverybody: true,
    break: breaks,
    fail() {
      breaks(ways[failed % ways.length] ?? ways[0]);
      failed += 1;
    },
    failOn() {},
    recover: () => rmSync(told),
    remove() {},
  };
}
