import { digest } from "@trent/crypto";
import { type Head, hashOf } from "#domain/chain";
import { beganAt } from "#domain/event-id";
import type { EventRecord } from "#domain/event-record";
import { wordsOf } from "#domain/event-words";
import { daysFor, longestOf, type Retention } from "#domain/retention";
import { Conflict, type Row, type RowKey, type Table } from "./port.ts";

/** A row of the log before it is numbered: where it goes and what it says. */
export interface Entry {
  readonly account: string;
  /** Request id, or that of an intent. Ascending in time. */
  readonly id: string;
  readonly at: Date;
  /** Compact JSON: a record, an intent or an outcome. */
  readonly body: string;
  /** What the body says, where it is at hand: it need not be read again to find its words. */
  readonly record?: EventRecord;
}

export interface LogWriter {
  /** Returns when the entry can be read by everybody, and not before. A failure means that it may be missing. */
  append(entry: Entry): Promise<void>;
  /** How many entries wait until they can be read, and since when the first of them, in milliseconds. */
  lag?(): { readonly waiting: number; readonly ms: number };
}

/** A log's writer, as its seals see it. */
export interface ChainWriter extends LogWriter {
  /** How far it has certainly got, and each writer before it that ended and is not sealed. */
  heads(): readonly Head[];
  /** Forgets writers that have ended. */
  sealed(heads: readonly Head[]): void;
}

interface Waiting {
  readonly entry: Entry;
  readonly since: number;
  readonly done: () => void;
  readonly failed: (cause: unknown) => void;
}

export interface LogOptions extends Retention {
  readonly table: Table;
  /** Partitions that a day's records are spread over: 1 on SQLite, 16 on DynamoDB. */
  readonly shards: number;
  readonly newWriter: () => string;
  /** The time that seals go by, in milliseconds; absent where nothing is written long after its own. */
  readonly now?: () => number;
}

/** Rows written together at the most. */
const GROUP = 256;
const FIRST = "";

/**
 * One writer of one Region's log: numbers its rows and chains each to the one before by its hash.
 *
 * Rows go out in groups, one group at a time; what comes meanwhile forms the next. When a group fails, nobody can say which of its rows were
 * written, so its writer ends there and a new one starts, whose first row names the last writer with a certain row, and that row's number.
 */
