import type { Key } from "#domain/key";
import { compilePolicy } from "#domain/policy/compile";
import type { Policy } from "#domain/policy/document";
import { evaluate } from "#domain/policy/evaluate";
import { refusal } from "#domain/policy/refusal";
import type { Principal } from "#domain/principal";
import type { Permission } from "#operation";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey } from "./exchange.ts";
import { unknownCiphertext } from "./unknown-key.ts";

/** A permission on a key, or on another resource by its ARN. */
type Asked = { readonly permission: Permission } & ({ readonly resource: string } | { readonly resolved: ResolvedKey });

/** @throws {Fault} AccessDeniedException, in words that tell a stranger nothing. */
export function permit(event: Exchange, deps: Deps, asked: Asked): void {
  const { caller } = known(event, "caller");
  const { permission } = asked;
  const resolved = "resolved" in asked ? asked.resolved : undefined;
  const resource = "resolved" in asked ? asked.resolved.key.arn : asked.resource;
  const decision = evaluate({
    action: permission,
    resource,
    resourceAccount: resolved?.key.account ?? caller.account,
    caller: { account: caller.account, arns: resolved ? namesIn(resolved.key, caller) : [caller.arn], root: caller.kind === "root" },
    ...(resolved && { keyPolicy: policyOf(resolved.key) }),
    identityPolicies: caller.policies,
  });
  if (decision.allowed) {
    event.decidedBy = decision.by;
    return;
  }
  if (decision.because === "not-understood") {
    deps.operator.warn("policy not understood", { requestId: event.requestId, resource, ...decision.by });
  }
  if (resolved?.hidden) throw unknownCiphertext(caller.arn, permission);
  throw refusal(decision, { callerArn: caller.arn, action: permission, resource, foreign: resolved?.foreign ?? false });
}

/** A stored policy that cannot be read is nobody's fault but ours: the call fails, and loudly. */
function policyOf(key: Key): Policy {
  try {
    return compilePolicy(key.policy, "key");
  } catch (cause) {
    throw new Error(`The policy of ${key.arn} cannot be read.`, { cause });
  }
}

/** The names by which a key policy may mean the caller: not a name that somebody else had when the policy was written. */
function namesIn({ principals }: Key, { arn, id }: Principal): readonly string[] {
  const meant = principals[arn];
  return meant === undefined || meant === id ? [arn] : [];
}
