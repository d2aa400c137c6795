import { aliasArn } from "#domain/arn";
import { Fault } from "#domain/fault";
import { requireState, requireUsage } from "#domain/key";
import type { AnyOperation } from "#operation";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey, type Step } from "./exchange.ts";
import { permit } from "./permit.ts";

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
