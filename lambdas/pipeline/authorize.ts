import { aliasArn } from "#domain/arn";
import { requireState, requireUsage } from "#domain/key";
import type { Resource } from "#domain/resource";
import type { AnyOperation, Target } from "#operation";
import { requireApprovedCall } from "./approved.ts";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey, type Step } from "./exchange.ts";
import { firstUse } from "./first-use.ts";
import { openToken } from "./grants.ts";
import { permit } from "./permit.ts";

/**
 * May the caller, and can the key: policies and grants first, then usage, then state.
 * @see AWS KMS Developer Guide, "Troubleshooting AWS KMS permissions"; IAM User Guide, "Policy evaluation logic".
 */
export function authorize(operation: AnyOperation, deps: Deps): Step {
  return {
    async before({ event }) {
      await requireAuthorized(operation, event, deps);
      await firstUse(operation, event, deps);
    },
  };
}

export async function requireAuthorized(operation: AnyOperation, event: Exchange, deps: Deps): Promise<void> {
  const { caller, keys, input, region, store } = known(event, "caller", "keys", "input", "store");
  event.grants = {};
  event.ownersQuotas = undefined;
  // Whether a policy would do or not: what is no token is refused.
  const tokens = (input["GrantTokens"] as readonly string[] | undefined) ?? [];
  event.tokens = tokens.map((token) => openToken(token, region, store));

  const needed = [operation.permission ?? [], operation.also?.(input as never, caller) ?? []].flat();
  const facts = { caller, principals: deps.shared.principals, anyPrincipal: deps.sandbox };
  const resources = [(await operation.resource?.(input as never, facts)) ?? EVERYTHING].flat();
  event.resources = resources.flatMap(({ arn }) => (arn === EVERYTHING.arn ? [] : [arn]));
  event.resource = resources[0] ?? EVERYTHING;
  const targets = Object.entries(operation.on ?? {}).map(([name, target]) => asked(name, target, keys[name] as ResolvedKey));
  for (const { name, target, resolved } of targets) {
    const { permission } = target;
    const alias = operation.alias && aliasArn(region, caller.account, operation.alias(input as never));
    if (alias !== undefined) await permit(operation, event, deps, { permission, resource: { arn: alias } });
    await permit(operation, event, deps, { permission, name, resolved, target });
  }
  for (const permission of needed) for (const resource of resources) await permit(operation, event, deps, { permission, resource });

  for (const { target, resolved } of targets) {
    if (!target.usage) continue;
    if (target.usage !== resolved.key.usage) target.mistaken?.(input as never, resolved.key);
    requireUsage(resolved.key, target.usage, operation.name);
  }
  for (const { target, resolved } of targets) requireState(resolved.key, target.states, deps.now());
  if (deps.fips) requireApprovedCall(operation, event);
}

const EVERYTHING: Resource = { arn: "*" };
const asked = (name: string, target: Target<never>, resolved: ResolvedKey) => ({ name, target, resolved });
