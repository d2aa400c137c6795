import type { OperatorLog } from "./operator-log.ts";

/**
 * Calls under way at once in a process. More would only wait for each other, for longer than those who made them do. Those that wait for a key
 * pair, of whom there are 512 at the most, leave room for others.
 */
const MOST = 2000;

/** Room for so many calls at once. */
export interface Room {
  /** Whether there is room for one more; who is let in has to leave. */
  enter(): boolean;
  leave(): void;
}

/** Who finds none is told to the operator: one line for a second and more, with how many. */
export function roomFor(operator: OperatorLog, most = MOST): Room {
  let inside = 0;
  let refused = 0;

  function tell(): void {
    operator.warn("overloaded", { refused, underWay: inside });
    refused = 0;
  }

  return {
    enter() {
      if (inside >= most) {
        if (refused === 0) setTimeout(tell, 1000).unref();
        refused += 1;
        return false;
      }
      inside += 1;
      return true;
    },
    leave() {
      inside -= 1;
    },
  };
}
