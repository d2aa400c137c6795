import { randomInt } from "node:crypto";
import { Agent } from "node:http";
import { errorOf, kmsRequest, send } from "../pipeline/signed-request.ts";
import type { Credentials } from "../service.ts";
import { type Latencies, latencies } from "./latencies.ts";
import { askedOf, type Keys } from "./seeded.ts";

/** Whom a load calls, as whom, and about what. */
export interface Target {
  readonly url: string;
  readonly principals: readonly Credentials[];
  readonly keys: Keys;
}

export interface Driven {
  /** Answers by what they were: "200", or the name of an error, or why there was none. */
  readonly answers: ReadonlyMap<string, number>;
  /** Of answers 200, from when a call was due; those that waited because others did too count in full. */
  readonly latencies: Latencies;
  readonly seconds: number;
}

/** So many callers, each of whom calls again as soon as it is answered: as fast as the server can. */
export async function closed(target: Target, { callers, ms }: { readonly callers: number; readonly ms: number }): Promise<Driven> {
  const run = runOf(target, callers);
  const until = run.began + ms;
  const caller = async () => {
    while (performance.now() < until) await run.call(performance.now());
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return run.end();
}

export interface Open {
  /** Calls a second, whether the server keeps up or not. */
  readonly rate: number;
  readonly ms: number;
  /** Connections at the most; who finds none waits for one. */
  readonly connections: number;
  /** Is given each window of so many milliseconds as it ends. */
  readonly window?: { readonly ms: number; readonly ended: (window: Latencies) => void };
}

/** Calls that come when they come. */
export async function open(target: Target, { rate, ms, connections, window }: Open): Promise<Driven> {
  const run = runOf(target, connections);
  const until = run.began + ms;
  const pending = new Set<Promise<void>>();
  let due = run.began;
  let windowEnds = run.began + (window?.ms ?? Number.POSITIVE_INFINITY);
  while (performance.now() < until) {
    const now = performance.now();
    for (; due <= now; due += 1000 / rate) {
      const call = run.call(due).finally(() => pending.delete(call));
      pending.add(call);
    }
    if (now >= windowEnds && window) {
      window.ended(run.window());
      windowEnds += window.ms;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  return run.end();
}

function runOf({ url, principals, keys }: Target, maxSockets: number) {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const answers = new Map<string, number>();
  const all = latencies();
  const began = performance.now();
  let current = latencies();
  return {
    began,
    async call(due: number): Promise<void> {
      const credentials = principals[randomInt(principals.length)] as Credentials;
      const { operation, body } = askedOf(keys);
      const request = kmsRequest({ url, administrator: credentials }, operation, body);
      const answer = await send(url, request, agent).catch((cause: NodeJS.ErrnoException) => cause.code ?? cause.message);
      const what = typeof answer === "string" ? answer : answer.status === 200 ? "200" : errorOf(answer).name;
      answers.set(what, (answers.get(what) ?? 0) + 1);
      if (what !== "200") return;
      const microseconds = 1000 * (performance.now() - due);
      all.add(microseconds);
      current.add(microseconds);
    },
    window(): Latencies {
      const ended = current;
      current = latencies();
      return ended;
    },
    end(): Driven {
      agent.destroy();
      return { answers, latencies: all, seconds: (performance.now() - began) / 1000 };
    },
  };
}

/** Answers 200 a second. */
export const servedBy = ({ answers, seconds }: Driven): number => (answers.get("200") ?? 0) / seconds;
