export interface Turns {
  /** Somebody has the turn under this name, or waits for it. */
  taken(name: string): boolean;
  /** Runs an action when all that came before it under the same name have ended. */
  take<T>(name: string, action: () => Promise<T>): Promise<T>;
}

/** One queue for each name; a name without anybody in its queue takes no room. */
export function turns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    taken: (name) => last.has(name),
    async take(name, action) {
      const before = last.get(name);
      const { promise: mine, resolve: leave } = Promise.withResolvers<void>();
      last.set(name, mine);
      await before;
      try {
        return await action();
      } finally {
        if (last.get(name) === mine) last.delete(name);
        leave();
      }
    },
  };
}
