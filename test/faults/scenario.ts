import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { wrongInAnswers } from "./asked.ts";
import { damage, readBooks } from "./books.ts";
import { type Call, done, named, of } from "./calls.ts";
import type { Chance } from "./chance.ts";
import { wrongInState } from "./kept.ts";
import { type RecordRules, wrongInLog } from "./recorded.ts";
import type { Server } from "./server.ts";

/** What a scenario has to work with. */
export interface Scene {
  readonly name: string;
  readonly rounds: number;
  readonly chance: Chance;
  /** A folder of the scenario's own; it is gone afterwards, unless something was found. */
  readonly place: string;
  /** Every call that was made, in order. */
  readonly calls: Call[];
  /** What was found to be wrong. A scenario ends with the round that found something. */
  readonly found: string[];
  /** Rows of the log that were last verified. */
  records: number;
  /** For whoever waits. */
  readonly tell: (line: string) => void;
}

export interface Scenario {
  readonly name: string;
  /** Why it cannot be played on this machine, or what it is played with for lack of something better. */
  readonly lacks?: { readonly what: string; readonly instead: string | undefined };
  play(scene: Scene): Promise<void>;
}

export interface Report {
  readonly scenario: string;
  readonly rounds: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly cutOff: number;
  readonly keys: number;
  readonly ciphertexts: number;
  readonly records: number;
  readonly violations: readonly string[];
  readonly seconds: number;
}

/** Plays a scenario; whatever it throws is a finding too. */
export async function play(
  { name, play }: Scenario,
  { rounds, chance, tell = () => {} }: Pick<Scene, "rounds" | "chance"> & { readonly tell?: Scene["tell"] },
): Promise<Report> {
  const began = performance.now();
  const place = mkdtempSync(join(tmpdir(), `trent-faults-${name}-`));
  const calls: Call[] = [];
  const found: string[] = [];
  const scene: Scene = { name, rounds, chance, place, calls, found, records: 0, tell: (line) => tell(`${name}: ${line}`) };
  try {
    await play(scene);
  } catch (cause) {
    found.push(`The scenario failed: ${cause instanceof Error ? (cause.stack ?? cause.message) : cause}`);
  }
  if (found.length === 0) rmSync(place, { recursive: true, force: true });
  else scene.tell(`the data folder is left in ${place}`);
  return {
    scenario: name,
    rounds,
    acknowledged: done(calls).length,
    refused: calls.filter(({ refused }) => refused).length,
    cutOff: calls.filter(({ cutOff }) => cutOff !== undefined).length,
    keys: done(of(calls, "CreateKey")).length,
    ciphertexts: done(of(calls, "Encrypt")).length,
    records: scene.records,
    violations: found,
    seconds: (performance.now() - began) / 1000,
  };
}

export interface Checking extends RecordRules {
  /** Calls from this one on are asked about one by one, of those before it a sample. */
  readonly since: number;
}

/** How many of the older calls are asked about. */
const SAMPLE = 150;
/** Begins the names of what is changed and looked at on the spot. */
export const APART = "apart-";

/**
 * Holds a server, and the files that it stands on, to all that was acknowledged. No call may be under way.
 *
 * The files are compared whole, each time; the server is asked about the calls of the round, and a sample of those before.
 */
export async function check(scene: Scene, server: Server, folder: string, { since, ...rules }: Checking): Promise<void> {
  const { calls, found, chance } = scene;
  const books = readBooks(folder);
  scene.records = books.entries.length;
  found.push(...damage(folder), ...wrongInLog(books, calls, rules));
  const kept = wrongInState(books, calls, APART);
  found.push(...kept.found);
  const older = calls.slice(0, since).filter(() => chance.of(SAMPLE / Math.max(since, SAMPLE)));
  found.push(...(await wrongInAnswers(server, [...older, ...calls.slice(since)], kept.unclaimed)));
}

/** What calls were answered that nobody made fail. */
export function unexpected(calls: readonly Call[]): string[] {
  return calls.flatMap((call) => {
    const { deed, refused, cutOff } = call;
    if (cutOff !== undefined) return [`${named(call)} was cut off by a server that runs: ${cutOff}`];
    // Four tries can all come too late when another process changes the same key.
    if (!refused || deed.operation === "other") return [];
    if (deed.operation === "TagResource" && deed.contended && refused.error === "KMSInternalException") return [];
    return [`${named(call)} was refused by a server that is well: ${refused.error}`];
  });
}

/** Waits until something is so; false when it is not in time. */
export async function until(isSo: () => boolean | Promise<boolean>, ms: number, every = 20): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > deadline) return false;
    await pause(every);
  }
  return true;
}
