import { createHash, createPublicKey } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { linkOf } from "#domain/chain";
import { eventOf } from "#domain/event";
import { digestFile, type HashedFile, signedOf } from "#domain/export-digest";
import {
  chainPath,
  type DigestLink,
  digestPath,
  EVENTS_IN_FILE,
  type ExportStatement,
  HOUR_MS,
  logFileOf,
  ROWS_IN_PART,
  statementPath,
} from "#domain/export-file";
import { digestOf, type Seal, signedSealIn } from "#domain/seal";
import type { Witnessed } from "#domain/seal-check";
import type { Sealer } from "#store";
import { isSigned } from "#store/audit-keys";
import { type Partition, partitionsOf, RECORDS, rowsOf, SEALS } from "./audit-rows.ts";
import { verifyLog } from "./audit-verify.ts";
import { hexOf, isThere, keepFile, replaceFile, textOf } from "./export-files.ts";
import { UsageError } from "./usage-error.ts";

export interface ExportOptions {
  /** Of reading only. */
  readonly log: DatabaseSync;
  readonly folder: string;
  readonly sealer: Sealer;
  readonly witness: readonly Witnessed[];
  readonly now: Date;
  /** Exports a log that does not verify, too. */
  readonly evenSpoilt?: boolean;
}

export interface Exported {
  readonly region: string;
  /** The end of the last hour that is exported; absent when there is none. */
  readonly through?: string;
  /** Records and files that this run wrote. */
  readonly records: number;
  readonly files: number;
  /** Records that are sealed and are not in the log any more. */
  readonly missing: number;
  /** Of the key that signed the digests, as CloudTrail's ListPublicKeys shows it. */
  readonly fingerprint: string;
}

/** What was written longer ago than this before it was sealed is looked for only where something lacks. */
const LATE_MS = 86_400_000;

/** A Region's seals of closed hours, those apart that are no seals. */
interface Sealed {
  readonly seal: Seal;
  readonly body: string;
  readonly digest: string;
  readonly hour: number;
}

/**
 * Writes down what is sealed of the hours that have closed and is not in the folder yet. The folder's own statement tells how far it got, and is
 * written last: what was interrupted is done again, and makes the same files.
 * @throws {UsageError} when the folder's statement, or a file that would be written, is there and says something else.
 * @throws when what would be exported is not what was written: nothing is signed then.
 */
export async function exportRegion({ log, folder, sealer, witness, now, evenSpoilt = false }: ExportOptions): Promise<Exported> {
  const { region } = sealer;
  const [key, signer] = [await sealer.key(), await sealer.exportKey()];
  const before = await statementIn(folder, region, [key.publicKey]);
  // To begin anew would write over hours of which the log may have nothing left.
  if (!before && isThere(folder, statementPath(region)))
    throw new UsageError(
      `${join(folder, statementPath(region))} is not what this store signed: export to a new folder, and keep this one.`,
    );
  const fingerprint = fingerprintOf(signer.publicKey);
  const closed = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const seals = sealsOf(log, region, before, closed);
  const last = seals.at(-1);
  if (!last) return { region, ...throughOf(before), records: 0, files: 0, missing: 0, fingerprint };
  if (!evenSpoilt) {
    const publicKeys = new Map([[region, [key.publicKey]]]);
    const period = { from: before?.through ?? Number.NEGATIVE_INFINITY, to: closed };
    const { findings } = await verifyLog({ log, region, publicKeys, witness, period, now });
    const [first] = findings.filter(({ kind }) => kind !== "unsealed");
    if (first)
      throw new Error(
        `The log of ${region} is not what was written, and nothing of it is exported: ${first.kind}, ${first.what}. See audit verify.`,
      );
  }
  const picked = pick(log, region, seals);
  const digests = new Map(Object.entries(before?.digests ?? {}));
  let [parts, files] = [before?.parts ?? 0, 0];
  for (const hour of new Set(seals.map((one) => one.hour))) {
    const own = seals.filter((one) => one.hour === hour).map(({ seal, body }) => [SEALS, String(seal.number).padStart(12, "0"), body]);
    const chains = keepChain(folder, region, hour, own, rowsIn(picked, hour));
    parts += chains;
    const logs = keepLogs(folder, region, hour, rowsIn(picked, hour));
    for (const [account, made] of logs) {
      const path = digestPath(account, region, hour);
      const previous = digests.get(account);
      const file = digestFile({ account, path, from: hour, to: hour + HOUR_MS, files: made, previous, fingerprint });
      const hash = hexOf(file.text);
      const { digestEndTime } = JSON.parse(file.text);
      const signed = await signer.sign(signedOf(digestEndTime, path, hash, previous?.signature ?? null));
      const link: DigestLink = { path, hash, signature: Buffer.from(signed, "base64url").toString("hex") };
      keepFile(folder, file);
      keepFile(folder, { path: `${path}.sig`, text: `${link.signature}\n` });
      digests.set(account, link);
      files += made.length + 2;
    }
    files += chains;
  }
  const statement: ExportStatement = {
    region,
    since: before?.since ?? now.getTime(),
    through: last.hour + HOUR_MS,
    seal: { number: last.seal.number, digest: last.digest },
    publicKey: signer.publicKey,
    digests: Object.fromEntries(digests),
    parts,
  };
  const text = JSON.stringify(statement);
  replaceFile(folder, { path: statementPath(region), text: JSON.stringify({ text, key: key.number, signature: await key.sign(text) }) });
  const records = Number(picked.prepare("SELECT count(*) AS n FROM picked").get()?.["n"]);
  picked.close();
  return { region, ...throughOf(statement), records, files, missing: Math.max(0, wantedBy(seals) - records), fingerprint };
}

