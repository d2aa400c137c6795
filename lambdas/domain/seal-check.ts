import type { Attested, Expected, Finding } from "./chain-check.ts";
import { digestOf, mayHaveExpired, type Seal, type SignedSeal, sealMayHaveExpired, sealName, signedSealIn } from "./seal.ts";

/** A line of the witness: kept where whoever can write to the store cannot, it tells of rows and seals that are gone without a trace. */
export type Witnessed = { readonly at: number; readonly region: string } & (
  | { readonly writer: string; readonly number: number; readonly hash: string }
  | { readonly seal: number; readonly digest: string }
);

/** What a witness is told of a seal. */
export const witnessOf = ({ seal, digest }: { readonly seal: Seal; readonly digest: string }): Witnessed => ({
  ...{ at: seal.at, region: seal.region, seal: seal.number, digest },
});

/** One Region's seals as they are stored, in the order of their sort keys, and what is said of them elsewhere. */
export interface SealedLog {
  readonly region: string;
  readonly rows: Iterable<{ readonly sk: string; readonly body: string }>;
  readonly witness: readonly Witnessed[];
  /** As long as rows are kept where no seal says so, in days. */
  readonly days: number;
  readonly now: number;
  readonly isSigned: (signed: SignedSeal) => Promise<boolean>;
  /** Asks only for records that were sealed then; the seals are checked all the same. */
  readonly period?: Period | undefined;
}

/** In milliseconds; the end is not in it. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface SealReport {
  readonly findings: readonly Finding[];
  /** What is known of each writer. */
  readonly writers: ReadonlyMap<string, Expected & { readonly sealed: number }>;
  readonly seals: number;
  readonly last: { readonly number: number; readonly at: number } | undefined;
}

interface Known {
  readonly attested: Map<number, Attested>;
  expired: number;
  sealed: number;
}

const ALWAYS: Period = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Checks every seal against its signature, the seal before and the witness, and gathers what they and it say of the writers. */
export async function checkSeals({ region, rows, witness, days, now, isSigned, period = ALWAYS }: SealedLog): Promise<SealReport> {
  const findings: Finding[] = [];
  const writers = new Map<string, Known>();
  const find = (kind: Finding["kind"], what: string) => findings.push({ kind, what });
  const told = new Map(witness.flatMap((line) => (line.region === region && "seal" in line ? [[line.seal, line.digest]] : [])));
  let last: { readonly number: number; readonly at: number; readonly digest: string } | undefined;

  function knownOf(writer: string): Known {
    const known = writers.get(writer) ?? { attested: new Map(), expired: 0, sealed: 0 };
    writers.set(writer, known);
    return known;
  }
  function attest(writer: string, number: number, hash: string, by: string): void {
    const { attested } = knownOf(writer);
    const other = attested.get(number);
    if (other && other.hash !== hash) find("changed", `${other.by} and ${by} do not say the same of record ${number} of writer ${writer}`);
    else if (!other) attested.set(number, { hash, by });
  }
  function expire(writer: string, number: number, at: number, kept: number): void {
    const known = knownOf(writer);
    if (at < period.from || mayHaveExpired(at, kept, now)) known.expired = Math.max(known.expired, number);
  }

  let seals = 0;
  for (const { sk, body } of rows) {
    seals += 1;
    const signed = signedSealIn(body);
    const seal = signed && (await isSigned(signed)) ? (JSON.parse(signed.text) as Seal) : undefined;
    if (!signed || !seal || sealName(seal.number) !== sk || seal.region !== region) {
      find("changed", `seal ${Number(sk)} is not what was signed there`);
      const number = Number(sk);
      if (Number.isInteger(number) && number > 0) last = { number, at: last?.at ?? 0, digest: "" };
      continue;
    }
    const digest = digestOf(signed);
    const from = (last?.number ?? 0) + 1;
    const isGap = seal.number > from;
    const mayBeGone = last === undefined && seal.previous !== undefined && sealMayHaveExpired(seal.previous.at, seal.days, now);
    if (isGap && !mayBeGone) find("missing", from === seal.number - 1 ? `seal ${from}` : `seals ${from} to ${seal.number - 1}`);
    if (!isGap && last && last.digest !== "" && seal.previous?.digest !== last.digest)
      find("changed", `seal ${last.number} is not the one that seal ${seal.number} names`);
    if (told.has(seal.number) && told.get(seal.number) !== digest)
      find("changed", `seal ${seal.number} is not the one that the witness tells of`);
    for (const { writer, number, hash, since, found } of seal.at < period.to ? seal.heads : []) {
      attest(writer, number, hash, `seal ${seal.number}`);
      knownOf(writer).sealed = Math.max(knownOf(writer).sealed, number);
      expire(writer, number, seal.at, seal.days);
      if (since) expire(writer, since.number, since.at, seal.days);
      // When these were written the seal does not say.
      if (found && period !== ALWAYS) knownOf(writer).expired = Math.max(knownOf(writer).expired, number);
    }
    last = { number: seal.number, at: seal.at, digest };
  }

  // There may be more of them than an argument list takes.
  const newest = [...told.keys()].reduce((most, number) => Math.max(most, number), 0);
  const after = (last?.number ?? 0) + 1;
  const lines = witness.filter((line) => line.region === region);
  const seenAt = lines.reduce((latest, line) => ("seal" in line ? Math.max(latest, line.at) : latest), 0);
  if (newest >= after && !sealMayHaveExpired(seenAt, days, now))
    find("missing", `${after === newest ? `seal ${newest}` : `seals ${after} to ${newest}`}, the newest, of which the witness tells`);
  for (const line of lines) {
    if ("seal" in line || line.at >= period.to) continue;
    attest(line.writer, line.number, line.hash, "the witness");
    expire(line.writer, line.number, line.at, days);
  }
  return { findings, writers, seals, last: last && { number: last.number, at: last.at } };
}
