import type { Group } from "./group.ts";
import { currentOf, type ManagedPolicy } from "./managed-policy.ts";
import { compilePolicy } from "./policy/compile.ts";
import type { Policy } from "./policy/document.ts";
import type { NamedPolicy } from "./policy/evaluate.ts";
import type { Bounded, PolicyHolder } from "./policy-holder.ts";
import { type Policies, policyAt } from "./policy-reference.ts";
import type { User } from "./user.ts";

/** Where groups and managed policies are found. */
export interface PolicySources extends Policies {
  group(account: string, name: string): Promise<Group | undefined>;
  groupById(id: string): Promise<Group | undefined>;
}

/** What a user or role may, and what bounds it. */
export interface IdentityPolicies {
  readonly policies: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
}

interface Collected {
  readonly parts: readonly unknown[];
  readonly result: IdentityPolicies;
  /** Nothing that is stored elsewhere is a part of it. */
  readonly whole: boolean;
}

const collected = new WeakMap<PolicyHolder, Collected>();

type Holder = PolicyHolder & Bounded & Partial<Pick<User, "groups">>;

/**
 * The identity policies of a user or role, compiled: its own, those attached to it, and those of its groups; and its permissions boundary.
 *
 * One that is attached but not there fails the call rather than being left out: it might hold a Deny. The same items give the same value.
 */
export async function policiesOf(holder: Holder, sources: PolicySources): Promise<IdentityPolicies> {
  const known = collected.get(holder);
  if (known?.whole) return known.result;
  const { holders, managed } = await partsOf(holder, sources);
  const { boundary: arn, boundaryId: id } = holder;
  const boundary = arn === undefined ? undefined : await managedOf({ arn, id, to: holder.arn }, holder.account, sources);

  const parts = [...holders, ...managed, boundary];
  if (known && known.parts.length === parts.length && known.parts.every((part, index) => part === parts[index])) return known.result;
  const result = {
    policies: [...managed.map(compiled), ...holders.flatMap(inlineOf)],
    ...(boundary && { boundary: compiled(boundary) }),
  };
  const whole = holders.length === 1 && [...managed, ...(boundary ? [boundary] : [])].every(({ account }) => account === "aws");
  collected.set(holder, { parts, result, whole });
  return result;
}

/** The same policies as they are written. */
export async function documentsOf(holder: Holder, sources: PolicySources): Promise<readonly string[]> {
  const { holders, managed } = await partsOf(holder, sources);
  return [
    ...managed.map((policy) => currentOf(policy).document),
    ...holders.flatMap(({ inline }) => inline.map(({ document }) => document)),
  ];
}

/** Who holds them, and those that are attached. */
async function partsOf(
  holder: Holder,
  sources: PolicySources,
): Promise<{ readonly holders: readonly PolicyHolder[]; readonly managed: readonly ManagedPolicy[] }> {
  const groups = await Promise.all((holder.groups ?? []).map((membership) => groupOf(holder, membership, sources)));
  const holders = [holder, ...groups];
  const attached = holders.flatMap((each) => each.attached.map((arn) => ({ arn, id: each.attachedIds?.[arn], to: each.arn })));
  return { holders, managed: await Promise.all(attached.map((each) => managedOf(each, holder.account, sources))) };
}

/** The group that somebody is in, whatever it is called now. */
export async function groupOf(
  { arn, account }: Pick<PolicyHolder, "arn" | "account">,
  { id, name }: User["groups"][number],
  sources: Pick<PolicySources, "group" | "groupById">,
): Promise<Group> {
  const named = await sources.group(account, name);
  const found = named?.id === id ? named : await sources.groupById(id);
  if (found?.account !== account) throw new Error(`The group ${id}, which ${arn} is in, is not there.`);
  return found;
}

interface Attachment {
  readonly arn: string;
  /** Of the policy that was attached, where it is known. */
  readonly id: string | undefined;
  readonly to: string;
}

/** Another policy that took the ARN is not the one that was attached. */
async function managedOf({ arn, id, to }: Attachment, account: string, sources: Policies): Promise<ManagedPolicy> {
  const found = await policyAt(arn, account, sources);
  if (!found || (id !== undefined && found.id !== id)) throw new Error(`The policy ${arn}, attached to ${to}, is not there.`);
  return found;
}

const compiled = (policy: ManagedPolicy): NamedPolicy => ({ name: policy.arn, policy: read(currentOf(policy).document, policy.arn) });
const inlineOf = ({ inline, arn }: PolicyHolder): readonly NamedPolicy[] =>
  inline.map(({ name, document }) => ({ name, policy: read(document, `${arn} ${name}`) }));

/** What was accepted and cannot be read now is nobody's fault but ours. */
function read(document: string, where: string): Policy {
  try {
    return compilePolicy(document, "identity");
  } catch (cause) {
    throw new Error(`The policy ${where} cannot be read.`, { cause });
  }
}