export function logWriter({ table, shards, newWriter, now: clock, ...retention }: LogOptions): ChainWriter {
  const now = clock ?? (() => 0);
  let writer = newWriter();
  let number = 0;
  let hash = FIRST;
  /** The writer that this one took over from, said in its first row. */
  let follows: string | undefined;
  let waiting: Waiting[] = [];
  let atWork: readonly Waiting[] = [];
  let writing = false;
  /** The last row that is certainly there. */
  let written: Head = { writer, number, hash };
  let ended: readonly Head[] = [];
  const announced = new Set<string>();

  /**
   * Says once that an account has records on a day, and that this writer has, before the first of them. Where nobody who wrote seals, and rows are
   * looked for by their time, it also says of each that is not where its time would have it, where that is.
   */
  async function announce(group: readonly Waiting[]): Promise<void> {
    for (const { entry } of group) {
      if (clock && shards > 1 && isLate(entry, clock())) await table.append([lateMark(entry, clock())]).catch(ignoreConflict);
      const day = dayOf(entry.at);
      const id = `${writer} ${entry.account} ${day}`;
      if (announced.has(id)) continue;
      const mark = { version: 1, body: JSON.stringify({ at: entry.at.getTime() }) };
      const [own, longest] = [daysFor(retention, entry.account), longestOf(retention)];
      await table.append([{ pk: `${entry.account}#DAYS`, sk: day, ...mark, expires: expiry(entry.at, own) }]).catch(ignoreConflict);
      await table.append([{ pk: `WRITERS#${day}`, sk: writer, ...mark, expires: expiry(entry.at, longest) }]).catch(ignoreConflict);
      if (announced.size > 10_000) announced.clear();
      announced.add(id);
    }
  }

  /** What is written long after its time is kept as long as what is written with it: by the seal over both, none of it may have expired before. */
  const expiry = (at: Date, days: number): number => Math.floor(Math.max(at.getTime(), now()) / 1000) + days * 86_400;

  function lateMark({ account, id, at }: Entry, time: number): Row {
    const body = JSON.stringify({ pk: partitionOf(account, at, id, shards), sk: id });
    return { ...latePlace(time, id), version: 1, body, expires: expiry(at, daysFor(retention, account)) };
  }

  function rowOf({ account, id, at, body, record }: Entry): Row {
    number += 1;
    const chained = `{"w":"${writer}","n":${number},"p":"${hash}"${follows === undefined ? "" : `,"f":"${follows}"`},"r":${body}}`;
    follows = undefined;
    // What is still open is looked for among the intents.
    const found = isIntent(id)
      ? { index1: { pk: INTENTS, sk: id } }
      : table.search
        ? { words: record ? wordsOf(record) : wordsIn(() => JSON.parse(body)) }
        : {};
    const row = {
      pk: partitionOf(account, at, id, shards),
      sk: id,
      version: 1,
      body: chained,
      expires: expiry(at, daysFor(retention, account)),
      ...found,
    };
    hash = hashOf(row);
    return row;
  }

  async function write(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, GROUP);
      atWork = group;
      waiting = waiting.slice(GROUP);
      const before = { number, follows };
      try {
        await announce(group);
        await table.append(group.map(({ entry }) => rowOf(entry)));
        written = { writer, number, hash };
        for (const { done } of group) done();
      } catch (cause) {
        follows = before.number === 0 ? before.follows : `${writer} ${before.number}`;
        writer = newWriter();
        number = 0;
        hash = FIRST;
        if (written.number > 0) ended = [...ended, written];
        written = { writer, number, hash };
        for (const { failed } of group) failed(cause);
      }
    }
    atWork = [];
    writing = false;
  }

  return {
    append(entry) {
      return new Promise((done, failed) => {
        waiting.push({ entry, since: performance.now(), done, failed });
        if (!writing) {
          writing = true;
          // Whatever else is appended in this turn of the event loop joins the group: one fsync for all.
          setImmediate(() => void write());
        }
      });
    },
    lag() {
      const [first] = atWork.length > 0 ? atWork : waiting;
      return { waiting: atWork.length + waiting.length, ms: first ? performance.now() - first.since : 0 };
    },
    heads: () => [...ended, written],
    sealed(heads) {
      ended = ended.filter((one) => !heads.some((head) => head.writer === one.writer));
    },
  };
}

/** Where a row stands: that of an intent may have another shard than its call's. */
export const partitionOf = (account: string, at: Date, id: string, shards: number): string =>
  `${account}#${dayOf(at)}#${shards === 1 ? 0 : (Buffer.from(digest(id), "base64url")[0] as number) % shards}`;

/** How far a row may stand from the time at which it is written, in milliseconds, by its id and its day, and yet not be late. */
const LATE_MS = 60_000;
const isLate = ({ id, at }: Entry, time: number): boolean =>
  !(Math.abs(time - beganAt(id)) < LATE_MS) || !(Math.abs(time - at.getTime()) < LATE_MS);

/** Where it is said that a row was written at a time which is not its own. */
export const latePlace = (time: number, id = ""): RowKey => ({
  pk: `LATE#${dayOf(new Date(time))}`,
  sk: `${String(time).padStart(15, "0")}#${id}`,
});

/** The partition of the index that holds the intents. */
export const INTENTS = "INTENTS";
/** Whether a sort key is that of an announcement. */
export const isIntent = (id: string): boolean => id.includes("#I");

let lastDay = Number.NaN;
let lastName = "";
/** `yyyymmdd`, UTC. */
export function dayOf(at: Date): string {
  const day = Math.floor(at.getTime() / 86_400_000);
  if (day !== lastDay) {
    lastDay = day;
    lastName = at.toISOString().slice(0, 10).replaceAll("-", "");
  }
  return lastName;
}

/** What a record is found by; of what is no record there is nothing to be found. */
export function wordsIn(read: () => EventRecord): readonly string[] {
  try {
    return wordsOf(read());
  } catch {
    return [];
  }
}

function ignoreConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
