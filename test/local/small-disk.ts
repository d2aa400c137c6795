import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Mounts a small disk over a folder, which is made; calling what it returns takes it away again. Only root can, and not everywhere. */
export function mountDisk(folder: string, options: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  execFileSync("mount", ["-t", "tmpfs", "-o", `mode=700,${options}`, "tmpfs", folder], { stdio: "ignore" });
  return () => void execFileSync("umount", [folder], { stdio: "ignore" });
}

/** Why disks cannot be mounted here; undefined when they can. */
export const cannotMount: string | undefined = ((): string | undefined => {
  const place = mkdtempSync(join(tmpdir(), "trent-mount-"));
  try {
    mountDisk(place, "size=64k")();
    return undefined;
  } catch (cause) {
    return String(cause).split("\n")[0];
  } finally {
    rmSync(place, { recursive: true });
  }
})();
