/** So much waits already that nothing more is taken. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/**
 * Lets work be done one piece after the other, each of those whose it is in their turn: who has much to be done waits, and others do not wait for it.
 * @param each pieces that may wait of one of them.
 * @param all pieces that may wait.
 */
export function turns(each: number, all: number): <T>(whose: string, work: () => Promise<T>) => Promise<T> {
  /** By whose it is, in the order of their turns. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let count = 0;
  let isBusy = false;

  function next(): void {
    const [turn] = waiting;
    if (isBusy || !turn) return;
    const [whose, [first, ...rest]] = turn;
    waiting.delete(whose);
    if (rest.length > 0) waiting.set(whose, rest);
    count -= 1;
    isBusy = true;
    void first?.().finally(() => {
      isBusy = false;
      next();
    });
  }

  return (whose, work) => {
    const own = waiting.get(whose) ?? [];
    if (own.length >= each || count >= all) return Promise.reject(new QueueFullError("Too much waits for its turn already."));
    return new Promise((resolve, reject) => {
      waiting.set(whose, [...own, () => work().then(resolve, reject)]);
      count += 1;
      next();
    });
  };
}
