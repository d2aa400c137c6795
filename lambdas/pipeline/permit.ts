import { Fault } from "#domain/fault";
import type { Grant } from "#domain/grant";
import type { Key } from "#domain/key";
import { daysWithoutUse, keyLastUse } from "#domain/key-last-use";
import { compilePolicy } from "#domain/policy/compile";
import { mentions, type Policy } from "#domain/policy/document";
import { type AccessRequest, type Decision, evaluate } from "#domain/policy/evaluate";
import { guardRailsOf } from "#domain/policy/guard-rail";
import { recordedNames } from "#domain/policy/recorded-names";
import { refusal } from "#domain/policy/refusal";
import type { Principal } from "#domain/principal";
import type { Resource } from "#domain/resource";
import type { TrustPolicy } from "#domain/role";
import type { AnyOperation, Permission, Target } from "#operation";
import type { LogReader, Regional } from "#store";
import { contextOf } from "./context.ts";
import type { Deps } from "./deps.ts";
import { type Exchange, known, type ResolvedKey } from "./exchange.ts";
import { grantedBy, grantsOn, retiredBy } from "./grants.ts";
import { unknownCiphertext } from "./unknown-key.ts";

/** A permission on a key that the operation names, or on another resource by its ARN. */
export type Asked = { readonly permission: Permission } & (
  | { readonly resource: Resource }
  | { readonly name: string; readonly resolved: ResolvedKey; readonly target: Target<never> }
);

/** What was put to the policies and grants, and what they answered. */
export interface Question {
  readonly asked: Asked;
  readonly input: Readonly<Record<string, unknown>>;
  readonly request: AccessRequest;
  readonly decision: Decision;
}

/** Sees every question once it is decided, and changes nothing: for whoever is to explain a decision. */
interface Watched {
  readonly watch?: (question: Question) => void;
}

/**
 * Policies decide first; grants are read only where no policy allows and none denies.
 * @throws {Fault} AccessDeniedException, in words that tell a stranger nothing.
 */
export async function permit(operation: AnyOperation, event: Exchange, deps: Deps & Watched, asked: Asked): Promise<void> {
  const { caller } = known(event, "caller");
  const { permission } = asked;
  const resolved = "resolved" in asked ? asked.resolved : undefined;
  const request = await requestOf(operation, event, deps, asked);
  const { decision, grant } = await decide(request, event, asked);
  deps.watch?.({ asked, input: event.input ?? {}, request, decision });
  event.decidedBy = "by" in decision ? decision.by : { policy: `no ${decision.side}` };
  if (decision.allowed) {
    if (grant && "name" in asked) event.grants = { ...event.grants, [asked.name]: grant };
    return;
  }
  if (decision.because === "not-understood") {
    deps.operator.warn("policy not understood", { requestId: event.requestId, resource: request.resource, ...decision.by });
  }
  if (resolved?.hidden) throw unknownCiphertext(caller.arn, permission);
  const { said, refused } = "resource" in asked ? asked.resource : {};
  if (refused) throw new Fault("AccessDeniedException", refused(permission));
  const resource = said ?? request.resource;
  throw refusal(decision, { callerArn: caller.arn, action: permission, resource, foreign: resolved?.foreign ?? false });
}

/** What the policies are asked. A key's aliases and its last use are looked up only for a policy that speaks of them. */
export async function requestOf(operation: AnyOperation, event: Exchange, deps: Deps, asked: Asked): Promise<AccessRequest> {
  const { caller, store } = known(event, "caller", "store");
  const { permission: action } = asked;
  const identity = {
    action,
    caller,
    identityPolicies: caller.policies,
    ...(caller.sessionPolicies && { sessionPolicies: caller.sessionPolicies }),
    ...(caller.boundary && { boundary: caller.boundary }),
  };
  if ("resource" in asked) {
    const { resource } = asked;
    const { arn, account = caller.account, trust } = resource;
    return {
      ...identity,
      ...(await railsFor(action, account, event, deps)),
      resource: arn,
      resourceAccount: account,
      ...(trust && { keyPolicy: trustOf(trust, arn), ...namesIn(trust, caller) }),
      context: contextOf(operation, event, deps, resource),
    };
  }
  const { resolved, target } = asked;
  const { key } = resolved;
  const rails = await railsFor(action, key.account, event, deps, key);
  const keyPolicy = policyOf(key);
  const attached = attachedPolicies(caller, rails);
  // "kms:ResourceAliases … works only in IAM policies" (AWS KMS Developer Guide).
  const aliases = asksFor("kms:resourcealiases", action, attached)
    ? (await store.aliases.listOf(key.id, { limit: ALIASES_READ })).aliases.map(({ name }) => name)
    : undefined;
  const idle = target.idleDays && asksFor("kms:trailingdayswithoutkeyusage", action, [keyPolicy, ...attached]);
  const idleDays = idle ? await idleDaysOf(key, store, deps.now()) : undefined;
  return {
    ...identity,
    ...rails,
    resource: key.arn,
    resourceAccount: key.account,
    keyPolicy,
    ...namesIn(key, caller),
    ...(target.retires && { resourceOnlyDenies: true, granted: retiredBy(resolved.grant as Grant, event) }),
    context: contextOf(operation, event, deps, {
      ...{ key, target, grant: resolved.grant },
      ...(aliases && { aliases }),
      ...(idleDays !== undefined && { idleDays }),
    }),
  };
}

