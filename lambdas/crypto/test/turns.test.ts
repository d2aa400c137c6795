import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { QueueFullError, turns } from "../turns.ts";

/** Work that ends when it is told to, and says when it began. */
function works() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve) => ends.push(() => resolve(name)));
  };
  return {
    begun,
    work,
    async end() {
      ends.shift()?.();
      await setImmediate();
    },
  };
}

describe("work in turns", () => {
  test("is done one after the other, and of each in their turn", async () => {
    const inTurn = turns(9, 99);
    const { begun, work, end } = works();
    const done = [
      ...["a1", "a2", "a3", "a4"].map((name) => inTurn("a", work(name))),
      ...["b1", "b2"].map((name) => inTurn("b", work(name))),
      inTurn("c", work("c1")),
    ];
    for (let ended = 0; ended < done.length; ended += 1) {
      expect(begun).toHaveLength(ended + 1);
      await end();
    }
    expect(begun).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
    expect(await Promise.all(done)).toEqual(["a1", "a2", "a3", "a4", "b1", "b2", "c1"]);
  });

  test("is refused when too much of one waits, or of all, and not when there is room again", async () => {
    const inTurn = turns(2, 4);
    const { work, end } = works();
    const taken = ["a", "a", "a", "b", "b"].map((whose) => inTurn(whose, work(whose)));
    await expect(inTurn("a", work("a"))).rejects.toThrow(QueueFullError);
    await expect(inTurn("c", work("c"))).rejects.toThrow(QueueFullError);
    await end();
    const later = inTurn("c", work("c"));
    for (let left = 0; left < 6; left += 1) await end();
    expect(await Promise.all([...taken, later])).toHaveLength(6);
  });

  test("goes on when some of it fails", async () => {
    const inTurn = turns(9, 99);
    const failed = inTurn("a", () => Promise.reject(new Error("no primes")));
    const done = inTurn("a", () => Promise.resolve("made"));
    await expect(failed).rejects.toThrow("no primes");
    expect(await done).toBe("made");
  });
});
