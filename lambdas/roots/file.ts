import { closeSync, existsSync, fstatSync, fsyncSync, linkSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { randomBytes } from "@trent/crypto";
import { ROOT_LENGTH, type Root, RootUnusable, rootOf } from "./root.ts";

/**
 * The roots in a file that only its owner can read: JSON with a version and both keys in base64.
 * @throws {RootUnusable} when it is missing, readable by others, or not such a file.
 */
export function rootFromFile(path: string): Root {
  const file = openToRead(path);
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) throw new RootUnusable(`${path} is not a file.`);
    const { mode } = facts;
    if ((mode & 0o077) !== 0) {
      throw new RootUnusable(
        `${path} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 it, and think about who has read it.`,
      );
    }
    const stored: Record<string, unknown> | null = JSON.parse(readFileSync(file, "utf8"));
    const { version, control, material } = stored ?? {};
    if (version !== 1 || typeof control !== "string" || typeof material !== "string")
      throw new RootUnusable(`${path} is not a root key file of version 1.`);
    return rootOf(Buffer.from(control, "base64"), Buffer.from(material, "base64"));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new RootUnusable(`${path} is not a root key file.`);
    throw cause;
  } finally {
    closeSync(file);
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new RootUnusable(`${path} cannot be read: ${(cause as Error).message}.`);
  }
}

/**
 * Makes a root key file unless there is one; of two processes at once, one makes it and both use it.
 *
 * It is on the disk before this returns, because what is wrapped under it would be lost with it.
 */
export function ensureRootFile(path: string): void {
  if (!existsSync(path)) makeRootFile(path);
  const drafts = readdirSync(dirname(path)).filter((name) => isDraft(name, basename(path)));
  // What a crash left behind may be a second name of the root.
  for (const name of drafts) rmSync(join(dirname(path), name), { force: true });
}

function makeRootFile(path: string): void {
  const [control, material] = [randomBytes(ROOT_LENGTH), randomBytes(ROOT_LENGTH)];
  // Not named after the process: in a container it has the same number as the one that crashed here before.
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, `${JSON.stringify({ version: 1, control: control.toString("base64"), material: material.toString("base64") })}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (cause) {
    // Another process was faster, and may have cleared this one's draft away.
    if (!existsSync(path)) throw cause;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
    control.fill(0);
    material.fill(0);
  }
  syncFolder(dirname(path));
}

const isDraft = (name: string, root: string): boolean => name.startsWith(`${root}.`) && /^[0-9a-f]{16}$/.test(name.slice(root.length + 1));

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}
