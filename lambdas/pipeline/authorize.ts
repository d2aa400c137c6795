import { aliasArn } from "#domain/arn";
import { Fault } from "#domain/fault";
import { type Key, requireState, requireUsage } from "#domain/key";
import { compilePolicy } from "#domain/policy/compile";
import type { Policy } from "#domain/policy/document";
import { evaluate } from "#domain/policy/evaluate";
import { refusal } from "#domain/policy/refusal";
import type { Principal } from "#domain/principal";
import type { AnyOperation, Permission } from "#operation";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey, type Step } from "./exchange.ts";
import { unknownCiphertext } from "./resolve.ts";

/**
 * May the caller, and can the key: policy first, then usage, then state.
 * @see AWS KMS Developer Guide, "Troubleshooting AWS KMS permissions"; IAM User Guide, "Policy evaluation logic".
 */
export function authorize(operation: AnyOperation, deps: Deps): Step {
  return { before: ({ event }) => requireAuthorized(operation, event, deps) };
}

export function requireAuthorized(operation: AnyOperation, event: Exchange, deps: Deps): void {
  const { caller, keys, input, region } = known(event, "caller", "keys", "input");
  // A token stands for a grant, and there are no grants in this version.
  if ((input["GrantTokens"] as readonly string[] | undefined)?.length) throw new Fault("InvalidGrantTokenException");
  const needed = [operation.permission ?? [], operation.also?.(input as never) ?? []].flat();
  for (const permission of needed) permit(event, deps, { permission, resource: "*" });
  for (const [name, { permission }] of Object.entries(operation.on ?? {})) {
    if (operation.alias) permit(event, deps, { permission, resource: aliasArn(region, caller.account, operation.alias(input as never)) });
    permit(event, deps, { permission, resolved: keys[name] as ResolvedKey });
  }
  for (const [name, { usage }] of Object.entries(operation.on ?? {}))
    if (usage) requireUsage((keys[name] as ResolvedKey).key, usage, operation.name);
  for (const [name, { states }] of Object.entries(operation.on ?? {})) requireState((keys[name] as ResolvedKey).key, states, deps.now());
}

type Asked = { readonly permission: Permission } & ({ readonly resource: string } | { readonly resolved: ResolvedKey });

function permit(event: Exchange, deps: Deps, asked: Asked): void {
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
