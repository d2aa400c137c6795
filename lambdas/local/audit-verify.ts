import type { DatabaseSync } from "node:sqlite";
import { type ChainedRow, type Link, linkOf } from "#domain/chain";
import { type ChainCheck, chainCheck, type Finding } from "#domain/chain-check";
import { beganAt } from "#domain/event-id";
import { RETENTION } from "#domain/retention";
import { mayHaveExpired } from "#domain/seal";
import { checkSeals, type Period, type Witnessed } from "#domain/seal-check";
import { isSigned } from "#store/audit-keys";
import { type Partition, partitionsOf, RECORDS, rowsOf, SEALS } from "./audit-rows.ts";

export interface LogToVerify {
  /** Of reading only. */
  readonly log: DatabaseSync;
  /** By Region. */
  readonly publicKeys: ReadonlyMap<string, readonly string[]>;
  readonly witness: readonly Witnessed[];
  readonly now: Date;
  /** Only this one's; of every Region otherwise. */
  readonly region?: string;
  /** How long rows may wait for their seal, in milliseconds. Of an export, 0: it has none that wait, and no marks of days. */
  readonly within?: number;
  /** Only what was sealed then. */
  readonly period?: Period | undefined;
  /** Sees each row that a writer wrote, before anything is said of it. */
  readonly onRow?: (region: string, row: ChainedRow, link: Link) => void;
}

export interface Verified {
  readonly findings: readonly (Finding & { readonly region: string })[];
  readonly records: number;
  readonly seals: number;
  /** Records that were there, and may have expired. */
  readonly expired: number;
  /** Records that are in no seal: nobody vouches for them. What a server that lives has just written is among them. */
  readonly unsealed: readonly Unsealed[];
}

export interface Unsealed {
  readonly region: string;
  readonly writer: string;
  readonly from: number;
  readonly to: number;
  /** Of the last. */
  readonly hash: string;
  /** When the newest of them was written, as far as they and the witness say, in milliseconds. */
  readonly at: number;
}

/** A server that lives seals each minute: what waits ten times as long has nobody who would say that it is genuine. */
const SEALED_WITHIN_MS = 600_000;

/** The rows of a writer behind its last seal. */
interface Tail {
  last: Link;
  at: number;
}

