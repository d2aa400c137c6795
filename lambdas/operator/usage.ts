import { type BilledKey, hoursOf, monthOf, type Usage } from "#domain/bill";
import type { EventRecord } from "#domain/event-record";
import type { Key } from "#domain/key";
import { type PriceClass, priceClassOf } from "#domain/price";
import { type OperatorDeps, Refusal } from "./act.ts";
import { type OpenPlace, openPlace } from "./place.ts";

const PAGE = 5000;
const KEYS_PAGE = 1000;
/** What begins and ends the time that a key is paid for. */
const LIFE: readonly string[] = ["CreateKey", "ScheduleKeyDeletion", "CancelKeyDeletion"];

/**
 * What an account used in one Region in a month, out of its log and of the keys that are there.
 *
 * The log is read from the month's first instant up to now, so the month must be one whose records are kept. Calls that were throttled, or
 * failed for a reason of Trent's own, are not counted; those of other accounts on this one's keys are theirs.
 * @throws {Refusal} when there is nothing in the Region.
 */
export async function usageOf(deps: OperatorDeps, monthName: string, wanted?: string): Promise<Usage> {
  const month = monthOf(monthName);
  if (!month) throw new Refusal(`${monthName} is not a month: give one as 2026-01.`);
  const place = await openPlace(deps);
  const account = wanted ?? place.account;
  const calls: Partial<Record<PriceClass, number>> = {};
  /** Of each key, when its life changed: the newest first. */
  const lives = new Map<string, EventRecord[]>();

  for (let before: string | undefined; ; ) {
    const page = await place.log.newest(account, {
      before,
      since: month.start,
      isWanted: ({ record }) => isCall(record) || isOfLife(record),
      limit: PAGE,
    });
    for (const { record } of page.records) {
      if (isCall(record) && record.t < month.end.getTime()) count(record);
      if (isOfLife(record)) for (const arn of record.r ?? []) lives.set(arn, [...(lives.get(arn) ?? []), record]);
    }
    before = page.next;
    if (before === undefined) break;
  }

  function count(record: EventRecord): void {
    if (record.x && UNPAID.has(record.x[0])) return;
    const { keyPairSpec } = (record.q ?? {}) as { readonly keyPairSpec?: string };
    const name = priceClassOf(record.ks ?? [], keyPairSpec);
    calls[name] = (calls[name] ?? 0) + 1;
  }

  let [keyHours, rotationHours] = [0, 0];
  const now = deps.now();
  for await (const billed of billedKeys(account, place, lives)) {
    const hours = hoursOf(billed, month, now);
    keyHours += hours.keyHours;
    rotationHours += hours.rotationHours;
  }
  return { region: deps.region, calls, keyHours, rotationHours };
}

const UNPAID: ReadonlySet<string> = new Set(["ThrottlingException", "KMSInternalException", "DependencyTimeoutException"]);

/** By whomever: the end of an account ends its keys. */
const isOfLife = ({ e, x }: EventRecord): boolean => LIFE.includes(e) && !x;
/** Of KMS, by somebody of the account itself. */
const isCall = ({ s, y, c }: EventRecord): boolean => s === "kms" && y === undefined && c.k !== "account";

/** The account's keys: those that are there, and those of which the log says that they were. */
async function* billedKeys(account: string, { store }: OpenPlace, lives: ReadonlyMap<string, readonly EventRecord[]>) {
  const there = new Set<string>();
  for (let after: string | undefined; ; ) {
    const { ids, more } = await store.keys.list(account, { after, limit: KEYS_PAGE });
    for (const id of ids) {
      const key = await store.keys.get(id);
      if (!key) continue;
      there.add(key.arn);
      if (key.manager === "CUSTOMER") yield present(key, lives.get(key.arn) ?? []);
    }
    after = ids.at(-1);
    if (!more || after === undefined) break;
  }
  for (const [arn, life] of lives) if (!there.has(arn) && arn.includes(":key/")) yield gone(life);
}

function present({ created, deletionDate, materials }: Key, life: readonly EventRecord[]): BilledKey {
  return {
    created,
    rotated: materials.slice(1).map((material) => material.created),
    // Scheduled, and the log since then does not say when: before the month.
    until: deletionDate && (endOf(life) ?? new Date(0)),
  };
}

function gone(life: readonly EventRecord[]): BilledKey {
  const made = life.find(({ e }) => e === "CreateKey");
  return { created: made && new Date(made.t), rotated: [], until: endOf(life) ?? new Date(0) };
}

/** When its deletion was scheduled for good: what was cancelled "incurs charges as though it was never scheduled". */
function endOf([newest]: readonly EventRecord[]): Date | undefined {
  return newest?.e === "ScheduleKeyDeletion" ? new Date(newest.t) : undefined;
}
