/**
 * The outcome of changes that have none: whoever was to write it died, or could not. Five minutes after a call began, its intent is held against
 * the item that it was to change, and one event says what became of it.
 */
import { keyArn } from "#domain/arn";
import { beganAt } from "#domain/event-id";
import type { EventCaller, EventRecord, Outcome } from "#domain/event-record";
import { Conflict, type Mutation, type Tables } from "#store";
import { type Stores, storesOf, timer } from "./timer.ts";

/** Longer than any call takes. */
const ABANDONED_MS = 5 * 60_000;

const uses = { intents: "write", keys: "read" } as const;

const SAID: Readonly<Record<Outcome, string | undefined>> = {
  committed: undefined,
  "not committed": "The call ended without an outcome, and changed nothing.",
  unknown: "The call ended without an outcome: whether it changed anything cannot be told.",
};

export const reconciling = timer({
  name: "reconciling",
  everyMinutes: 5,
  uses,

  find: ({ intents }: Stores<typeof uses>, now, page) => intents.open(new Date(now.getTime() - ABANDONED_MS), page),
  read: ({ intents }, id) => intents.read(id),
  // A deletion that was left is taken up again by its own timer, which writes its outcome.
  due: (intent) => (intent?.caller.k === "service" && intent.event === "DeleteKey" ? undefined : intent),

  async run(intent, { region, regional }) {
    const { intents, keys } = storesOf(regional, uses, async () => undefined);
    const { account, service, event, caller, peer = "AWS Internal", mutation } = intent;
    const outcome = mutation ? await intents.became(mutation) : "unknown";
    const said = SAID[outcome];
    const keyId = mutation?.pk.startsWith("K#") ? mutation.pk.slice("K#".length) : undefined;
    const owner = mutation && keyId !== undefined ? await ownerOf(keyId, mutation, account, keys) : undefined;
    const isShared = owner !== undefined && owner !== account;
    const record: EventRecord = {
      ...{ s: service, e: event, t: beganAt(intent.id), c: caller, ip: peer, o: outcome },
      ...(keyId !== undefined && owner !== undefined && { r: [keyArn(region, owner, keyId)] }),
      ...(caller.k === "service" && { y: "AwsServiceEvent" as const }),
      ...(said !== undefined && { x: ["KMSInternalException", said] as const }),
      ...(isShared && { sh: 1 as const }),
    };
    // First, because nobody comes back for it once the caller's own is there.
    if (isShared)
      await intents.close({ ...intent, account: owner }, { ...record, c: seenBy(owner, caller, account) }).catch(unlessConflict);
    await intents.close(intent, { ...record, ...(outcome === "committed" && { w: [mutation] }) }).catch(unlessConflict);
  },
});

/** Whose the key is that was to be changed; undefined when it is gone. Only what points to a key may be changed by another account. */
async function ownerOf(id: string, { sk }: Mutation, caller: string, keys: Tables["keys"]["read"]): Promise<string | undefined> {
  return sk === "KEY" ? caller : (await keys.get(id))?.account;
}

/** As the owner of a key sees somebody of another account; a service is in none. */
const seenBy = (owner: string, caller: EventCaller, account: string): EventCaller =>
  caller.k === "service" ? { ...caller, i: owner } : { k: "account", a: account, i: caller.i, by: caller.by };

/** Somebody else has written it, or the outcome came after all. */
function unlessConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
