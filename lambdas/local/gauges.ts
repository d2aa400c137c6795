import { Gauge, type Registry } from "prom-client";
import { stateOf } from "#domain/key";
import type { Regional } from "#store";
import { lagOf, TIMERS } from "#timers";
import type { Host } from "./host.ts";

/** Keys of a Region whose state is looked at; of those beyond only the number is told. */
const LOOKED_AT = 10_000;
const PAGE = 100;
/** They are counted when somebody asks, but not for more than this part of the time, and not more often than once a minute. */
const SHARE = 1 / 200;
const SELDOM_MS = 60_000;

type Watched = Pick<Host, "opened" | "quotas" | "shared" | "timers">;

/**
 * Shows how much of its quotas is used, how far the log and the timers are behind, and how many keys there are in each state.
 *
 * The quotas and the log are read off what the process knows anyway; of timers the index is asked, in which there is next to nothing. Keys are
 * counted behind the answer: the numbers are those of the last count.
 */
export function watchHost(host: Watched, registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: "trent_quota_used_ratio",
    help: "Part of a request quota that was used in the last second, of the account that used most of its own",
    labelNames: ["region", "bucket"],
    registers,
    collect() {
      this.reset();
      for (const { region, bucket, part } of host.quotas.used?.(Date.now()) ?? []) this.set({ region, bucket }, part);
    },
  });
  new Gauge({
    name: "trent_log_waiting_records",
    help: "Records that are on their way to the disk",
    labelNames: ["region"],
    registers,
    collect() {
      for (const [region, { log }] of host.opened) this.set({ region }, log.lag?.().waiting ?? 0);
    },
  });
  new Gauge({
    name: "trent_log_lag_seconds",
    help: "For how long the oldest of these has been",
    labelNames: ["region"],
    aggregator: "max",
    registers,
    collect() {
      for (const [region, { log }] of host.opened) this.set({ region }, (log.lag?.().ms ?? 0) / 1000);
    },
  });
  new Gauge({
    name: "trent_timer_lag_seconds",
    help: "For how long the oldest of what is due has been waiting for its timer; what keys live by is their time, not the machine's",
    labelNames: ["region", "timer"],
    aggregator: "max",
    registers,
    async collect() {
      this.reset();
      for (const region of host.opened.keys())
        for (const timer of TIMERS) {
          // A store that is away is told by what cannot be read from it.
          const lag = await lagOf(timer, host.timers, region).catch(() => undefined);
          if (lag !== undefined) this.set({ region, timer: timer.name }, lag / 1000);
        }
    },
  });
  const count = keyCount(host);
  new Gauge({
    name: "trent_keys",
    help: `Keys by state in the Regions that were called, as of the last count; of a Region with more than ${LOOKED_AT} the others as "Uncounted"`,
    labelNames: ["region", "state"],
    // Each process counts those of the store.
    aggregator: "first",
    registers,
    async collect() {
      const counted = await count();
      this.reset();
      for (const [region, states] of counted) for (const [state, number] of states) this.set({ region, state }, number);
    },
  });
}

type Counted = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Answers the last count, and begins another one if that is old. The first is waited for. */
function keyCount({ opened, shared }: Watched): () => Promise<Counted> {
  let last: Promise<Counted> | undefined;
  let counting: Promise<Counted> | undefined;
  let nextAt = 0;

  async function count(): Promise<Counted> {
    const began = performance.now();
    const counted = new Map<string, ReadonlyMap<string, number>>();
    for (const [region, regional] of opened) counted.set(region, await statesIn(regional));
    const ended = performance.now();
    nextAt = ended + Math.max(SELDOM_MS, (ended - began) / SHARE);
    return counted;
  }

  async function statesIn({ keys }: Regional): Promise<ReadonlyMap<string, number>> {
    const states = new Map<string, number>();
    let looked = 0;
    const add = (state: string, number = 1) => states.set(state, (states.get(state) ?? 0) + number);
    for await (const account of accountIds())
      for (let after: string | undefined, more = true; more; ) {
        const page = await keys.list(account, { after, limit: PAGE });
        looked += page.ids.length;
        if (looked > LOOKED_AT) add("Uncounted", page.ids.length);
        else
          for (const key of await Promise.all(page.ids.map((id) => keys.get(id)))) {
            const state = key && stateOf(key, new Date());
            if (state) add(state);
          }
        more = page.more;
        after = page.ids.at(-1);
        // Calls go first.
        await new Promise((resolve) => setImmediate(resolve));
      }
    return states;
  }

  async function* accountIds(): AsyncGenerator<string> {
    for (let after: string | undefined, more = true; more; ) {
      const page = await shared.accounts.list({ limit: PAGE, ...(after !== undefined && { after }) });
      for (const { id } of page.accounts) yield id;
      after = page.next;
      more = after !== undefined;
    }
  }

  return () => {
    if (!counting && performance.now() >= nextAt) {
      counting = count().finally(() => {
        counting = undefined;
      });
      counting.then(
        (counted) => {
          last = Promise.resolve(counted);
        },
        () => undefined,
      );
      last ??= counting;
    }
    return (last ?? Promise.resolve(new Map())).catch(() => new Map());
  };
}
