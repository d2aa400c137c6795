import type { Gate, Mutation } from "./items.ts";

/** Tells of changes that are about to be made, lets them be made, and tells which of them were. */
export type Announce = (mutations: readonly Mutation[], make: () => Promise<readonly Mutation[]>) => Promise<void>;

/**
 * Runs actions at once that make one change each, or none, and announces all their changes before any of them is made. What became of each action
 * is answered in their order.
 * @param announce when it throws before it lets changes be made, none is.
 * @throws what it throws; all actions have ended by then.
 */
export async function together<T>(
  actions: readonly ((gate: Gate) => Promise<T>)[],
  announce: Announce,
): Promise<readonly PromiseSettledResult<T>[]> {
  const mutations = new Map<number, Mutation>();
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // Whoever waits for it is told; nobody may be waiting.
  released.promise.catch(() => undefined);
  let expected = actions.length;
  const arrive = () => {
    expected -= 1;
    if (expected <= 0) arrived.resolve();
  };
  const ends = actions.map(async (action, index) => {
    let there = false;
    const gate: Gate = (mutation) => {
      there = true;
      mutations.set(index, mutation);
      arrive();
      return released.promise;
    };
    try {
      return await action(gate);
    } finally {
      if (!there) arrive();
    }
  });
  const settled = Promise.allSettled(ends);
  if (actions.length > 0) await arrived.promise;
  if (mutations.size > 0) await announce([...mutations.values()], make).catch(refused);
  return settled;

  async function make(): Promise<readonly Mutation[]> {
    released.resolve();
    const became = await settled;
    return [...mutations].filter(([index]) => became[index]?.status === "fulfilled").map(([, mutation]) => mutation);
  }

  async function refused(cause: unknown): Promise<never> {
    released.reject(cause);
    await settled;
    throw cause;
  }
}
