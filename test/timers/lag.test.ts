import { expect, test } from "vitest";
import { lagOf, type TimerDeps } from "#timers";

const NOW = new Date("2026-06-10T00:00:00.000Z");
const deps = { now: () => NOW, region: async () => ({ stores: () => ({}) }) } as unknown as TimerDeps;

/** Of so many hints, in the order in which they fell due, behind the first of which nothing is due. */
function waiting(stale: number, due: number) {
  let read = 0;
  return {
    read: () => read,
    timer: {
      ...{ name: "test", everyMinutes: 5, uses: {}, run: async () => {} },
      find: async (_: never, __: Date, { after = "0", limit }: { readonly after?: string | undefined; readonly limit: number }) => {
        const [from, end] = [Number(after), Math.min(Number(after) + limit, stale + due)];
        const ids = Array.from({ length: end - from }, (_, at) => String(from + at));
        return { ids, ...(end < stale + due && { next: String(end) }) };
      },
      read: async (_: never, id: string) => {
        read += 1;
        return Number(id);
      },
      due: (hint: number) => (hint < stale ? undefined : hint),
      dueSince: (hint: number) => new Date(NOW.getTime() - 1000 * (stale + due - hint)),
    },
  };
}
const lag = async (stale: number, due: number) => {
  const { timer, read } = waiting(stale, due);
  return { ms: await lagOf(timer as never, deps, "us-east-1"), read: read() };
};

test("a timer's lag is that of the oldest of what is due, however much stands before it that is not", async () => {
  expect((await lag(0, 0)).ms).toBe(0);
  expect((await lag(99, 2)).ms).toBe(2000);
  expect((await lag(350, 5)).ms).toBe(5000);
  expect((await lag(350, 0)).ms).toBe(0);
});

test("beyond so many hints it cannot be told, and no more is read; nor is more than a page of what is due", async () => {
  expect(await lag(5000, 5)).toEqual({ ms: undefined, read: 2000 });
  expect((await lag(0, 5000)).read).toBe(100);
});