const DAY_MS = 86_400_000;
/** A day more than a week. */
const LATE_DAYS = 8;
/** What no call left: days, writers, late rows, seals, keys, and the counter of `/healthz`. */
const MARKS = /^(\d{12}#DAYS|WRITERS#\d{8}|LATE#\d{8}|SEAL|AUDIT|HEALTH)$/;

/** Derives again every chain and every seal of a log, as it is at this moment. */
export async function verifyLog(options: LogToVerify): Promise<Verified> {
  const { log } = options;
  log.exec("BEGIN");
  try {
    const partitions = partitionsOf(log).filter(({ pk }) => mayBeOf(pk, options.period));
    const named = options.witness.map(({ region }) => region);
    const found = [...new Set([...partitions.map(({ region }) => region), ...named])].toSorted();
    const regions = options.region === undefined ? found : [options.region];
    const verified: Verified[] = [];
    for (const region of regions) {
      const own = partitions.filter((partition) => partition.region === region);
      verified.push(await verifyRegion(region, own, options));
    }
    const sum = (of: (one: Verified) => number) => verified.reduce((total, one) => total + of(one), 0);
    return {
      findings: verified.flatMap(({ findings }) => findings),
      records: sum(({ records }) => records),
      seals: sum(({ seals }) => seals),
      expired: sum(({ expired }) => expired),
      unsealed: verified.flatMap(({ unsealed }) => unsealed),
    };
  } finally {
    log.exec("ROLLBACK");
  }
}

/** A record stands under the day on which it began, as long as that is no more than a week before its seal. */
function mayBeOf(pk: string, period: Period | undefined): boolean {
  const [, day = ""] = period && RECORDS.test(pk) ? pk.split("#") : [];
  if (!period || day === "") return true;
  const begun = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
  return begun >= period.from - LATE_DAYS * DAY_MS && begun < period.to + DAY_MS;
}

async function verifyRegion(region: string, partitions: readonly Partition[], options: LogToVerify): Promise<Verified> {
  const { log, publicKeys, witness, now, within = SEALED_WITHIN_MS, period } = options;
  const findings: Finding[] = [];
  const isExport = options.within !== undefined;
  const keys = publicKeys.get(region) ?? [];
  const sealed = await checkSeals({
    region,
    rows: rowsOf(log, { region, pk: SEALS }),
    witness,
    // As long as rows are kept where no seal says.
    days: RETENTION.days,
    now: now.getTime(),
    period,
    isSigned: async ({ text, signature }) => (await Promise.all(keys.map((key) => isSigned(key, text, signature)))).includes(true),
  });
  findings.push(...sealed.findings, ...(isExport ? [] : marksMissing(log, partitions, now)));
  const checks = new Map([...sealed.writers].map(([writer, expected]) => [writer, chainCheck(expected)]));
  const tails = new Map<string, Tail>();
  const isMeant = (link: Link) => !(Number.isFinite(period?.to) && link.number > (sealed.writers.get(link.writer)?.sealed ?? 0));
  const records = readRows(options, partitions, checks, findings, isMeant, (link) => {
    if (link.number > (sealed.writers.get(link.writer)?.sealed ?? 0)) lengthen(tails, link);
  });
  for (const line of witness) {
    const tail = "writer" in line && line.region === region ? tails.get(line.writer) : undefined;
    if (tail && "number" in line && line.number > (sealed.writers.get(line.writer)?.sealed ?? 0)) tail.at = Math.max(tail.at, line.at);
  }
  const unsealed = [...tails].map(([writer, { last, at }]) => {
    const from = (sealed.writers.get(writer)?.sealed ?? 0) + 1;
    return { region, writer, from, to: last.number, hash: last.hash, at };
  });
  const reports = [...checks].map(([writer, check]) => ({ writer, ...check.end() }));
  return {
    findings: [
      ...findings,
      ...reports.flatMap((one) => one.findings.map(({ kind, what }) => ({ kind, what: `${what} of ${one.writer}` }))),
      ...unsealed.filter(({ at }) => !(Math.abs(now.getTime() - at) < within)).map(leftUnsealed),
    ].map((finding) => ({ region, ...finding })),
    records,
    seals: sealed.seals,
    expired: reports.reduce((total, one) => total + one.expired, 0),
    unsealed,
  };
}

/** Hands every record to its writer's check, and says how many there are. */
function readRows(
  { log, onRow }: LogToVerify,
  partitions: readonly Partition[],
  checks: Map<string, ChainCheck>,
  findings: Finding[],
  isMeant: (link: Link) => boolean,
  meet: (link: Link) => void,
): number {
  let records = 0;
  let day = "";
  for (const partition of partitions) {
    if (MARKS.test(partition.pk)) continue;
    const isKnown = RECORDS.test(partition.pk);
    const its = partition.pk.split("#")[1] ?? "";
    if (its !== day) for (const check of checks.values()) check.settle();
    day = its;
    for (const row of rowsOf(log, partition)) {
      const link = isKnown ? linkOf(row) : undefined;
      if (!link) {
        findings.push({ kind: "changed", what: `${row.pk} ${row.sk} is no row that a writer wrote` });
        continue;
      }
      if (!isMeant(link)) continue;
      const check = checks.get(link.writer) ?? chainCheck({ attested: new Map(), expired: 0 });
      checks.set(link.writer, check);
      check.add(link);
      meet(link);
      onRow?.(partition.region, row, link);
      records += 1;
    }
  }
  return records;
}

/** Days that a reader of the log would pass over, though they have records. */
function marksMissing(log: DatabaseSync, partitions: readonly Partition[], now: Date): readonly Finding[] {
  const marked = new Set<string>();
  for (const partition of partitions)
    if (partition.pk.endsWith("#DAYS")) for (const { sk } of rowsOf(log, partition)) marked.add(`${partition.pk.slice(0, 12)} ${sk}`);
  const days = new Set(partitions.filter(({ pk }) => RECORDS.test(pk)).map(({ pk }) => pk.split("#").slice(0, 2).join(" ")));
  return [...days].flatMap((at) => {
    const [account = "", day = ""] = at.split(" ");
    const begun = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
    if (marked.has(at) || mayHaveExpired(begun, RETENTION.days, now.getTime())) return [];
    return [{ kind: "missing" as const, what: `the mark that account ${account} has records on ${day}` }];
  });
}

function lengthen(tails: Map<string, Tail>, link: Link): void {
  const at = beganAt(link.row.sk) || 0;
  const tail = tails.get(link.writer);
  if (!tail) return void tails.set(link.writer, { last: link, at });
  if (link.number >= tail.last.number) tail.last = link;
  tail.at = Math.max(tail.at, at);
}

const leftUnsealed = ({ writer, from, to }: Unsealed): Finding => ({
  kind: "unsealed",
  what: `${from === to ? `record ${to}` : `records ${from} to ${to}`} of ${writer}: nobody who wrote them has vouched for them`,
});
