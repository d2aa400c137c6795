import { hash } from "node:crypto";
import { Fault } from "#domain/fault";
import { GUARD_RAIL_KINDS, GUARD_RAILS_OF_A_KIND, type GuardRail, requireGuardRail } from "#domain/policy/guard-rail";
import { type OperatorDeps, Refusal } from "./act.ts";
import { changeGuards } from "./guard-change.ts";

export interface AskedGuard {
  readonly account: string | undefined;
  readonly name: string;
  readonly kind: string;
  readonly policy: string;
}

export interface PutGuard {
  readonly account: string;
  readonly name: string;
  readonly kind: GuardRail["kind"];
  /** There was one of this name. */
  readonly replaced: boolean;
}

/**
 * Sets a bound that nobody in an account can lift, its root user neither. It holds at once, or when what a server or function has read of the
 * account is too old.
 *
 * The operator is bound by none, so that a guard-rail that locks everybody out can be removed.
 * @throws {Refusal} also for a policy that is none of this kind.
 * @see AWS Organizations User Guide, "Service control policies", "Resource control policies"
 */
export async function putGuard(deps: OperatorDeps, { account: wanted, name, kind: text, policy }: AskedGuard): Promise<PutGuard> {
  if (!/^[\w+=,.@-]{1,128}$/.test(name)) throw new Refusal("name is not the name of a policy: up to 128 letters, digits and +=,.@_-.");
  const kind = GUARD_RAIL_KINDS.find((one) => one === text);
  if (!kind) throw new Refusal(`kind is ${GUARD_RAIL_KINDS.join(" or ")}.`);
  try {
    requireGuardRail(policy, kind);
  } catch (cause) {
    throw cause instanceof Fault ? new Refusal(cause.message) : cause;
  }
  let replaced = false;
  const details = { guardRail: name, kind, policySha256: hash("sha256", policy, "hex") };
  const account = await changeGuards(deps, {
    ...{ account: wanted, event: "PutGuardRail", details },
    change(guards) {
      const others = guards.filter((guard) => guard.name !== name);
      replaced = others.length < guards.length;
      if (others.filter((guard) => guard.kind === kind).length >= GUARD_RAILS_OF_A_KIND)
        throw new Refusal(`An account has at most ${GUARD_RAILS_OF_A_KIND} guard-rails of the kind ${kind}.`);
      return [...others, { name, kind, document: policy }];
    },
  });
  return { account, name, kind, replaced };
}
