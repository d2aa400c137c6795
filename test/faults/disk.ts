import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { mountDisk } from "../local/small-disk.ts";
import { call } from "../pipeline/signed-request.ts";
import type { Outcome } from "./crash.ts";
import { newLedger } from "./ledger.ts";
import { type Server, startServer } from "./server.ts";
import { missing } from "./verify.ts";

/** A way to leave a server without a place to write, and to give it back. */
export interface Shortage {
  readonly name: string;
  begin(folder: string, server: Server): void;
  end(folder: string, server: Server): void;
}

/** The disk is full: a file takes what is left of it. */
export const fullDisk: Shortage = {
  name: "full disk",
  begin(folder) {
    const file = openSync(join(folder, "filler"), "w");
    try {
      for (;;) writeSync(file, Buffer.alloc(4096));
    } catch {
      closeSync(file);
    }
  },
  end: (folder) => rmSync(join(folder, "filler")),
};

const limit = (pid: number | undefined, bytes: number | "unlimited"): void =>
  void execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`], { stdio: "ignore" });

/** Files may not grow: writes beyond the smaller log file fail. */
export const noGrowth: Shortage = {
  name: "files may not grow",
  begin: (folder, { process }) => limit(process.pid, statSync(join(folder, "log.db")).size),
  end: (_, { process }) => limit(process.pid, "unlimited"),
};

export interface DiskOutcome extends Outcome {
  readonly shortage: string;
  /** Calls that were refused because nothing could be written. */
  readonly refused: number;
  /** What should not have been: an answer without its record, a wrong error, a server that did not go on. */
  readonly wrong: readonly string[];
}

const AT_ONCE = 8;

/** Takes the space away from a server, over and over, and gives it back. The disk of the folder may be small. */
export async function shortOfSpace(shortage: Shortage, rounds: number, megabytes?: number): Promise<DiskOutcome> {
  const started = performance.now();
  const parent = mkdtempSync(join(tmpdir(), "trent-disk-"));
  const folder = join(parent, "data");
  const unmount = megabytes === undefined ? () => {} : mountDisk(folder, `size=${megabytes}m`);
  const ledger = newLedger();
  const wrong: string[] = [];
  let refused = 0;
  const server = await startServer(folder);
  const made = await call(server, "CreateKey", {});
  const first = JSON.parse(made.text).KeyMetadata.KeyId;

  /** A call; what it acknowledges is kept. True when it was refused for want of space. */
  async function attempt(operation: string, body: object): Promise<boolean> {
    const answer = await call(server, operation, body);
    if (answer.status === 200) {
      ledger.calls.set(answer.requestId, { operation, change: operation === "CreateKey" });
      const { KeyMetadata, CiphertextBlob } = JSON.parse(answer.text);
      if (KeyMetadata) ledger.keys.add(KeyMetadata.KeyId);
      if (CiphertextBlob) ledger.ciphertexts.push({ blob: CiphertextBlob, plaintext: "YQ==", context: {} });
      return false;
    }
    if (answer.text !== '{"__type":"KMSInternalException"}' || answer.status !== 500)
      wrong.push(`${operation}: ${answer.status} ${answer.text}`);
    refused += 1;
    return true;
  }
  /** So many calls at once, a quarter of them changes; tells how many were refused. */
  async function attempts(): Promise<number> {
    const encrypt = () => attempt("Encrypt", { KeyId: first, Plaintext: "YQ==" });
    const all = Array.from({ length: AT_ONCE }, (_, number) => (number % 4 === 0 ? attempt("CreateKey", {}) : encrypt()));
    return (await Promise.all(all)).filter((denied) => denied).length;
  }
  const health = async () => (await fetch(new URL("/healthz", server.url))).status;

  for (let round = 0; round < rounds; round += 1) {
    for (let made = 0; made < 3; made += 1) await attempts();
    shortage.begin(folder, server);
    // What the files have room for inside is still written: that is no shortage yet.
    let denied = 0;
    for (let tried = 0; denied < 4 * AT_ONCE && tried < 1000; tried += 1) denied += await attempts();
    if (denied < 4 * AT_ONCE) wrong.push(`round ${round}: never short of space`);
    await setTimeout(1100);
    if ((await health()) !== 503) wrong.push(`round ${round}: healthy without space`);
    shortage.end(folder, server);
    if (!server.log().includes('"event":"call failed"')) wrong.push("the operator was told nothing");
    for (let made = 0; made < 3; made += 1) if ((await attempts()) > 0) wrong.push(`round ${round}: refused with space`);
    await setTimeout(1100);
    if ((await health()) !== 200) wrong.push(`round ${round}: unhealthy with space`);
  }
  // A change that was made and whose outcome found no room is a success: its intent is there, and the operator was told.
  const told = new Set(
    Array.from(server.log().matchAll(/"outcome not recorded","requestId":"([^"]+)"/g), ([, id]) => `record of CreateKey ${id}`),
  );
  const lost = (await missing(server, folder, ledger)).filter((what) => !told.has(what));
  if ((await server.stop()) !== 0) wrong.push("it did not end in order");
  unmount();
  rmSync(parent, { recursive: true });
  return { shortage: shortage.name, rounds, ledger, lost, refused, wrong, seconds: (performance.now() - started) / 1000 };
}

/** Why a process cannot be kept from growing files here; undefined when it can. */
export const cannotLimit: string | undefined = ((): string | undefined => {
  try {
    execFileSync("prlimit", ["--pid", String(process.pid), "--fsize"], { stdio: "ignore" });
    return undefined;
  } catch (cause) {
    return String(cause).split("\n")[0];
  }
})();
