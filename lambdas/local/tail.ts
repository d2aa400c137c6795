import { setTimeout as pause } from "node:timers/promises";
import { eventOf, resourcesOf } from "#domain/event";
import { userNameOf } from "#domain/event-identity";
import { LOOKUP_ATTRIBUTES } from "#domain/event-lookup";
import type { LoggedEvent } from "#domain/event-record";
import { openPlace } from "#operator/place";
import type { Tables } from "#store";
import { withStore } from "./operate.ts";
import type { Options } from "./options.ts";

type LogReader = Tables["log"]["read"];

const EVERY_MS = 500;
/** What ended at the same time is not written at the same time. */
const OVERLAP_MS = 5000;
const PAGE = 1000;

/** `trent audit tail`: what is written to an account's log from now on, until it is interrupted. */
export async function auditTail(options: Options): Promise<void> {
  const interrupted = new AbortController();
  const end = () => interrupted.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  // Whoever read it has gone.
  process.stdout.once("error", end);
  await withStore(options, options.region, async (deps) => {
    const place = await openPlace(deps);
    const { log } = place.store.stores({ log: "read" }, closed) as { readonly log: LogReader };
    await follow(log, { account: options.account ?? place.account, region: place.region }, options, interrupted.signal);
    return {};
  });
}

/** Who follows the log changes nothing. */
const closed = async (): Promise<never> => {
  throw new Error("What only reads tried to make a change.");
};

async function follow(
  log: LogReader,
  { account, region }: { readonly account: string; readonly region: string },
  { event, key, json }: Options,
  signal: AbortSignal,
): Promise<void> {
  const isWanted = (stored: Pick<LoggedEvent, "account" | "record">) =>
    (event === undefined || stored.record.e === event) && (key === undefined || LOOKUP_ATTRIBUTES.ResourceName.matches(stored, key));
  const begun = Date.now();
  let told = new Map<string, number>();

  /** Those that were not told yet, the newest first. */
  async function unseen(since: Date): Promise<readonly LoggedEvent[]> {
    const found: LoggedEvent[] = [];
    let before: string | undefined;
    do {
      const { records, next } = await log.newest(account, { before, since, isWanted, limit: PAGE });
      found.push(...records.filter(({ id }) => !told.has(id)).map((stored) => ({ ...stored, region })));
      before = next;
    } while (before !== undefined);
    return found;
  }

  while (!signal.aborted) {
    const since = new Date(Math.max(begun, Date.now() - OVERLAP_MS));
    for (const logged of (await unseen(since)).toReversed()) {
      told.set(logged.id, logged.record.t);
      process.stdout.write(`${json ? JSON.stringify(eventOf(logged)) : lineOf(logged)}\n`);
    }
    told = new Map(Array.from(told).filter(([, time]) => time >= since.getTime()));
    await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Time, event, who, from where, on what, and how it ended: red on a terminal where it was refused. */
function lineOf(logged: LoggedEvent): string {
  const { e: event, t: time, c: caller, ip, x: error } = logged.record;
  const resources = resourcesOf(logged).map(({ ARN }) => ARN.split(":").slice(5).join(":"));
  const [red, plain] = error && process.stdout.isTTY ? ["\u001b[31m", "\u001b[0m"] : ["", ""];
  const outcome = error ? `${red}${error[0]}${plain}` : "OK";
  return [new Date(time).toISOString(), event.padEnd(24), userNameOf(caller) ?? caller.a, ip, ...resources, outcome].join("  ");
}