const asksFor = (key: string, action: string, policies: readonly Policy[]): boolean =>
  policies.some((policy) => mentions(policy, action).has(key));

/** All that have a say beside the key's own. */
function attachedPolicies({ policies, sessionPolicies = [], boundary }: Principal, { guardRails }: Rails): readonly Policy[] {
  const rails = [...(guardRails?.caller ?? []), ...(guardRails?.resource ?? [])];
  return [...policies, ...sessionPolicies, ...(boundary ? [boundary] : []), ...rails].map(({ policy }) => policy);
}

/** As the log of the key's account tells; when that cannot be read, nobody is let in. */
async function idleDaysOf(key: Key, store: Regional, now: Date): Promise<number> {
  const { log } = store.stores({ log: "read" }, async () => undefined) as { readonly log: LogReader };
  return daysWithoutUse(await keyLastUse(key, now, log), now);
}

type Rails = Pick<AccessRequest, "guardRails">;

/**
 * What binds the caller's account and the owner's. The caller's was read to let it in, except where a call is asked about again.
 *
 * "RCPs … don't apply to AWS managed KMS keys" (AWS Organizations User Guide, "Resources and entities not restricted by RCPs").
 */
async function railsFor(action: string, owner: string, event: Exchange, { shared }: Deps, key?: Key): Promise<Rails> {
  const { caller } = known(event, "caller");
  const own = "account" in event ? event.account : await shared.principals.account(caller.account);
  const other = owner === caller.account ? own : await shared.principals.account(owner);
  if (key && other !== own) event.ownersQuotas = other?.quotas ?? {};
  return guardRailsOf(action, caller, own?.guardRails, key?.manager === "AWS" ? [] : other?.guardRails);
}

/** More than a key can have: the quota is 50, and several that are made at the same time may pass it together. */
const ALIASES_READ = 1000;

async function decide(request: AccessRequest, event: Exchange, asked: Asked): Promise<{ decision: Decision; grant?: Grant }> {
  const decision = evaluate(request);
  if (decision.allowed || decision.because !== "implicit" || "resource" in asked || asked.target.retires) return { decision };
  const source = request.context("aws:sourcearn");
  const sourceArn = typeof source === "string" ? source : undefined;
  for await (const grant of grantsOn(event, { ...asked, sourceArn })) {
    const granted = evaluate({ ...request, granted: [grantedBy(grant)] });
    if (granted.allowed) return { decision: granted, grant };
  }
  return { decision };
}

/** A stored policy that cannot be read is nobody's fault but ours: the call fails, and loudly. */
function policyOf(key: Key): Policy {
  try {
    return compilePolicy(key.policy, "key");
  } catch (cause) {
    throw new Error(`The policy of ${key.arn} cannot be read.`, { cause });
  }
}

function trustOf({ document }: TrustPolicy, arn: string): Policy {
  try {
    return compilePolicy(document, "trust");
  } catch (cause) {
    throw new Error(`The trust policy of ${arn} cannot be read.`, { cause });
  }
}

function namesIn({ principals }: Pick<Key | TrustPolicy, "principals">, caller: Principal): Pick<AccessRequest, "names"> {
  const names = recordedNames(principals, caller);
  return names === undefined ? {} : { names };
}
