import type { Duty } from "#lib/constructs/duty";
import { operatorAccess } from "#operator";
import { TIMER_FUNCTIONS } from "#timers";
import type { Assets } from "./assets.ts";

/** A run takes up nothing new after 20 seconds; whoever holds its lease for a minute is taken for dead. @see lambdas/timers/run.ts */
const TIMER_SIZE = { memory: 512, seconds: 55 };
const OPERATOR_SIZE = { memory: 512, seconds: 60 };

/** The functions that are no operation: one a timer, and the operator's. */
export function dutiesOf(assets: Assets, isHome: boolean): readonly Duty[] {
  const timers = TIMER_FUNCTIONS.map(
    ({ name, access, everyMinutes }): Duty => ({
      name: `timer-${name}`,
      description: `Timer: ${name}`,
      reach: access,
      size: TIMER_SIZE,
      everyMinutes,
      asset: () => assets.timer(name),
    }),
  );
  const operator: Duty = {
    name: "operator",
    description: "The operator's own actions; invoked, never called",
    reach: operatorAccess(isHome),
    size: OPERATOR_SIZE,
    asset: () => assets.operator(),
  };
  return [...timers, operator];
}
