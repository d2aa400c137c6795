import { beganAt } from "#domain/event-id";
import type { EventCaller, Outcome } from "#domain/event-record";
import type { Mutation } from "./items.ts";
import { INTENTS, type LogWriter, partitionOf } from "./log.ts";
import type { Mark } from "./mark.ts";
import type { Database, Row } from "./port.ts";
import { GLOBAL, TABLES } from "./tables.ts";

/** What a call was about to do, and when it began; nobody has written down what became of it. */
export interface OpenIntent {
  readonly account: string;
  /** The row that its outcome is to have. */
  readonly id: string;
  readonly began: Date;
  readonly service: string;
  readonly event: string;
  readonly caller: EventCaller;
  readonly peer?: string;
  /** The first change of its last try; absent where the operator acted. */
  readonly mutation?: Mutation;
}

export interface Intents {
  /** Hints to intents of calls that began by then and have no outcome, the oldest first. A page may be empty, and the list still go on at `next`. */
  open(
    until: Date,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ readonly ids: readonly string[]; readonly next?: string | undefined }>;
  /** What is behind a hint; undefined once there is an outcome. */
  read(id: string): Promise<OpenIntent | undefined>;
  /** Whether the item has the state that was intended. */
  became(mutation: Mutation): Promise<Outcome>;
  /** @throws {Conflict} when an outcome is there by now. */
  close(intent: Pick<OpenIntent, "account" | "id" | "began">, body: object): Promise<void>;
}

export interface IntentOptions {
  readonly database: Database;
  readonly region: string;
  readonly shards: number;
  readonly log: LogWriter;
  /** Everything up to here has its outcome. */
  readonly settled: Mark;
}

const DAY_MS = 86_400_000;
/** Days after the one on which a call began, the likely ones first. */
const ENDED = [0, 1, -1, 2, -2, 3, -3];
const PAGE = 100;
/** As often as a change is tried, an intent may stand. */
const TRIES = ["", "2", "3", "4"];

export function intentStore({ database, region, shards, log, settled }: IntentOptions): Intents {
  const table = database.table("log", region);

  /** The record stands under the day on which the call ended: soon after, unless a clock was put right meanwhile. */
  async function outcomeOf(account: string, id: string, began: Date): Promise<Row | undefined> {
    for (const days of ENDED) {
      const row = await table.get({ pk: partitionOf(account, new Date(began.getTime() + days * DAY_MS), id, shards), sk: id });
      if (row) return row;
    }
    return undefined;
  }

  /** The day is the row's own: the time that keys live in may be another than that of ids. */
  const placeOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => {
    const [account = "", day = ""] = pk.split("#");
    const at = new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
    return { account, at, id: sk.slice(0, sk.indexOf("#")) };
  };

  return {
    async open(until, { after, limit }) {
      const from = after ?? (await settled.get((place) => beganAt(place) > until.getTime()));
      const page = await table.find(1, { pk: INTENTS, ...(from !== undefined && { after: from }), limit: PAGE });
      const begun = page.hints.filter((hint) => beganAt(placeOf(hint).id) <= until.getTime());
      const outcomes = await Promise.all(
        begun.map((hint) => {
          const { account, at, id } = placeOf(hint);
          return outcomeOf(account, id, at);
        }),
      );
      // On one database file nothing waits: others are to be answered meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      const open = begun.filter((_, index) => !outcomes[index]);
      const last = open[0] ? begun[begun.indexOf(open[0]) - 1] : begun.at(-1);
      if (last) await settled.move(from, last.sk);
      const ids = open.slice(0, limit).map(({ pk, sk }) => `${pk} ${sk}`);
      if (open.length > limit) return { ids, next: open[limit - 1]?.sk };
      return { ids, next: page.more && begun.length === page.hints.length ? begun.at(-1)?.sk : undefined };
    },

    async read(hint) {
      const [pk = "", sk = ""] = hint.split(" ");
      const { account, at, id } = placeOf({ pk, sk });
      if (await outcomeOf(account, id, at)) return undefined;
      const days = [at, new Date(at.getTime() + DAY_MS)];
      const rows = await Promise.all(
        TRIES.flatMap((tried) =>
          days.map((day) => table.get({ pk: partitionOf(account, day, `${id}#I${tried}`, shards), sk: `${id}#I${tried}` })),
        ),
      );
      const last = rows.findLast((row) => row !== undefined);
      if (!last) return undefined;
      const { s: service, e: event, c: caller, m: mutation, ip: peer } = JSON.parse(last.body).r;
      return { account, id, began: at, service, event, caller, ...(peer && { peer }), ...(mutation && { mutation }) };
    },

    async became({ table: name, pk, sk, version, mac }) {
      const row = await database.table(name, TABLES[name].scope === "global" ? GLOBAL : region).get({ pk, sk });
      // What was made or changed meanwhile may have been removed again, and the other way round; but a key that was just made takes days to go.
      if (!row) return version === 0 ? "committed" : sk === "KEY" && version === 1 ? "not committed" : "unknown";
      if (version === 0) return row.version === 1 ? "unknown" : "not committed";
      if (row.version === version) return row.mac && Buffer.from(row.mac.tag).toString("base64url") === mac ? "committed" : "not committed";
      return row.version > version ? "unknown" : "not committed";
    },

    close: ({ account, id, began }, body) => log.append({ account, id, at: began, body: JSON.stringify(body) }),
  };
}
