import { type OperatorDeps, Refusal } from "./act.ts";
import { changeGuards } from "./guard-change.ts";

export interface RemovedGuard {
  readonly account: string;
  readonly name: string;
  readonly removed: true;
}

/** Takes a guard-rail of an account away. @throws {Refusal} when there is none of this name. */
export async function removeGuard(deps: OperatorDeps, name: string, wanted?: string): Promise<RemovedGuard> {
  const account = await changeGuards(deps, {
    ...{ account: wanted, event: "RemoveGuardRail", details: { guardRail: name } },
    change(guards) {
      const others = guards.filter((guard) => guard.name !== name);
      if (others.length === guards.length) throw new Refusal(`The account has no guard-rail ${JSON.stringify(name.slice(0, 128))}.`);
      return others;
    },
  });
  return { account, name, removed: true };
}
