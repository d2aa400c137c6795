/** The end of an account: once it is deleted or has expired, each of its keys in the Region is given a waiting period, and none is destroyed at once. */
import { type Account, accountStateOf, canReopen, WAITING_DAYS } from "#domain/account";
import { type Key, scheduleDeletion, stateOf } from "#domain/key";
import { deletable, pendingDeletion } from "#domain/states";
import { Conflict, type Tables } from "#store";
import { ledger } from "./ledger.ts";
import { type Stores, storesOf, type Turn, timer } from "./timer.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/**
 * How long after it closed an account is gone through, by the name of the pass: at once; again because calls that had begun before may still have
 * made keys, and what another Region wrote, or an index tells, may be late; and at last when nobody can open it again.
 */
const PASSES = { SEEN: 0, DONE: HOUR_MS, LAST: WAITING_DAYS * DAY_MS + HOUR_MS } as const;
type Pass = keyof typeof PASSES;
/** Keys that are gone through together. */
const PAGE = 100;
/** How often one key is tried while others change it. */
const TRIES = 4;

const uses = { keys: "write", closings: "write" } as const;

export const closing = timer({
  name: "closing",
  everyMinutes: 5,
  uses,

  async find(stores: Stores<typeof uses>, now, { after, limit }) {
    const ids: string[] = [];
    const from = after === undefined ? undefined : placeIn(after);
    const passes = Object.keys(PASSES) as Pass[];
    for (const pass of passes.slice(from ? passes.indexOf(from.pass) : 0)) {
      let place = from?.pass === pass ? from.place : await stores.closings.reached(pass, closedBy(pass, now));
      for (let page = await pageAfter(place, pass, now, stores); page; page = await pageAfter(place, pass, now, stores)) {
        const id = `${pass}/${place ?? ""}`;
        if (ids.length === limit) return { ids, next: id };
        ids.push(id);
        place = page.end;
      }
    }
    return { ids };
  },

  read: async (_, id) => placeIn(id),
  due: (place) => place,

  async run({ pass, place }, turn) {
    const stores = storesOf(turn.regional, uses, looking);
    const page = await pageAfter(place, pass, turn.now, stores);
    if (!page) return;
    let failure: { readonly cause: unknown } | undefined;
    for (const id of page.ids)
      await schedule(id, page.account, turn).catch((cause: unknown) => {
        failure ??= { cause };
      });
    // The others do not wait for the one that fails; but nothing after it counts as done.
    if (failure) throw failure.cause;
    await stores.closings.done(pass, place, page.end);
  },
});

const closedBy = (pass: Pass, now: Date): Date => new Date(now.getTime() - PASSES[pass]);

/** A page of keys by the place that it comes after: that of the mark, or where the page before ends. */
function placeIn(id: string): { readonly pass: Pass; readonly place: string | undefined } {
  const [pass, place] = id.split("/");
  return { pass: pass as Pass, place: place || undefined };
}

interface KeyPage {
  readonly account: string;
  readonly ids: readonly string[];
  readonly end: string;
}

/** Undefined when there is no account to go through yet. */
async function pageAfter(
  place: string | undefined,
  pass: Pass,
  now: Date,
  { closings, keys }: Stores<typeof uses>,
): Promise<KeyPage | undefined> {
  const next = await closings.next(closedBy(pass, now), place);
  if (!next) return undefined;
  const { ids, more } = await keys.list(next.account, { after: next.key, limit: PAGE });
  return { account: next.account, ids, end: closings.place(next, more ? ids.at(-1) : undefined) };
}

/** Stands before changes of keys that are only read. */
const looking = async (): Promise<never> => {
  throw new Error("A key was to be changed without a record.");
};

async function schedule(id: string, account: string, turn: Turn): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await scheduleNow(id, account, turn);
    } catch (cause) {
      if (!(cause instanceof Conflict) || tries === TRIES) throw cause;
    }
  }
}

/** @throws {Conflict} when somebody changed the key meanwhile. */
async function scheduleNow(id: string, accountId: string, { regional, now, newId }: Turn): Promise<void> {
  const { keys, closings } = storesOf(regional, uses, looking);
  // Asked for each key: the account may be opened again meanwhile.
  const account = await closings.account(accountId);
  if (!account || accountStateOf(account, now) === "active") return;
  const key = await keys.get(id);
  const state = key && stateOf(key, now);
  if (!key || state === undefined || pendingDeletion.includes(state)) return;
  const days = waitingDaysOf(key, account, now);
  if (days === undefined) return;
  if (!deletable.includes(state)) throw new Error(`${key.arn} is ${state}: it is scheduled for deletion once it no longer is.`);
  const book = ledger({ log: regional.log, account: accountId, event: "ScheduleKeyDeletion", id: newId(), since: now, tries: 1 });
  const doomed = scheduleDeletion(key, days, now);
  const facts = { r: [key.arn], d: { accountState: accountStateOf(account, now), pendingWindowInDays: days } };
  const recorded: { readonly keys: Tables["keys"]["write"] } = storesOf(regional, uses, book.gate);
  try {
    await recorded.keys.replace(key, doomed);
  } catch (cause) {
    if (cause instanceof Conflict) await book.close(now, { ...facts, x: ["ConflictException", "Somebody changed the key meanwhile."] });
    throw cause;
  }
  await book.close(now, { ...facts, a: { keyId: key.arn, deletionDate: doomed.deletionDate?.getTime() } });
}

/**
 * An AWS managed key cannot be saved by anybody: it stays as it is for as long as the account can be opened again, and has waited long enough then.
 * @returns undefined when it is not yet to be scheduled.
 */
function waitingDaysOf({ manager }: Key, account: Account, now: Date): number | undefined {
  if (manager === "CUSTOMER") return WAITING_DAYS;
  return canReopen(account, now) ? undefined : 0;
}
