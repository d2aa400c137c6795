import type { Link } from "./chain.ts";

/** Something in the log that is not as it was written. */
export interface Finding {
  readonly kind: "changed" | "missing" | "added" | "unsealed";
  readonly what: string;
}

/** What somebody outside of the chain says of one row's hash. */
export interface Attested {
  readonly hash: string;
  /** `seal 12`, `the witness`. */
  readonly by: string;
}

/** What is known of a writer before its rows are read. */
export interface Expected {
  /** By number. */
  readonly attested: ReadonlyMap<number, Attested>;
  /** Rows up to this number may have expired; 0 if none. */
  readonly expired: number;
}

export interface ChainReport {
  readonly findings: readonly Finding[];
  /** Rows that may have expired and are not there. */
  readonly expired: number;
  /** The number of the last row. */
  readonly last: number;
}

export interface ChainCheck {
  add(link: Link): void;
  /** Says that rows that may have expired, and were not met by now, have: what comes later was written later. */
  settle(): void;
  end(): ChainReport;
}

/** A row, and the hash that it would have if it were right. */
interface Doubt {
  readonly link: Link;
  readonly wanted: string;
}

const START: Link = { writer: "", number: 0, previous: "", hash: "", row: { pk: "", sk: "" } };
const placeOf = ({ number, row }: Link): string => `record ${number} (${row.pk} ${row.sk})`;

/**
 * Follows one writer's chain, whatever the order in which its rows come.
 *
 * Two rows that do not fit together tell that one of them was changed; the row after them, or an attested hash, tells which.
 */
export function chainCheck({ attested, expired }: Expected): ChainCheck {
  const findings: Finding[] = [];
  /** Rows that were found changed: which finding that is, and the hash that they were to have. */
  const blamed = new Map<number, Doubt & { readonly finding: number }>();
  const waiting = new Map<number, Link[]>();
  /** Numbers that are taken for expired: from, to, both included; ascending. */
  const holes: [from: number, to: number][] = [];
  /** Whoever claims the last number that was reached: the row after tells which is the right one. */
  let tail: readonly Link[] = [START];
  let number = 0;
  /** The row before `tail`, where they do not fit together. */
  let doubted: Doubt | undefined;
  let gone = 0;

  const find = (kind: Finding["kind"], what: string) => findings.push({ kind, what });
  function blame({ link, wanted }: Doubt): void {
    if (link.number === 0 || blamed.has(link.number)) return;
    blamed.set(link.number, { link, wanted, finding: findings.length });
    find("changed", `${placeOf(link)} is not what was written there, or was moved there`);
  }
  const taken = (link: Link): Finding => ({ kind: "added", what: `${placeOf(link)} has a number that another row has` });

  /** A row that comes when its number is taken: it may be the right one all the same. */
  function late(link: Link): void {
    const doubt = doubted?.link.number === link.number ? doubted : undefined;
    const blame = blamed.get(link.number);
    if (doubt && doubt.wanted === link.hash) {
      findings.push(taken(doubt.link));
      doubted = undefined;
    } else if (blame && blame.wanted === link.hash) findings[blame.finding] = taken(blame.link);
    else findings.push(taken(link));
  }

  /** Says which of several rows with one number is right. */
  function settleOn(right: Link): void {
    for (const other of tail) if (other !== right) findings.push(taken(other));
    const said = attested.get(right.number);
    if (said && said.hash !== right.hash) blame({ link: right, wanted: said.hash });
  }

  function step(next: readonly Link[]): void {
    for (const before of tail) {
      const fits = next.find(({ previous }) => previous === before.hash);
      if (!fits) continue;
      settleOn(before);
      if (doubted) blame(doubted);
      doubted = undefined;
      tail = [fits, ...next.filter((other) => other !== fits)];
      return;
    }
    const [before = START] = tail;
    const [first = START] = next;
    const doubt = { link: before, wanted: first.previous };
    settleOn(before);
    // Nothing comes before the first row, so it is that which is wrong.
    if (before === START) blame({ link: first, wanted: "" });
    else if (doubted) blame(doubt);
    doubted = doubted || before === START ? undefined : doubt;
    tail = next;
  }

  function drain(): void {
    for (let next = waiting.get(number + 1); next; next = waiting.get(number + 1)) {
      waiting.delete(number + 1);
      step(next);
      number += 1;
    }
  }

  /** Goes on behind a gap. */
  function skipTo(next: number): void {
    finish();
    holes.push([number + 1, next - 1]);
    gone += next - number - 1;
    tail = waiting.get(next) ?? [];
    waiting.delete(next);
    number = next;
  }

  /** Whether a row that comes late was taken for expired; it is no more. */
  function fills(late: number): boolean {
    const at = holes.findLastIndex(([from]) => from <= late);
    const [from, to] = holes[at] ?? [0, -1];
    if (late > to) return false;
    const left: typeof holes = [
      [from, late - 1],
      [late + 1, to],
    ];
    holes.splice(at, 1, ...left.filter(([first, last]) => first <= last));
    return true;
  }

  /** The numbers of those that wait, ascending. */
  const inOrder = (): readonly number[] => [...waiting.keys()].sort((a, b) => a - b);

  /** There is no row after the last to tell. */
  function finish(): void {
    const [last = START] = tail;
    const right = tail.find(({ number: at, hash }) => attested.get(at)?.hash === hash) ?? last;
    if (doubted) {
      const [mine, before] = [attested.get(right.number), attested.get(doubted.link.number)];
      const isBefore = mine ? mine.hash === right.hash : before?.hash !== doubted.link.hash;
      blame(isBefore ? doubted : { link: right, wanted: mine?.hash ?? "" });
    }
    doubted = undefined;
    settleOn(right);
  }

  return {
    add(link) {
      if (link.number === number + 1 && !waiting.has(link.number)) {
        step([link]);
        number += 1;
        if (waiting.size > 0) drain();
      } else if (link.number > number) {
        waiting.set(link.number, [...(waiting.get(link.number) ?? []), link]);
        drain();
      } else if (fills(link.number)) gone -= 1;
      else if (link.number === number) tail = [...tail, link];
      else late(link);
    },
    settle() {
      if (number >= expired) return;
      for (const next of inOrder()) {
        if (!waiting.has(next)) continue;
        if (number >= expired || next - 1 > expired) return;
        skipTo(next);
        drain();
      }
    },
    end() {
      this.settle();
      for (const next of inOrder()) {
        if (!waiting.has(next)) continue;
        const from = Math.max(number, expired) + 1;
        find("missing", from === next - 1 ? `record ${from}` : `records ${from} to ${next - 1}`);
        skipTo(next);
        drain();
      }
      finish();
      const promised = [...attested.keys()].reduce((most, at) => Math.max(most, at), 0);
      const from = Math.max(number, expired) + 1;
      if (promised >= from) {
        const by = attested.get(promised)?.by;
        find("missing", `${promised === from ? `record ${from}` : `records ${from} to ${promised}`}, the newest, of which ${by} tells`);
      }
      if (promised > number) gone += Math.min(promised, expired) - Math.min(number, expired);
      return { findings, expired: gone, last: number };
    },
  };
}
