export interface Turnstile {
  /** Does something beside others that pass; it waits for what is done alone. */
  pass<T>(action: () => Promise<T>): Promise<T>;
  /** Does something while nobody passes: first those who are inside leave, and meanwhile nobody else comes in. */
  alone<T>(action: () => Promise<T>): Promise<T>;
}

/** Lets any number pass side by side, or one alone. */
export function turnstile(): Turnstile {
  let inside = 0;
  let left: () => void = () => undefined;
  let closed: Promise<unknown> | undefined;

  async function emptied<T>(action: () => Promise<T>): Promise<T> {
    if (inside > 0)
      await new Promise<void>((resolve) => {
        left = resolve;
      });
    return action();
  }

  return {
    async pass(action) {
      while (closed) await closed;
      inside += 1;
      try {
        return await action();
      } finally {
        inside -= 1;
        if (inside === 0) left();
      }
    },
    alone(action) {
      const done = (closed ?? Promise.resolve()).then(() => emptied(action));
      const mine = done.then(
        () => undefined,
        () => undefined,
      );
      closed = mine;
      void mine.then(() => {
        if (closed === mine) closed = undefined;
      });
      return done;
    },
  };
}
