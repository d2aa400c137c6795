import fc from "fast-check";
import { expect, test } from "vitest";
import { type BucketState, FULL, isFull, take } from "#domain/token-bucket";

/** Asks at each of the times; the answers, in order. */
function run(rate: number, times: readonly number[], n = 1): boolean[] {
  let state: BucketState = FULL;
  return times.map((now) => {
    const taken = take(state, rate, now, n);
    state = taken.state;
    return taken.admitted;
  });
}

const admittedAt = (rate: number, times: readonly number[]) => times.filter((_, index) => run(rate, times)[index]);
const repeat = (now: number, count: number) => Array.from({ length: count }, () => now);

// biome-ignore format: one row a line
test.each<[string, number, readonly number[], readonly number[]]>([
  ["a second's worth at once", 3, [0, 0, 0, 0], [0, 0, 0]],
  ["a token is back exactly one second after it was taken", 1, [0, 999, 999.999, 1000, 1999, 2000], [0, 1000, 2000]],
  ["each token for itself", 2, [0, 400, 999, 1000, 1399, 1400], [0, 400, 1000, 1400]],
  ["a steady caller at the quota is never refused", 4, [0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000], [0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000]],
  ["a caller who takes it all every second neither", 2, [0, 0, 1000, 1000, 2000, 2000], [0, 0, 1000, 1000, 2000, 2000]],
  ["a refused caller takes nothing", 1, [0, 500, 999, 1000], [0, 1000]],
  ["0.5 means one per two seconds", 0.5, [0, 1000, 1999, 2000, 4000], [0, 2000, 4000]],
  ["0.25 means one per four seconds", 0.25, [0, 3999, 4000], [0, 4000]],
  ["0.1 means one per ten seconds", 0.1, [0, 9999, 10_000], [0, 10_000]],
  ["above one, only whole tokens count", 2.5, [0, 0, 0, 1000], [0, 0, 1000]],
  ["a long rest saves nothing up", 2, [0, 60_000, 60_000, 60_000], [0, 60_000, 60_000]],
  ["a rate of 0 admits nobody", 0, [0, 1e9], []],
  ["a rate that is no rate admits nobody", -1, [0], []],
  ["a rate that is no number admits nobody", Number.NaN, [0], []],
  ["a clock that goes backwards gives nothing back", 1, [5000, 4000, 3999], [5000]],
  ["… but time goes on from there", 1, [5000, 4000, 4999, 5000], [5000, 5000]],
])("%s", (_, rate, times, expected) => expect(admittedAt(rate, times)).toEqual(expected));

test("several tokens are taken all or none", () => {
  expect(run(5, [0, 0, 0], 2)).toEqual([true, true, false]);
  expect(run(5, [0], 6)).toEqual([false]);
  const three = take(FULL, 5, 0, 3).state;
  expect([take(three, 5, 0, 3).admitted, take(three, 5, 0, 2).admitted]).toEqual([false, true]);
});

test("a state is a value: asking twice gives the same answer", () => {
  const once = take(FULL, 1, 0);
  expect([take(once.state, 1, 0).admitted, take(once.state, 1, 1000).admitted, take(once.state, 1, 0).admitted]).toEqual([
    false,
    true,
    false,
  ]);
  expect(take(FULL, 1, 0)).toEqual(once);
});

const steps = fc.array(fc.oneof(fc.nat(30), fc.nat(2000), fc.double({ min: 0, max: 300, noNaN: true })), { maxLength: 200 });
const times = (given: readonly number[]) => given.map((_, index) => given.slice(0, index + 1).reduce((sum, step) => sum + step, 0));

test("no second, wherever it begins, sees more than the rate", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), steps, (rate, given) => {
      const admitted = admittedAt(rate, times(given));
      for (const from of admitted) expect(admitted.filter((at) => at >= from && at - from < 1000).length).toBeLessThanOrEqual(rate);
    }),
  );
});

test("below one a second, tokens are at least as far apart as the rate says", () => {
  fc.assert(
    fc.property(fc.constantFrom(0.5, 0.25, 0.1), steps, (rate, given) => {
      const admitted = admittedAt(rate, times(given));
      for (const [index, at] of admitted.entries())
        if (index > 0) expect(at - (admitted[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000 / rate);
    }),
  );
});

test("nobody is refused while fewer than the rate were admitted within the last second", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), steps, (rate, given) => {
      const asked = times(given);
      const admitted: number[] = [];
      for (const [index, ok] of run(rate, asked).entries()) {
        const now = asked[index] ?? 0;
        expect(ok).toBe(admitted.filter((at) => now - at < 1000).length < rate);
        if (ok) admitted.push(now);
      }
    }),
  );
});

test("a clock that jumps about never grants more than one that stands still", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(5000), { minLength: 1 }), (rate, jumps) => {
      const falling = jumps.toSorted((a, b) => b - a);
      expect(run(rate, falling).filter(Boolean).length).toBeLessThanOrEqual(rate);
    }),
  );
});

test("a bucket is full again when its last token is back", () => {
  const { state } = take(take(FULL, 2, 0).state, 2, 300);
  expect([isFull(state, 2, 1000), isFull(state, 2, 1299), isFull(state, 2, 1300)]).toEqual([false, false, true]);
  expect(isFull(take(FULL, 0.5, 0).state, 0.5, 1999)).toBe(false);
  expect(isFull(FULL, 1, 0)).toBe(true);
});

test("100,000 tokens a second take one entry a millisecond, not one a token", () => {
  let state: BucketState = FULL;
  let admitted = 0;
  for (let now = 0; now < 3000; now += 1) {
    for (const _ of repeat(now, 100)) {
      const taken = take(state, 50_000, now);
      state = taken.state;
      admitted += Number(taken.admitted);
    }
  }
  expect(admitted).toBe(150_000);
  let entries = 0;
  for (const queue of [state.older, state.newer]) for (let each = queue; each !== undefined; each = each.next) entries += 1;
  expect(entries).toBeLessThanOrEqual(1000);
});
