/** Sends what is wrong in every way that the kinds know, and looks at the answers. */
import { FAULT_NAMES } from "#domain/fault";
import type { HttpResponse } from "#wire/http";
import { chanceFrom } from "../faults/chance.ts";
import { KINDS } from "./kinds.ts";
import { newWorld, type World } from "./world.ts";

export interface Finding {
  readonly kind: string;
  /** Makes the same request again: of a world of its own, whose keys have other names. */
  readonly seed: number;
  readonly what: string;
}

export interface Report {
  readonly cases: number;
  /** Answers by status, and by the error's name. */
  readonly answers: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  readonly slowestMs: number;
}

/** A case that takes longer hangs. */
export const LONGEST_MS = 1000;
/** What cases change piles up; then there is a new world. */
const CASES_OF_WORLD = 20_000;
const modelled: ReadonlySet<string> = new Set(FAULT_NAMES);

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  /** One kind alone. */
  readonly only?: string | undefined;
  /** Called after every world. */
  readonly onWorld?: (done: number, findings: number) => void;
}

/** Runs so many cases, one after the other. A case is a kind and a seed; those of a run have the seeds from `seed` on. */
export async function fuzz({ cases, seed, only, onWorld = () => {} }: FuzzOptions): Promise<Report> {
  const answers = new Map<string, number>();
  const findings: Finding[] = [];
  let slowestMs = 0;
  for (let done = 0; done < cases; ) {
    const world = await newWorld();
    const until = Math.min(cases, done + CASES_OF_WORLD);
    for (; done < until; done += 1) {
      const { kind, found, answered, took } = await tryCase(world, seed + done, only);
      answers.set(answered, (answers.get(answered) ?? 0) + 1);
      slowestMs = Math.max(slowestMs, took);
      if (found !== undefined) findings.push({ kind, seed: seed + done, what: found });
    }
    await world.service.stop();
    onWorld(done, findings.length);
  }
  return { cases, answers, findings, slowestMs };
}

/** What the operator was told and should not have been. */
export const errorsIn = (logged: readonly string[]): readonly string[] =>
  logged.filter((line) => line.includes('"level":"error"')).map((line) => `the operator was told: ${line}`);

interface Tried {
  readonly kind: string;
  readonly answered: string;
  readonly found: string | undefined;
  readonly took: number;
}

async function tryCase(world: World, seed: number, only: string | undefined): Promise<Tried> {
  const chance = chanceFrom(seed);
  // Drawn even where it is given, so that what follows is the same.
  const drawn = kindOf(chance.between(0, 100));
  const kind = only ?? drawn;
  const request = (KINDS[kind] as (typeof KINDS)[string]).make(chance, world);
  const { logged } = world.service;
  const before = logged.length;
  const began = performance.now();
  const answer = await world.service.host.dispatch(request).catch((cause: unknown): Error => new Error("It threw.", { cause }));
  const took = performance.now() - began;
  if (answer instanceof Error) return { kind, answered: "thrown", found: String(answer.cause), took };
  const name = nameIn(answer);
  const [error] = errorsIn(logged.slice(before));
  const late = took > LONGEST_MS ? `it took ${took.toFixed(0)} ms` : undefined;
  const found = wrongIn(answer, name) ?? error ?? late;
  return { kind, answered: `${answer.status} ${name}`.trim(), found, took };
}

function kindOf(place: number): string {
  let left = place;
  for (const [name, { share }] of Object.entries(KINDS)) {
    left -= share;
    if (left < 0) return name;
  }
  throw new RangeError("The shares of the kinds are no hundred.");
}

/** A success, or a refusal by a name of AWS's; whatever is no operation of a service may be refused by a status alone. */
function wrongIn({ status, headers, body }: HttpResponse, name: string): string | undefined {
  if (status >= 500) return `it was answered ${status} ${name}`;
  // The query services have names of their own, each for one of the table's.
  if (status === 200 || name === "" || modelled.has(name) || isXml(headers)) return undefined;
  return `it was answered ${status} with an error that no table has: ${body.slice(0, 200)}`;
}

function nameIn({ status, headers, body }: HttpResponse): string {
  if (status === 200) return "";
  if (isXml(headers)) return /<Code>([^<]*)</.exec(body)?.[1] ?? "";
  return JSON.parse(body).__type ?? "";
}

const isXml = (headers: HttpResponse["headers"]): boolean => !(headers["Content-Type"] ?? "").includes("json");
