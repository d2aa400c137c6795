import type { Head } from "#domain/chain";
import { longestOf, type Retention } from "#domain/retention";
import { digestOf, SEAL_OUTLIVES_DAYS, type Seal, type SealedHead, sealName, signedSealIn } from "#domain/seal";
import { type AuditKey, ensureAuditKey } from "./audit-keys.ts";
import type { DomainKeys } from "./domain-keys.ts";
import { Conflict, type Table } from "./port.ts";

/** Vouches for what the writers of this process wrote to one Region's log. */
export interface Sealer {
  readonly region: string;
  /** Made if there is none. */
  key(): Promise<AuditKey>;
  /** Heads of the writers that are alive, or ended without being sealed. */
  heads(): readonly Head[];
  /**
   * Seals what was written since the last time; undefined when that is nothing.
   * @param found heads of writers that have ended without sealing them, which somebody takes in as they are.
   */
  seal(now: Date, found?: readonly SealedHead[]): Promise<MadeSeal | undefined>;
  /** The key that signs the digests of exports; made if there is none. */
  exportKey(): Promise<AuditKey>;
}

export interface MadeSeal {
  readonly seal: Seal;
  readonly digest: string;
}

/** A writer of the log, as far as its seals need it. */
interface SealedWriter {
  heads(): readonly Head[];
  /** Forgets heads of writers that have ended. */
  sealed(heads: readonly Head[]): void;
}

export interface SealerOptions {
  readonly table: Table;
  readonly region: string;
  readonly retention: Retention;
  readonly writer: SealedWriter;
  readonly keys: DomainKeys;
}

interface Newest {
  readonly number: number;
  readonly digest: string;
  readonly at: number;
}

const PARTITION = "SEAL";
/** Others seal too, and each number is taken once. */
const TRIES = 20;

export function sealer({ table, region, retention, writer, keys }: SealerOptions): Sealer {
  let opened: Promise<AuditKey> | undefined;
  let newest: Newest | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  /** What this process has sealed of each writer. */
  const sealed = new Map<string, { readonly number: number; readonly at: number }>();

  function key(): Promise<AuditKey> {
    opened ??= ensureAuditKey(table, region, keys);
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  }

  async function readNewest(): Promise<Newest | undefined> {
    const { rows } = await table.query({ pk: PARTITION, limit: 1, backwards: true });
    const [row] = rows;
    const signed = row && signedSealIn(row.body);
    if (!row) return undefined;
    // One that is spoilt is for `trent audit verify` to tell; sealing goes on behind it.
    const said: Partial<Seal> = signed ? JSON.parse(signed.text) : {};
    return { number: Number(row.sk), digest: digestOf({ text: signed?.text ?? row.body }), at: said.at ?? 0 };
  }

  const changed = (): readonly SealedHead[] =>
    writer.heads().flatMap((head) => {
      const since = sealed.get(head.writer);
      if (head.number === (since?.number ?? 0)) return [];
      return [{ ...head, ...(since && { since }) }];
    });

  async function attempt(now: Date, found: readonly SealedHead[]): Promise<MadeSeal | undefined> {
    const heads = [...changed(), ...found];
    if (heads.length === 0) return undefined;
    const { number: keyNumber, sign } = await key();
    for (let tries = 1; ; tries += 1) {
      newest ??= await readNewest();
      const at = now.getTime();
      const previous = newest && { digest: newest.digest, at: newest.at };
      const seal: Seal = { region, number: (newest?.number ?? 0) + 1, at, days: retention.days, ...(previous && { previous }), heads };
      const text = JSON.stringify(seal);
      const body = JSON.stringify({ text, key: keyNumber, signature: await sign(text) });
      const expires = Math.floor(at / 1000) + (longestOf(retention) + SEAL_OUTLIVES_DAYS) * 86_400;
      try {
        await table.append([{ pk: PARTITION, sk: sealName(seal.number), version: 1, body, expires }]);
      } catch (cause) {
        // Whether it was written is not known: what is there now tells.
        newest = undefined;
        if (cause instanceof Conflict && tries < TRIES) continue;
        throw cause;
      }
      newest = { number: seal.number, digest: digestOf({ text }), at };
      for (const head of heads) sealed.set(head.writer, { number: head.number, at });
      writer.sealed(heads);
      return { seal, digest: newest.digest };
    }
  }

  return {
    region,
    key,
    heads: () => writer.heads(),
    exportKey: () => ensureAuditKey(table, region, keys, "exports"),
    seal(now, found = []) {
      const mine = turn.then(() => attempt(now, found));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}
