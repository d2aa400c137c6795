/**
 * The file that a backup is: a tar archive, compressed, and encrypted as age does, so that `age -d FILE | tar xz` opens it without Trent.
 * @see C2SP, age-encryption.org/v1
 */
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Decrypter, Encrypter } from "age-encryption";
import { create, extract } from "tar";
import { passphraseIn } from "#roots/passphrase";
import { UsageError } from "./usage-error.ts";

const VARIABLE = "TRENT_BACKUP_PASSPHRASE";

/** @param recipients `age1…`; none: the passphrase of the environment. @throws {UsageError | RootUnusable} */
export function encrypterOf(recipients: readonly string[]): Encrypter {
  const encrypter = new Encrypter();
  if (recipients.length === 0) encrypter.setPassphrase(passphraseIn(process.env, VARIABLE));
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new UsageError(`--recipient ${recipient.slice(0, 100)} is none: age-keygen prints one, as age1….`);
    }
  }
  return encrypter;
}

/** @param path a file of identities, as age-keygen writes it; undefined: the passphrase of the environment. @throws {UsageError | RootUnusable} */
export function decrypterOf(path: string | undefined): Decrypter {
  const decrypter = new Decrypter();
  if (path === undefined) {
    decrypter.addPassphrase(passphraseIn(process.env, VARIABLE));
    return decrypter;
  }
  const identities = readFileSync(path, "utf8")
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#"));
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
  } catch {
    throw new UsageError(`--identity ${path} holds something that is none: age-keygen writes such files.`);
  }
  if (identities.length === 0) throw new UsageError(`--identity ${path} holds none.`);
  return decrypter;
}

/** Packs these files of a folder into one at this path, which is on the disk when this returns. */
export async function pack(folder: string, files: readonly string[], path: string, encrypter: Encrypter): Promise<void> {
  const archive = Readable.from(create({ cwd: folder, portable: true, gzip: true }, [...files]));
  const sealed = await encrypter.encrypt(Readable.toWeb(archive) as ReadableStream<Uint8Array>);
  await pipeline(Readable.fromWeb(sealed), createWriteStream(path, { mode: 0o600, flush: true, flags: "wx" }));
}

/** Unpacks the files of these names, and no others, into a folder. @throws {UsageError} when it cannot be opened, or was changed. */
export async function unpack(path: string, folder: string, files: readonly string[], decrypter: Decrypter): Promise<void> {
  // Another error, such as that there is no such file, says enough by itself.
  const sealed = createReadStream(path);
  await new Promise((resolve, reject) => sealed.once("open", resolve).once("error", reject));
  try {
    const opened = await decrypter.decrypt(Readable.toWeb(sealed) as ReadableStream<Uint8Array>);
    const unpacking = extract({ cwd: folder, strict: true, filter: (name, entry) => files.includes(name) && isFile(entry) });
    await pipeline(Readable.fromWeb(opened), unpacking);
  } catch (cause) {
    throw new UsageError(`${path} does not open: it is no backup, was changed, or is for another passphrase or identity.`, { cause });
  } finally {
    sealed.destroy();
  }
}

const isFile = (entry: object): boolean => "type" in entry && (entry.type === "File" || entry.type === "OldFile");
