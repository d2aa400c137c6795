import type { Mutation } from "#store";
import { chainsOf } from "../pipeline/chain.ts";
import { type Books, type Entry, type Intent, intendedBy, type Outcome, type StoredItem } from "./books.ts";
import { type Call, named } from "./calls.ts";

export interface RecordRules {
  /** A change that was committed while the log could not be written is acknowledged on its intent alone. */
  readonly outcomesMayMiss: boolean;
}

const isIntent = (entry: Entry): entry is Entry & { readonly says: Intent } => entry.says.i === 1;
const isOutcome = (entry: Entry): entry is Entry & { readonly says: Outcome } => entry.says.i !== 1;
const CHANGES = ["CreateKey", "CreateAlias", "TagResource"];
type Place = Pick<StoredItem, "region" | "pk" | "sk">;
const itemOf = ({ region, pk, sk }: Place): string => `${region} ${pk} ${sk}`;
/** A log tells of its own Region. */
const inRegion = <M extends Mutation>({ region }: Entry, changes: readonly M[]) =>
  changes.map((change) => ({ ...change, ...(region !== undefined && { region }) }));

/** What the log lacks, or has too much of, beside the calls that were made and the items that are there. */
export function wrongInLog(books: Books, calls: readonly Call[], rules: RecordRules): string[] {
  return [...wrongChains(books), ...unrecorded(books, calls, rules), ...unintended(books), ...untrue(books)];
}

/** Every writer's rows are numbered without a gap, each names the digest of the one before, and day and writer are announced. */
function wrongChains({ entries, announced }: Books): string[] {
  const found: string[] = [];
  const unannounced = new Set<string>();
  for (const { pk, writer } of entries) {
    const [account, day] = pk.split("#");
    for (const mark of [`${account}#DAYS ${day}`, `WRITERS#${day} ${writer}`]) if (!announced.has(mark)) unannounced.add(mark);
  }
  for (const mark of unannounced) found.push(`The log has rows of ${mark}, which is not announced.`);
  try {
    const chains = chainsOf(entries);
    const lengths = new Map(chains.map(({ writer, length }) => [writer, length]));
    for (const { writer, follows } of chains) {
      const [before = "", last] = follows?.split(" ") ?? [];
      const length = lengths.get(before) ?? 0;
      if (follows !== undefined && length < Number(last)) found.push(`Writer ${writer} follows ${follows}, which has ${length} rows.`);
    }
  } catch (cause) {
    found.push((cause as Error).message);
  }
  return found;
}

/** Every answer has its record, and a change its intent before it, under the request id of the answer. */
function unrecorded({ entries }: Books, calls: readonly Call[], { outcomesMayMiss }: RecordRules): string[] {
  const found: string[] = [];
  const outcomes = new Map(entries.filter(isOutcome).map((entry) => [entry.sk, entry]));
  const intents = Map.groupBy(entries.filter(isIntent), ({ sk }) => sk.slice(0, sk.indexOf("#")));
  for (const call of calls) {
    const { deed, acknowledged, refused } = call;
    const answer = acknowledged ?? refused;
    if (!answer) continue;
    const { operation } = deed;
    const outcome = outcomes.get(answer.requestId);
    const intended = intents.get(answer.requestId) ?? [];
    const changes = acknowledged && CHANGES.includes(operation);
    if (changes && intended.length === 0) found.push(`${named(call)} was acknowledged without an intent.`);
    if (!outcome) {
      const excused = refused?.error === "KMSInternalException" || (acknowledged && intended.length > 0);
      if (!(outcomesMayMiss && excused)) found.push(`${named(call)} was answered without a record.`);
      continue;
    }
    const { e, x } = outcome.says;
    if (operation !== "other" && e !== operation) found.push(`The record of ${named(call)} is one of ${e}.`);
    if (x?.[0] !== refused?.error) found.push(`${named(call)} was answered ${refused?.error ?? "success"}, and recorded as ${x?.[0]}.`);
    if (changes && !outcome.says.w?.length) found.push(`The record of ${named(call)} names no change.`);
    for (const { writer, number, sk } of intended)
      if (writer === outcome.writer && number > outcome.number) found.push(`The intent ${sk} stands behind its outcome.`);
  }
  return found;
}

/** Wrapping keys of imports, and claims of deletions that are under way, change no key: no intent stands before them. */
const isTold = ({ pk, sk }: StoredItem): boolean => !pk.startsWith("IMPORT#") && sk !== "DELETION";

/**
 * Every state that an item is in, or was, was intended: with this version and, of the last, this MAC. What is written once more, because a rotation
 * of domain keys went by, follows from a change that was intended: its outcome tells of it.
 */
function unintended({ entries, items }: Books): string[] {
  const found: string[] = [];
  const intended = new Map<string, Set<string>>();
  const told = entries.filter(isOutcome).flatMap((entry) => inRegion(entry, (entry.says.w ?? []).slice(1)));
  for (const mutation of [...entries.filter(isIntent).flatMap((entry) => inRegion(entry, intendedBy(entry.says))), ...told]) {
    const { version, mac } = mutation;
    const states = intended.get(itemOf(mutation)) ?? new Set();
    intended.set(itemOf(mutation), states.add(`${version}`).add(`${version} ${mac}`));
  }
  for (const item of items.filter(isTold)) {
    const states = intended.get(itemOf(item));
    if (!states?.has(`${item.version} ${item.mac}`))
      found.push(`The item ${itemOf(item)} is in a state, ${item.version}, that was not intended.`);
    for (let version = 1; version < item.version; version += 1)
      if (!states?.has(`${version}`)) found.push(`The item ${itemOf(item)} was in a state, ${version}, that was not intended.`);
  }
  return found;
}

/** What a record says was changed in the table of keys is changed; or it was removed since, by a call that a crash kept from recording its outcome. */
function untrue({ entries, items }: Books): string[] {
  const versions = new Map(items.map((item) => [itemOf(item), item.version]));
  const removed = new Set<string>();
  const told = entries
    .filter(isOutcome)
    .flatMap((entry) => inRegion(entry, entry.says.w ?? []).map((mutation) => ({ sk: entry.sk, mutation, q: entry.says.q })));
  for (const { mutation } of told) if (mutation.version === 0) removed.add(itemOf(mutation));
  // A deletion that was taken up again tells of its own changes, and not of those of whoever died.
  const failed = new Set(entries.filter(isOutcome).flatMap(({ sk, says: { x } }) => (x ? [sk] : [])));
  for (const entry of entries.filter(isIntent))
    for (const mutation of inRegion(entry, intendedBy(entry.says)))
      if (mutation.version === 0 && !failed.has(entry.sk.split("#")[0] ?? "")) removed.add(itemOf(mutation));
  // What points to a key goes with it, and its record tells of that too.
  const isGone = ({ mutation, q }: { readonly mutation: Place; readonly q: Outcome["q"] }) =>
    [mutation, { ...mutation, sk: "KEY" }, { ...mutation, pk: `K#${q?.targetKeyId}`, sk: "KEY" }].some((place) =>
      removed.has(itemOf(place)),
    );
  return told
    .filter(
      ({ mutation, q }) =>
        mutation.table === "keys" && !isGone({ mutation, q }) && (versions.get(itemOf(mutation)) ?? 0) < mutation.version,
    )
    .map(({ sk, mutation }) => `The record ${sk} tells of version ${mutation.version} of ${itemOf(mutation)}, which is not there.`);
}
