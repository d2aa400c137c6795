import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { ExportFile } from "#domain/export-file";
import { UsageError } from "./usage-error.ts";

/** An end of name that no file has that is whole. */
const PART = ".part";

export const hexOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Writes a file of an export that says the same for ever.
 * @throws {UsageError} when there is one that says something else: it may be all that is left of what it tells of.
 */
export function keepFile(folder: string, file: ExportFile): void {
  if (isThere(folder, file.path) && textOf(folder, file.path) !== file.text)
    throw new UsageError(`${join(folder, file.path)} is not what would be exported: run audit verify --export, or export to a new folder.`);
  replaceFile(folder, file);
}

/** Writes a file of an export, compressed if its name says so, in the place of any other: whole, or not at all. */
export function replaceFile(folder: string, { path, text }: ExportFile): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const part = `${target}${PART}`;
  const file = openSync(part, "w", 0o600);
  try {
    const bytes = path.endsWith(".gz") ? gzipSync(text) : Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, target);
}

/** What a file says; undefined when it is not there or cannot be uncompressed. */
export function textOf(folder: string, path: string): string | undefined {
  try {
    const bytes = readFileSync(join(folder, path));
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  } catch {
    return undefined;
  }
}

export const isThere = (folder: string, path: string): boolean => existsSync(join(folder, path));

/** All files of an export, in order of name; what an interrupted export left half-written is none. */
export function filesOf(folder: string): readonly string[] {
  const below = (name: string) =>
    existsSync(join(folder, name))
      ? readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
          .filter((entry) => !entry.isDirectory() && !entry.name.endsWith(PART))
          .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
      : [];
  return [...below("AWSLogs"), ...below("Trent")].toSorted();
}
