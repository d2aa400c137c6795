import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Witnessed } from "#domain/seal-check";

/** Beyond this a new file is begun, and the one before is kept. */
const LARGEST = 8_000_000;

const filesIn = (folder: string): readonly [string, string] => [join(folder, "heads.1.jsonl"), join(folder, "heads.jsonl")];

/** Keeps lines in the data folder's `heads.jsonl`; returns them as they were written. */
export function testify(folder: string, lines: readonly Witnessed[]): string {
  if (lines.length === 0) return "";
  const text = lines.map((head) => `${JSON.stringify({ head })}\n`).join("");
  const [old, file] = filesIn(folder);
  if (existsSync(file) && statSync(file).size > LARGEST) putAside(file, old);
  appendFileSync(file, text, { mode: 0o600 });
  return text;
}

/** Another process may have done so a moment ago: then what is in its place is not old yet. */
function putAside(file: string, old: string): void {
  const taken = `${file}.${process.pid}`;
  renameSync(file, taken);
  if (statSync(taken).size > LARGEST) renameSync(taken, old);
  else {
    appendFileSync(file, readFileSync(taken), { mode: 0o600 });
    rmSync(taken);
  }
}

/** The lines of a witness, other lines left out: standard output of a server may be given as it is. A last line may be torn. */
export function testimony(paths: readonly string[]): readonly Witnessed[] {
  return paths
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, "utf8").split("\n"))
    .flatMap((line) => (line.startsWith('{"head":') && line.endsWith("}") ? headIn(line) : []));
}

export const witnessIn = (folder: string): readonly string[] => filesIn(folder);

function headIn(line: string): readonly Witnessed[] {
  try {
    const { at, region, writer, number, hash, seal, digest } = JSON.parse(line).head;
    if (typeof at !== "number" || typeof region !== "string") return [];
    if (Number.isInteger(seal) && typeof digest === "string") return [{ at, region, seal, digest }];
    if (typeof writer === "string" && Number.isInteger(number) && typeof hash === "string") return [{ at, region, writer, number, hash }];
    return [];
  } catch {
    return [];
  }
}
