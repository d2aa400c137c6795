/**
 * The outcome of changes that have none: whoever was to write it died, or could not. Five minutes after a call began, its intent is held against
 * the item that it was to change, and one event says what became of it.
 */
import { keyArn } from "#domain/arn";
import { beganAt } from "#domain/event-id";
import type { EventRecord, Outcome } from "#domain/event-record";
import { Conflict } from "#store";
import { type Stores, storesOf, timer } from "./timer.ts";

/** Longer than any call takes. */
const ABANDONED_MS = 5 * 60_000;

const uses = { intents: "write" } as const;

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
    const { intents } = storesOf(regional, uses, async () => undefined);
    const { account, service, event, caller, peer = "AWS Internal", mutation } = intent;
    const outcome = mutation ? await intents.became(mutation) : "unknown";
    const said = SAID[outcome];
    const key = mutation?.pk.startsWith("K#") ? [keyArn(region, account, mutation.pk.slice("K#".length))] : undefined;
    const record: EventRecord & { readonly w?: unknown } = {
      ...{ s: service, e: event, t: beganAt(intent.id), c: caller, ip: peer, r: key, o: outcome },
      ...(caller.k === "service" && { y: "AwsServiceEvent" as const }),
      ...(said !== undefined && { x: ["KMSInternalException", said] as const }),
      ...(outcome === "committed" && { w: [mutation] }),
    };
    await intents.close(intent, record).catch((cause: unknown) => {
      // Somebody else has, or the outcome came after all.
      if (!(cause instanceof Conflict)) throw cause;
    });
  },
});
