/** ReDoS: every regular expression of the source, against texts that repeat a part of what it matches. */
import { globSync, readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAst } from "vitest/node";
import { FACES } from "#faces";

const LAMBDAS = new URL("../../lambdas/", import.meta.url);
const [SHORT, LONG] = [2_000, 8_000];
/** In milliseconds, for a text of `SHORT`: linear ones take hundredths of one. */
const SUSPICIOUS = 1;
/** A text four times as long costs four times as much, and sixteen times if the cost is quadratic. */
const STEEPEST = 8;
const HANGING = 3_000;

/** How the source makes expressions when it runs, and what they are made of: a new one has to be looked at. */
const MADE: Readonly<Record<string, string>> = {
  "domain/grant-principal.ts": "of NAME below, which it joins into one",
  "wire/decode.ts": "of the patterns that operations declare, which are walked here",
  "local/seed-material.ts": "of the length of key material in the operator's own file",
};

interface Found {
  readonly literals: Map<string, RegExp>;
  readonly made: Set<string>;
}

/** Every node of a syntax tree, and everything else that has members. */
function* within(value: unknown, seen = new Set<unknown>()): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== "object" || value === null || value instanceof RegExp || seen.has(value)) return;
  seen.add(value);
  yield value as Readonly<Record<string, unknown>>;
  for (const member of Object.values(value)) yield* within(member, seen);
}

function inSource(): Found {
  const found: Found = { literals: new Map(), made: new Set() };
  for (const file of globSync("**/*.ts", { cwd: LAMBDAS, exclude: ["crypto/test/**", "**/node_modules/**"] })) {
    const text = readFileSync(new URL(file, LAMBDAS), "utf8");
    for (const { type, regex, callee } of within(parseAst(text, { lang: "ts" }))) {
      const { pattern, flags } = (regex ?? {}) as { pattern?: string; flags?: string };
      if (type === "Literal" && pattern !== undefined) found.literals.set(`/${pattern}/${flags}`, new RegExp(pattern, flags));
      const { name } = (callee ?? {}) as { name?: string };
      if (name === "RegExp") found.made.add(file);
    }
  }
  return found;
}

/** What operations declare of their members, compiled as the decoder does. */
function declared(): Map<string, RegExp> {
  const found = new Map<string, RegExp>();
  for (const operation of FACES.flatMap(({ operations }) => Object.values(operations)))
    for (const { pattern } of within([operation.input, operation.output]))
      if (typeof pattern === "string") found.set(pattern, new RegExp(`^(?:${pattern})$`, pattern.includes("\\p{") ? "u" : ""));
  return found;
}

/** The expression that is joined when its module is loaded. */
async function joined(): Promise<RegExp[]> {
  const made: RegExp[] = [];
  const own = globalThis.RegExp;
  globalThis.RegExp = new Proxy(own, {
    construct(target, [pattern, flags]) {
      const one = new target(pattern, flags);
      made.push(one);
      return one;
    },
  });
  try {
    await import(`${new URL("domain/grant-principal.ts", LAMBDAS).href}?again`);
  } finally {
    globalThis.RegExp = own;
  }
  return made;
}

/** Texts that match, or nearly do, when nothing better is known: of the letters that the expression is about. */
function seedsOf(expression: RegExp): string[] {
  const letters = [...new Set(expression.source.replaceAll(/\\[a-zA-Z]/g, ""))].filter((letter) => !"()[]{}^$|\\?*".includes(letter));
  const plain = [...letters, "a", "0", " ", "=", "/", '"', "\\", '\\"', "a/", "a.", "a-"];
  try {
    // What fast-check cannot make texts of (some assertions) has the letters alone.
    return [
      ...plain,
      ...fc.sample(fc.stringMatching(new RegExp(expression.source, expression.flags.replace("g", ""))), { numRuns: 12, seed: 7 }),
    ];
  } catch {
    return plain;
  }
}

/** A text of this length in which a part of a seed comes over and over, and an end that spoils it. */
type Attack = (length: number) => string;
function* attacksOn(expression: RegExp): Generator<Attack> {
  for (const whole of new Set(seedsOf(expression))) {
    const seed = whole.slice(0, 24);
    for (let from = 0; from < seed.length; from += 1)
      for (const size of [1, 2, 3, 6])
        for (const end of ["", "\n", "\0x", seed.slice(from)])
          if (from + size <= seed.length) {
            const part = seed.slice(from, from + size);
            yield (length) => seed.slice(0, from) + part.repeat(length / size) + end;
          }
  }
}

const sandbox = createContext({ now: () => performance.now() });
/** For each text, the milliseconds of the fastest of some tries. In one script: what watches over a script's time costs more than most of them. */
const COSTS = `texts.map((text) => {
  let best = Infinity;
  for (let i = 0; i < tries; i += 1) {
    const start = now();
    if (expression.global) text.replaceAll(expression, "");
    else expression.test(text);
    best = Math.min(best, now() - start);
  }
  return best;
})`;

/** Undefined when they do not end. */
function costs(expression: RegExp, texts: readonly string[], tries: number): number[] | undefined {
  Object.assign(sandbox, { expression, texts, tries });
  try {
    return runInContext(COSTS, sandbox, { timeout: HANGING });
  } catch {
    return undefined;
  }
}

/** The first attack that costs more than its length, if any. */
function weaknessOf(expression: RegExp): string | undefined {
  const attacks = [...attacksOn(expression)];
  const cost = (attack: Attack, length: number) => costs(expression, [attack(length)], 5)?.[0] ?? Number.POSITIVE_INFINITY;
  const once = costs(
    expression,
    attacks.map((attack) => attack(SHORT)),
    1,
  );
  if (!once) return `${expression}: does not end`;
  for (const attack of attacks.filter((_, i) => (once[i] ?? 0) > SUSPICIOUS)) {
    const short = cost(attack, SHORT);
    if (short > SUSPICIOUS / 2 && cost(attack, LONG) > short * STEEPEST) return `${expression}: ${JSON.stringify(attack(60))}…`;
  }
  return undefined;
}

test("expressions are made at run time only of what this file knows", () => {
  expect([...inSource().made].sort()).toEqual(Object.keys(MADE).sort());
});

test("the search finds what is exponential, and what is quadratic", () => {
  expect(weaknessOf(/=+$/)).toBeDefined();
  expect(weaknessOf(/^[a-z]*,?[a-z]*,?[0-9]$/)).toBeDefined();
  expect(weaknessOf(/^\w+$/)).toBeUndefined();
  expect(weaknessOf(/^(?:[a-z]+)+$/)).toContain("does not end");
}, 40_000);

test("no expression of the source costs more than in proportion to its text", async () => {
  const { literals } = inSource();
  const byGrants = await joined();
  const all = [...literals.values(), ...declared().values(), ...byGrants];
  expect(literals.size).toBeGreaterThan(80);
  expect(declared().size).toBeGreaterThan(30);
  expect(byGrants).toHaveLength(1);
  expect(all.map(weaknessOf).filter((weakness) => weakness !== undefined)).toEqual([]);
}, 120_000);
