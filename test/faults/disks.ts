import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { mountDisk } from "../local/small-disk.ts";
import type { Chance } from "./chance.ts";
import type { Disk } from "./outage.ts";

/** Why the files that a running process may write cannot be limited here; undefined when they can. */
export const cannotLimit: string | undefined = ((): string | undefined => {
  const { error, status } = spawnSync("prlimit", ["--pid", String(process.pid), "--fsize"], { stdio: "ignore" });
  return error ? "there is no prlimit" : status === 0 ? undefined : "prlimit is refused";
})();

/** A process may write its files up to so many bytes. */
const limit = (pid: number, bytes: number | "unlimited"): void =>
  void execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`], { stdio: "ignore" });

/** A disk of its own, in memory, that is filled up by a file. A little space is left at first, and taken later. */
export function smallDisk(place: string, megabytes: number, chance: Chance): Disk {
  const mounted = join(place, "disk");
  const unmount = mountDisk(mounted, `size=${megabytes}m`);
  // When the process is told to end in the midst of it; its servers may not be quite gone.
  const leave = () => void spawnSync("umount", ["--lazy", mounted], { stdio: "ignore" });
  process.on("exit", leave);
  const ballast = join(mounted, "ballast");
  return {
    place: mounted,
    forEverybody: true,
    fail: () => fill(ballast, Math.floor(chance.between(0, 24)) * 4096),
    failOn: () => fill(ballast, 0),
    recover: () => rmSync(ballast),
    remove() {
      process.off("exit", leave);
      unmount();
    },
  };
}

/** Lets a file take what space there is, but for some bytes. */
function fill(path: string, spared: number): void {
  const file = openSync(path, "a");
  try {
    for (const bytes of [1 << 20, 4096]) {
      try {
        const zeros = Buffer.alloc(bytes);
        while (writeSync(file, zeros) === bytes);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOSPC") throw cause;
      }
    }
    if (spared > 0) ftruncateSync(file, Math.max(0, statSync(path).size - spared));
  } finally {
    closeSync(file);
  }
}

/** Writes nothing at all, or nothing beyond what its longest file is, and then less and less: a write may be done in part. */
export type Limit = "nothing" | "no more";

/** What a limit is the next time; files that are written from their beginning again come to it at last. */
const LESS = 0.95;

/** The usual disk, but what the process may write to it is limited, in one of these ways after the other. */
export function limitedDisk(place: string, limits: readonly Limit[], chance: Chance): Disk {
  mkdirSync(place, { recursive: true });
  let failed = 0;
  let limited: { readonly pid: number; bytes: number } | undefined;
  const longest = () => {
    const folder = join(place, "data");
    return Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).size));
  };
  return {
    place,
    forEverybody: false,
    fail({ pid }) {
      const bytes = limits[failed % limits.length] === "nothing" ? 0 : longest() + Math.floor(chance.between(0, 100_000));
      limited = { pid, bytes };
      limit(pid, bytes);
      failed += 1;
    },
    failOn() {
      if (!limited || limited.bytes === 0) return;
      limited.bytes = Math.floor(limited.bytes * LESS);
      limit(limited.pid, limited.bytes);
    },
    recover(server) {
      limited = undefined;
      if (server.alive()) limit(server.pid, "unlimited");
    },
    remove() {},
  };
}
