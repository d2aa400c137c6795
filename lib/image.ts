/**
 * `node lib/image.ts DIR`: the files of a container image that runs Trent and has nothing else: no shell, no package manager, no libraries but
 * those that Node loads. The Dockerfile puts them into an empty image.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pack } from "./pack.ts";

/** Who runs it: nobody whom the machine outside knows. */
export const USER = 65532;
/** Where the command and the data folder are in the image. */
export const COMMAND = "/opt/trent/lambdas/local/main.js";
export const DATA = "/data";

/** Makes the files. @param node the binary: by default the one that runs this. */
export async function image(root: string, node: string = process.execPath): Promise<void> {
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  copy(realpathSync(node), join(root, "usr/local/bin/node"));
  for (const library of librariesOf(node)) copy(realpathSync(library), join(root, library));
  const packed = mkdtempSync(join(tmpdir(), "trent-image-"));
  try {
    await pack(packed);
    cpSync(join(packed, "package"), join(root, "opt/trent"), { recursive: true });
  } finally {
    rmSync(packed, { recursive: true });
  }
  mkdirSync(join(root, "etc"), { recursive: true });
  writeFileSync(join(root, "etc/passwd"), `trent:x:${USER}:${USER}::${DATA}:/nonexistent\n`);
  writeFileSync(join(root, "etc/group"), `trent:x:${USER}:\n`);
  mkdirSync(join(root, DATA), { recursive: true, mode: 0o700 });
  mkdirSync(join(root, "tmp"), { mode: 0o1777 });
}

/** The libraries that a binary loads, and what loads them; by their paths. */
export function librariesOf(binary: string): readonly string[] {
  const said = execFileSync("ldd", [binary], { encoding: "utf8" });
  return [...said.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [root] = process.argv.slice(2);
  if (root === undefined) throw new Error("Say where: node lib/image.ts DIR");
  await image(root);
}