const throughOf = (statement: ExportStatement | undefined) =>
  statement ? { through: `${new Date(statement.through).toISOString().slice(0, 16)}Z` } : {};

/** What a folder says of its export of a Region; undefined when it says nothing that one of the keys signed. */
export async function statementIn(folder: string, region: string, keys: readonly string[]): Promise<ExportStatement | undefined> {
  const signed = signedSealIn(textOf(folder, statementPath(region)) ?? "");
  if (!signed) return undefined;
  const isGenuine = (await Promise.all(keys.map((key) => isSigned(key, signed.text, signed.signature)))).includes(true);
  const statement = isGenuine ? (JSON.parse(signed.text) as Partial<ExportStatement>) : undefined;
  // What is signed by the same key may be a seal.
  return statement?.region === region && statement.digests !== undefined ? (statement as ExportStatement) : undefined;
}

/** MD5 of the key as PKCS #1: a name, and nothing that is relied on. */
function fingerprintOf(publicKey: string): string {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  return createHash("md5")
    .update(key.export({ type: "pkcs1", format: "der" }))
    .digest("hex");
}

function sealsOf(log: DatabaseSync, region: string, before: ExportStatement | undefined, closed: number): readonly Sealed[] {
  const found: Sealed[] = [];
  const after = before?.seal.number ?? 0;
  // Clocks differ, and are put right; the order of the numbers holds, and an hour that was written down is.
  let at = before?.through ?? 0;
  for (const { sk, body } of rowsOf(log, { region, pk: SEALS })) {
    const signed = Number(sk) > after ? signedSealIn(body) : undefined;
    if (!signed) continue;
    const seal: Seal = JSON.parse(signed.text);
    at = Math.max(at, seal.at);
    if (at >= closed) break;
    found.push({ seal, body, digest: digestOf(signed), hour: Math.floor(at / HOUR_MS) * HOUR_MS });
  }
  return found;
}

/** How many rows they cover: what several cover counts once. */
function wantedBy(seals: readonly Sealed[]): number {
  const reached = new Map<string, number>();
  let wanted = 0;
  for (const { seal } of seals)
    for (const { writer, number, since } of seal.heads) {
      const from = Math.max(since?.number ?? 0, reached.get(writer) ?? 0);
      wanted += Math.max(0, number - from);
      reached.set(writer, Math.max(number, from));
    }
  return wanted;
}

