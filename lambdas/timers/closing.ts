/** The end of an account: once it is deleted or has expired, each of its keys in the Region is given a waiting period, and none is destroyed at once. */
import { type Account, accountStateOf, WAITING_DAYS } from "#domain/account";
import { scheduleDeletion, stateOf } from "#domain/key";
import { deletable, pendingDeletion } from "#domain/states";
import { type Closing, Conflict, type Tables } from "#store";
import { ledger } from "./ledger.ts";
import { type Stores, storesOf, type Turn, timer } from "./timer.ts";

/**
 * Until then an account is looked at with every run: calls that had begun before it closed may still make keys, and what another Region wrote,
 * or an index tells, may be late.
 */
const SETTLED_MS = 60 * 60_000;
const PAGE = 100;
/** How often one key is tried while others change it. */
const TRIES = 4;
/** What is due is one thing: all accounts that closed, in their order, so that it can be said how far it is done. */
const ALL = "accounts";

const uses = { keys: "write", closings: "write" } as const;
type Keys = Tables["keys"]["write"];

export const closing = timer({
  name: "closing",
  everyMinutes: 5,
  uses,

  async find({ closings }: Stores<typeof uses>, now) {
    const found = await closings.due(now, { limit: 1 });
    return { ids: found.closings.length > 0 ? [ALL] : [] };
  },

  read: async () => true as const,
  due: (all) => all,

  async run(_, turn) {
    const { closings } = storesOf(turn.regional, uses, unrecorded);
    let failure: { readonly cause: unknown } | undefined;
    for (let after: string | undefined; ; ) {
      const page = await closings.due(turn.now, { after, limit: PAGE });
      let done: Closing | undefined;
      for (const one of page.closings) {
        const account = await closings.account(one.account);
        // The others do not wait for the one that fails; but nothing after it counts as done.
        if (account && accountStateOf(account, turn.now) !== "active")
          await closeKeys(account, turn).catch((cause: unknown) => {
            failure ??= { cause };
          });
        if (!failure && isSettled(one, turn.now)) done = one;
      }
      if (done) await closings.done(done).catch(unlessConflict);
      after = page.next;
      if (after === undefined) break;
    }
    if (failure) throw failure.cause;
  },
});

/** What a mark is written by stands in no record: it says nothing about a key. */
const unrecorded = async (): Promise<void> => undefined;

const isSettled = ({ at }: Closing, now: Date): boolean => at < new Date(now.getTime() - SETTLED_MS).toISOString();

/** @throws when a key could not be scheduled; the others have been then. */
async function closeKeys(account: Account, turn: Turn): Promise<void> {
  const { keys } = storesOf(turn.regional, uses, unrecorded);
  let failure: { readonly cause: unknown } | undefined;
  for (let after: string | undefined; ; ) {
    const { ids, more } = await keys.list(account.id, { after, limit: PAGE });
    for (const id of ids)
      await schedule(id, account, turn).catch((cause: unknown) => {
        failure ??= { cause };
      });
    after = ids.at(-1);
    if (!more || after === undefined) break;
  }
  if (failure) throw failure.cause;
}

async function schedule(id: string, account: Account, turn: Turn): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await scheduleNow(id, account, turn);
    } catch (cause) {
      if (!(cause instanceof Conflict) || tries === TRIES) throw cause;
    }
  }
}

/** @throws {Conflict} when somebody changed the key meanwhile. */
async function scheduleNow(id: string, account: Account, { regional, now, newId }: Turn): Promise<void> {
  const { keys }: { readonly keys: Keys } = storesOf(regional, uses, unrecorded);
  const key = await keys.get(id);
  const state = key && stateOf(key, now);
  if (!key || state === undefined || pendingDeletion.includes(state)) return;
  if (!deletable.includes(state)) throw new Error(`${key.arn} is ${state}: it is scheduled for deletion once it no longer is.`);
  const book = ledger({ log: regional.log, account: account.id, event: "ScheduleKeyDeletion", id: newId(), since: now, tries: 1 });
  const doomed = scheduleDeletion(key, WAITING_DAYS, now);
  const facts = { r: [key.arn], d: { accountState: accountStateOf(account, now), pendingWindowInDays: WAITING_DAYS } };
  try {
    await storesOf(regional, uses, book.gate).keys.replace(key, doomed);
  } catch (cause) {
    if (cause instanceof Conflict) await book.close(now, { ...facts, x: ["ConflictException", "Somebody changed the key meanwhile."] });
    throw cause;
  }
  await book.close(now, { ...facts, a: { keyId: key.arn, deletionDate: doomed.deletionDate?.getTime() } });
}

function unlessConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
