import type { SealedHead } from "#domain/seal";
import { type Witnessed, witnessOf } from "#domain/seal-check";
import type { OperatorLog } from "#pipeline/operator-log";
import { type Database, type Sealer, sealersOf } from "#store";
import { keepPublicKey } from "./audit-pub.ts";
import { testify } from "./witness.ts";

export interface SealingOptions {
  readonly database: Database;
  readonly folder: string;
  readonly operator: OperatorLog;
  readonly now?: () => Date;
}

export interface Sealing {
  /** Seals what is not sealed yet. Every writer has to have ended. */
  stop(): Promise<void>;
}

const HEADS_MS = 10_000;
const SEALS_MS = 60_000;
const FIRST_MS = 1_000;

/**
 * Seals this process's part of every Region's log each minute in which something was written, and tells its heads every ten seconds.
 *
 * A process of its own account: only who wrote a row can say that it is genuine, so this is no timer that one process runs for all.
 */
export function startSealing({ database, folder, operator, now = () => new Date() }: SealingOptions): Sealing {
  const told = new Map<string, number>();
  const say = (text: string) => text !== "" && process.stdout.write(text);
  // Whoever read it has gone; the file remains.
  process.stdout.on("error", () => undefined);
  let sealedAt = 0;
  let timeout: NodeJS.Timeout | undefined = setTimeout(round, FIRST_MS).unref();
  let running: Promise<void> = Promise.resolve();

  function round(): void {
    running = work().finally(() => {
      if (timeout) timeout = setTimeout(round, HEADS_MS).unref();
    });
  }

  async function work(): Promise<void> {
    if (Date.now() - sealedAt < SEALS_MS) return tell();
    sealedAt = Date.now();
    say(await sealAll(database, folder, operator, now()));
  }

  function tell(): void {
    const at = now().getTime();
    const news = [...sealersOf(database)].flatMap(({ region, heads }) => heads().map((head) => ({ at, region, ...head })));
    const fresh = news.filter(({ writer, number }) => number > (told.get(writer) ?? 0));
    for (const { writer, number } of fresh) told.set(writer, number);
    try {
      say(testify(folder, fresh));
    } catch (cause) {
      operator.error("heads not kept", { cause: String(cause) });
    }
  }

  return {
    async stop() {
      clearTimeout(timeout);
      timeout = undefined;
      await running;
      say(await sealAll(database, folder, operator, now()));
    },
  };
}

/**
 * Seals what the writers of this process wrote, and returns the lines that the witness got; what fails is told to the operator, and done the
 * next time.
 */
export async function sealAll(database: Database, folder: string, operator: OperatorLog, now: Date): Promise<string> {
  let told = "";
  for (const sealer of sealersOf(database)) {
    told += await sealOne(sealer, folder, now).catch((cause: unknown) => {
      operator.error("log not sealed", { region: sealer.region, cause: String(cause) });
      return "";
    });
  }
  return told;
}

/** @param found heads that the operator takes in as they are. */
export async function sealOne(sealer: Sealer, folder: string, now: Date, found: readonly SealedHead[] = []): Promise<string> {
  const made = await sealer.seal(now, found);
  if (!made) return "";
  keepPublicKey(folder, sealer.region, (await sealer.key()).publicKey);
  const { region, at, heads } = made.seal;
  const lines: readonly Witnessed[] = heads.map(({ writer, number, hash }) => ({ at, region, writer, number, hash }));
  return testify(folder, [...lines, witnessOf(made)]);
}