/** Copies the rows that the seals cover, each with the hour of its seal, into a database that vanishes. */
function pick(log: DatabaseSync, region: string, seals: readonly Sealed[]): DatabaseSync {
  const picked = new DatabaseSync("");
  picked.exec("CREATE TABLE picked (hour, pk, sk, body, PRIMARY KEY (hour, pk, sk)) WITHOUT ROWID; BEGIN");
  const insert = picked.prepare("INSERT INTO picked VALUES (?, ?, ?, ?)");
  const ranges = new Map<string, Range[]>();
  for (const { seal, hour } of seals)
    for (const { writer, number, since } of seal.heads) {
      const own = ranges.get(writer) ?? [];
      own.push({ from: (since?.number ?? 0) + 1, to: number, hour });
      ranges.set(writer, own);
    }
  const since = (seals[0]?.seal.previous?.at ?? LATE_MS) - LATE_MS;
  const day = new Date(since).toISOString().slice(0, 10).replaceAll("-", "");
  const isLate = ({ pk }: Partition) => (pk.split("#")[1] ?? "") < day;
  const partitions = partitionsOf(log).filter((one) => one.region === region && RECORDS.test(one.pk));
  let lacking = wantedBy(seals);
  // A record stands under the day on which its call began: what took a crash to be written stands far back.
  for (const partition of [...partitions.filter((one) => !isLate(one)), ...partitions.filter(isLate).toReversed()]) {
    if (lacking <= 0 && isLate(partition)) break;
    for (const row of rowsOf(log, partition)) {
      const link = linkOf(row);
      const range = link && rangeOf(link.number, ranges.get(link.writer) ?? []);
      if (!range) continue;
      insert.run(range.hour, row.pk, row.sk, row.body);
      lacking -= 1;
    }
  }
  picked.exec("COMMIT");
  return picked;
}

/** Numbers of a writer that one seal covers, both included, and the hour of that seal. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly hour: number;
}

/** The first that reaches as far: they ascend, and a writer may have very many. */
function rangeOf(number: number, ranges: readonly Range[]): Range | undefined {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.to ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range && range.from <= number ? range : undefined;
}

function* rowsIn(picked: DatabaseSync, hour: number): Generator<readonly [pk: string, sk: string, body: string]> {
  for (const row of picked.prepare("SELECT pk, sk, body FROM picked WHERE hour = ? ORDER BY pk, sk").iterate(hour))
    yield [String(row["pk"]), String(row["sk"]), String(row["body"])];
}

/** The rows as they are stored, and the seals over them. */
function keepChain(
  folder: string,
  region: string,
  hour: number,
  seals: readonly (readonly string[])[],
  rows: Iterable<readonly string[]>,
): number {
  let lines = [...seals];
  let parts = 0;
  const keep = () => {
    keepFile(folder, { path: chainPath(region, hour, parts), text: lines.map((line) => `${JSON.stringify(line)}\n`).join("") });
    parts += 1;
    lines = [];
  };
  for (const row of rows) {
    lines.push(row);
    if (lines.length >= ROWS_IN_PART) keep();
  }
  if (lines.length > 0) keep();
  return parts;
}

/** The events of each account, as LookupEvents shows them. */
function keepLogs(
  folder: string,
  region: string,
  hour: number,
  rows: Iterable<readonly [pk: string, sk: string, body: string]>,
): ReadonlyMap<string, readonly HashedFile[]> {
  const made = new Map<string, HashedFile[]>();
  let account = "";
  let events: object[] = [];
  const keep = () => {
    if (events.length === 0) return;
    const file = logFileOf(account, region, hour, events);
    keepFile(folder, file);
    made.set(account, [...(made.get(account) ?? []), { path: file.path, hash: hexOf(file.text) }]);
    events = [];
  };
  for (const [pk, id, body] of rows) {
    const of = pk.slice(0, 12);
    if (of !== account || events.length >= EVENTS_IN_FILE) keep();
    account = of;
    // An intent is no event: what became of it is.
    if (!id.includes("#")) events.push(eventOf({ account, id, region, record: JSON.parse(body).r }));
  }
  keep();
  return made;
}
