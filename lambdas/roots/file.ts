import type { KeyObject } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { generateKey, randomBytes, secretKey } from "@trent/crypto";
import { type Keeping, ROOT_LENGTH, type Root, RootUnusable, rootOfHalves } from "./root.ts";

/** Halves as they are, in base64: the file's mode is what keeps them. */
export const plain: Keeping = {
  protection: undefined,
  kept: async ({ control, material }) => ({ control: base64Of(control), material: base64Of(material) }),
  opened: async ({ control, material }) => ({ control: halfOf(control), material: halfOf(material) }),
};

function base64Of(half: KeyObject): string {
  const bytes = half.export();
  const text = bytes.toString("base64");
  bytes.fill(0);
  return text;
}

function halfOf(text: string): KeyObject {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== ROOT_LENGTH) throw new RootUnusable("The root key is not two keys of 32 bytes.");
  return secretKey(bytes);
}

/**
 * The roots in a file that only its owner can read: JSON with a version and both halves, as they are kept.
 * @throws {RootUnusable} when it is missing, readable by others, not such a file, or kept in another way.
 */
export async function rootFromFile(path: string, keeping: Keeping = plain): Promise<Root> {
  const { version, control, material, protection, ...others } = storedIn(path);
  if (version !== 1 || typeof control !== "string" || typeof material !== "string")
    throw new RootUnusable(`${path} is not a root key file of version 1.`);
  if (protection !== keeping.protection)
    throw new RootUnusable(`${path} is ${kindOf(protection)}: ${REMEDIES[String(protection)] ?? "?"}.`);
  return rootOfHalves(await keeping.opened({ ...others, control, material }));
}

function kindOf(protection: unknown): string {
  return protection === undefined ? "a root key that nothing else protects" : `protected by ${JSON.stringify(protection)}`;
}

const REMEDIES: Readonly<Record<string, string>> = {
  undefined: "use --root file",
  passphrase: "use --root passphrase",
  "aws-kms": "use --root aws-kms:KEY",
};

function storedIn(path: string): Readonly<Record<string, unknown>> {
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
    return JSON.parse(readFileSync(file, "utf8")) ?? {};
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
export async function ensureRootFile(path: string, keeping: Keeping = plain): Promise<void> {
  if (!existsSync(path)) await makeRootFile(path, keeping);
  const drafts = readdirSync(dirname(path)).filter((name) => isDraft(name, basename(path)));
  // What a crash left behind may be a second name of the root.
  for (const name of drafts) rmSync(join(dirname(path), name), { force: true });
}

async function makeRootFile(path: string, keeping: Keeping): Promise<void> {
  // Not named after the process: in a container it has the same number as the one that crashed here before.
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    await writeRoot(draft, keeping);
    linkSync(draft, path);
  } catch (cause) {
    // Another process was faster, and may have cleared this one's draft away.
    if (!existsSync(path)) throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(dirname(path));
}

/** Makes a file with new halves, which is on the disk, and opens, when this returns. @throws {RootUnusable} */
async function writeRoot(path: string, keeping: Keeping): Promise<void> {
  const { protection, kept } = keeping;
  const halves = { control: generateKey(), material: generateKey() };
  writeDurably(path, `${JSON.stringify({ version: 1, ...(protection !== undefined && { protection }), ...(await kept(halves)) })}\n`);
  const { fingerprint } = await rootFromFile(path, keeping);
  if (fingerprint !== rootOfHalves(halves).fingerprint) throw new RootUnusable("The new root key does not open as it was made.");
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const formerOf = (path: string): string => `${path}.former`;

/**
 * Puts a new root in the place of the one in a file, which stays beside it until {@link endReplacing}: what is wrapped is wrapped under the new one
 * from now on, and what was wrapped opens under either. A replacement that was begun and not ended is gone on with.
 *
 * Only one process at a time may do this, until it has ended it: a second new root would take the place of one that is in use already.
 * @returns whether it was begun before, and the new root was in its place.
 */
export async function replaceRootFile(path: string, keeping: Keeping): Promise<boolean> {
  const former = formerOf(path);
  const begun = existsSync(former);
  // By what they hold: a copy of the folder may have made two files of one.
  if (begun && (await rootFromFile(path, keeping)).fingerprint !== (await rootFromFile(former, keeping)).fingerprint) return true;
  // Not as other drafts are named: those are cleared away by whoever starts.
  const next = `${path}.next`;
  rmSync(next, { force: true });
  await writeRoot(next, keeping);
  if (!begun) linkSync(path, former);
  syncFolder(dirname(path));
  renameSync(next, path);
  syncFolder(dirname(path));
  return false;
}

/** Forgets the former root: nothing may be under it any more. */
export function endReplacing(path: string): void {
  rmSync(formerOf(path), { force: true });
  syncFolder(dirname(path));
}

/** The root in a file, whatever root that is at the moment it is asked for. @throws {RootUnusable} */
export async function followedRoot(path: string, keeping: Keeping): Promise<Root> {
  let at = stampOf(path);
  let root = await rootFromFile(path, keeping);
  let before: { readonly at: string; readonly root: Root } | undefined;
  const present = async (): Promise<Root> => {
    const stamp = stampOf(path);
    if (stamp !== at) {
      root = await rootFromFile(path, keeping);
      at = stamp;
    }
    return root;
  };
  return {
    fingerprint: root.fingerprint,
    control: async () => (await present()).control(),
    material: async () => (await present()).material(),
    async former() {
      const stamp = stampOf(formerOf(path));
      if (stamp === undefined) before = undefined;
      // Once for all: a passphrase takes its time, and a KMS is asked.
      else if (before?.at !== stamp) before = { at: stamp, root: await rootFromFile(formerOf(path), keeping) };
      return before?.root;
    },
  };
}

/** Another file under the name, or another content; undefined when there is none. */
function stampOf(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts && `${facts.ino} ${facts.mtimeMs}`;
}

const isDraft = (name: string, root: string): boolean => name.startsWith(`${root}.`) && /^[0-9a-f]{16}$/.test(name.slice(root.length + 1));

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}
