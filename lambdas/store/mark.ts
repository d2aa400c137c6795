import type { Items } from "./items.ts";
import { Conflict } from "./port.ts";

/** How far a timer is certainly done with something, in its order. */
export interface Mark {
  /** Undefined when it has not begun; and when the place is ahead of the time, because then a clock was put right meanwhile: it begins anew. */
  get(isAhead: (place: string) => boolean): Promise<string | undefined>;
  /** Moves it on from one place to another; not when it is elsewhere, because then something before is not done, or somebody else has moved it. */
  move(from: string | undefined, to: string): Promise<void>;
}

export function markOf(items: Items, timer: string, name: string): Mark {
  const key = { pk: `TIMER#${timer}`, sk: name };
  const stored = () =>
    items.get(key, (body, version): { readonly at: string; readonly version: number } => ({ ...JSON.parse(body), version }));

  return {
    async get(isAhead) {
      const mark = await stored();
      if (mark === undefined || !isAhead(mark.at)) return mark?.at;
      await items.delete(key, mark.version).catch(unlessConflict);
      return undefined;
    },

    async move(from, to) {
      const mark = await stored();
      if (mark?.at !== from) return;
      await items.put({ ...key, body: JSON.stringify({ at: to }) }, mark?.version).catch(unlessConflict);
    },
  };
}

function unlessConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
