import { type Head, type Link, linkOf } from "#domain/chain";
import { type Seal, type SealedHead, signedSealIn } from "#domain/seal";
import type { AccountDirectory } from "./accounts.ts";
import { dayOf, latePlace } from "./log.ts";
import { idAfter } from "./log-reader.ts";
import type { Row, Table } from "./port.ts";

/** How far a log has been gone through for what is not sealed: all that was written before `from`, and of what came until `to` a part. */
export interface Place {
  readonly from: number;
  readonly to: number;
  /** The rows of an account up to this one are done, of a day; so are the accounts and days before. */
  readonly at?: { readonly account: string; readonly day: string; readonly id: string };
}

export interface FoundHeads {
  readonly heads: readonly SealedHead[];
  /** Rows that do not go on from what is sealed, or from each other. Their writers are not among the heads. */
  readonly wrong: readonly string[];
  /** Where the rest begins; without `at` there is none. */
  readonly next: Place;
}

export interface HeadFinder {
  readonly table: Table;
  readonly shards: number;
  /** How long rows are kept, in days. */
  readonly days: number;
  readonly accounts: AccountDirectory;
  /** How many rows, about, are one part. @default 50,000 */
  readonly part?: number;
}

/** What is written at a time is found by that time a little later: calls take some time, and clocks differ. */
const OVERLAP_MS = 120_000;
/** A seal is made at most so long after the time that it bears. */
const SEALING_MS = 60_000;
const DAY_MS = 86_400_000;
const PART = 50_000;
/** Rows of one partition at a time. */
const AT_ONCE = 250;
const ACCOUNTS = 100;

/** Where sealing begins that has never been here: with the oldest row that there may be. */
export const beginningOf = (now: number, days: number): Place => ({ from: now - (days + 8) * DAY_MS, to: now });

/** The heads of the chains that writers have left since a place, by what they wrote: as many as one part of the rows tells of. */
export async function foundHeads({ table, shards, accounts, part = PART }: HeadFinder, place: Place): Promise<FoundHeads> {
  const since = place.from - OVERLAP_MS;
  const sealed = await sealedSince(table, since - SEALING_MS);
  const chains = new Map<string, Link[]>();
  const wrong: string[] = [];
  let rows = 0;

  function meet(row: Row): void {
    rows += 1;
    const link = linkOf(row);
    if (!link) return void wrong.push(`${row.pk} ${row.sk} is no row that a writer wrote`);
    const before = sealed.get(link.writer);
    if (before && link.number < before.number) return;
    const links = chains.get(link.writer) ?? [];
    if (links.length === 0) chains.set(link.writer, links);
    links.push(link);
  }

  const answer = (next: Place): FoundHeads => {
    const heads: SealedHead[] = [];
    for (const [writer, links] of chains) {
      const before = sealed.get(writer);
      const head = headOf(links, before, wrong);
      if (head && head.number > (before?.number ?? 0))
        heads.push({ ...head, ...(before && { since: { number: before.number, at: before.at } }) });
    }
    return { heads, wrong, next };
  };

  for await (const row of lateRows(table, since, place.to)) meet(row);
  for await (const { account, day, id: from } of daysSince(table, accounts, since, place)) {
    const partitions = Array.from({ length: shards }, (_, shard) => `${account}#${day}#${shard}`);
    for (let id = from; ; ) {
      const pages = await Promise.all(partitions.map((pk) => table.query({ pk, after: id, limit: AT_ONCE })));
      const open = pages.flatMap((page) => (page.more ? [page.rows.at(-1)?.sk ?? id] : []));
      // Of the others there are no more rows until here.
      const until = open.toSorted()[0];
      for (const row of pages.flatMap((page) => page.rows)) if (until === undefined || row.sk <= until) meet(row);
      if (until === undefined) break;
      id = until;
      if (rows >= part) return answer({ ...place, at: { account, day, id } });
    }
    if (rows >= part) return answer({ ...place, at: { account, day, id: LAST } });
  }
  return answer({ from: place.to, to: place.to });
}

/** After every id. */
const LAST = "~";

type Sealed = Head & { readonly at: number };

/** What the seals that were made since a time say of each writer. */
async function sealedSince(table: Table, since: number): Promise<ReadonlyMap<string, Sealed>> {
  const sealed = new Map<string, Sealed>();
  for (let after: string | undefined; ; ) {
    const page = await table.query({ pk: "SEAL", limit: 20, backwards: true, ...(after !== undefined && { after }) });
    for (const { sk, body } of page.rows) {
      after = sk;
      const signed = signedSealIn(body);
      // One that is spoilt is for `trent audit verify` to tell.
      if (!signed) continue;
      const { at, heads }: Seal = JSON.parse(signed.text);
      if (at < since) return sealed;
      for (const { writer, number, hash } of heads)
        if (number > (sealed.get(writer)?.number ?? 0)) sealed.set(writer, { writer, number, hash, at });
    }
    if (!page.more) return sealed;
  }
}

/** Rows that are not where the time at which they were written would have them. */
async function* lateRows(table: Table, since: number, to: number): AsyncGenerator<Row> {
  for (let day = since; dayOf(new Date(day)) <= dayOf(new Date(to)); day += DAY_MS) {
    const { pk } = latePlace(day);
    for (let after = latePlace(since).sk; ; ) {
      const { rows, more } = await table.query({ pk, after, limit: AT_ONCE });
      const marked = await Promise.all(rows.map(({ body }) => table.get(JSON.parse(body))));
      for (const row of marked) if (row) yield row;
      after = rows.at(-1)?.sk ?? after;
      if (!more) break;
    }
  }
}

/** The days since a time on which accounts have rows, and after which of them to begin. */
async function* daysSince(table: Table, accounts: AccountDirectory, since: number, { at }: Place) {
  const first = idAfter(new Date(since));
  const [day, yesterday] = [since, since - DAY_MS].map((time) => dayOf(new Date(time)));
  let after = at && previousTo(at.account);
  for (;;) {
    const page = await accounts.list({ after, limit: ACCOUNTS });
    for (const { id: account } of page.accounts) {
      const isAt = account === at?.account;
      const { rows } = await table.query({ pk: `${account}#DAYS`, after: `${yesterday}`, limit: 1000 });
      for (const { sk } of rows) {
        if (isAt && sk < at.day) continue;
        yield { account, day: sk, id: isAt && sk === at.day ? at.id : sk === day ? first : "" };
      }
    }
    after = page.next;
    if (after === undefined) return;
  }
}

/** Of 12 digits: an id that no account between this one and the one before has. */
const previousTo = (account: string): string | undefined =>
  account === "000000000000" ? undefined : String(Number(account) - 1).padStart(12, "0");

/** The last of these rows, if each goes on from the one before and they from what is sealed. Rows that are elsewhere may lie between. */
function headOf(links: readonly Link[], sealed: Head | undefined, wrong: string[]): Head | undefined {
  let before: Head | undefined = sealed;
  for (const { writer, number, previous, hash, row } of links.toSorted((one, other) => one.number - other.number)) {
    const isFork = before?.number === number && before.hash !== hash;
    if (isFork || (before?.number === number - 1 && before.hash !== previous)) {
      wrong.push(`record ${number} (${row.pk} ${row.sk}) of ${writer} does not go on from what was written before`);
      return undefined;
    }
    before = { writer, number, hash };
  }
  return before;
}
