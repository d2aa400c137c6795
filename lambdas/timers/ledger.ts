import type { Author } from "#domain/key";
import { askedBy, type ServiceEvent, serviceEvent, serviceIdentity } from "#domain/service-event";
import type { Gate, LogWriter, Mutation } from "#store";

/** Where something that Trent does by itself is written down. */
export interface LedgerOptions {
  readonly log: LogWriter;
  readonly account: string;
  readonly event: string;
  /** Its row in the log. */
  readonly id: string;
  /** When it began: intents and outcome stand in the log of that day, whenever it ends. */
  readonly since: Date;
  /** 1, or one more each time that it is taken up again. */
  readonly tries: number;
  /** Who asked for it in another Region; absent where nobody did. */
  readonly author?: Author;
}

export interface Ledger {
  /** Stands before every change: the first one of a try is written down before it happens. */
  readonly gate: Gate;
  /** Whether anything was, or was about to be, changed. */
  opened(): boolean;
  /** Writes down what became of it, with everything that was changed. */
  close(now: Date, facts: Pick<Partial<ServiceEvent>, "x" | "q" | "a" | "d" | "r">): Promise<void>;
}

/** An intent before the first change, the outcome after the last: what `intent` and `audit` are to a call. */
export function ledger({ log, account, event, id, since, tries, author }: LedgerOptions): Ledger {
  const changes: Mutation[] = [];
  const by = author?.caller ?? serviceIdentity(account);
  const entry = (row: string, body: object) => log.append({ account, id: row, at: since, body: JSON.stringify(body) });

  return {
    async gate(mutation) {
      changes.push(mutation);
      if (changes.length > 1) return;
      await entry(`${id}#I${tries === 1 ? "" : tries}`, { i: 1, s: "kms", e: event, c: by, m: mutation });
    },
    opened: () => tries > 1 || changes.length > 0,
    close: (now, facts) =>
      entry(
        id,
        serviceEvent(account, now, {
          s: "kms",
          e: event,
          ...facts,
          ...(author && askedBy(author)),
          ...(changes.length > 0 && (facts.x ? { v: changes } : { w: changes })),
        }),
      ),
  };
}
