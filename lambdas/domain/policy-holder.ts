/** What policies are in and attached to: a user, a role or a group. @see IAM User Guide, "Managed policies and inline policies". */
import { cannotDelete, type Entity, overQuota } from "./entity.ts";
import { Fault } from "./fault.ts";
import { parsePolicy } from "./policy/document.ts";

export interface InlinePolicy {
  readonly name: string;
  readonly document: string;
}

export interface PolicyHolder extends Entity {
  /** Policies of its own, by name. */
  readonly inline: readonly InlinePolicy[];
  /** ARNs of the managed policies attached to it. */
  readonly attached: readonly string[];
  /** The unique ids that those of the account's own had then, by ARN: who takes an ARN later is another. Absent before ids were kept. */
  readonly attachedIds?: Readonly<Record<string, string>>;
}

/** Who may have a permissions boundary. */
export interface Bounded {
  /** The ARN of the managed policy that bounds what it may. */
  readonly boundary?: string;
  /** The unique id that it had then, if it is the account's own. Absent before ids were kept. */
  readonly boundaryId?: string;
}

/** A managed policy that is attached, or a boundary. */
type Managed = Pick<Entity, "arn" | "id" | "account">;

/** The boundary of somebody who has this one. */
export const boundedBy = ({ arn, id, account }: Managed): Bounded => ({ boundary: arn, ...(account !== "aws" && { boundaryId: id }) });

export function withoutBoundary<H extends Bounded>({ boundary: _, boundaryId: __, ...holder }: H): Omit<H, keyof Bounded> {
  return holder;
}

export type HolderKind = "user" | "role" | "group";

/** Characters of all inline policies together, white space not counted. @see IAM User Guide, "IAM and AWS STS quotas". */
export const INLINE_SIZE = { user: 2048, group: 5120, role: 10240 } as const satisfies Record<HolderKind, number>;
/** Managed policies attached to one. */
export const ATTACHED = 10;
const QUOTA = { user: "PoliciesPerUser", group: "PoliciesPerGroup", role: "PoliciesPerRole" } as const satisfies Record<HolderKind, string>;

/** "IAM does not count white space when calculating the size of a policy against these limits." */
export const sizeOf = (document: string): number => document.replaceAll(/\s/g, "").length;

/**
 * Adds an inline policy, or replaces the one of this name.
 * @throws {Fault} MalformedPolicyDocumentException, LimitExceededException
 */
export function withInline<H extends PolicyHolder>(kind: HolderKind, holder: H, policy: InlinePolicy): H {
  parsePolicy(policy.document, "identity");
  const inline = [...holder.inline.filter(({ name }) => name !== policy.name), policy];
  const most = INLINE_SIZE[kind];
  if (inline.reduce((sum, { document }) => sum + sizeOf(document), 0) > most) {
    throw new Fault("LimitExceededException", `Maximum policy size of ${most} bytes exceeded for ${kind} ${holder.name}`);
  }
  return { ...holder, inline };
}

/** @throws {Fault} NoSuchEntityException */
export function inlineOf(kind: HolderKind, holder: PolicyHolder, name: string): InlinePolicy {
  const found = holder.inline.find((policy) => policy.name === name);
  if (!found) throw new Fault("NoSuchEntityException", `The ${kind} policy with name ${name} cannot be found.`);
  return found;
}

/** @throws {Fault} NoSuchEntityException */
export function withoutInline<H extends PolicyHolder>(kind: HolderKind, holder: H, name: string): H {
  const removed = inlineOf(kind, holder, name);
  return { ...holder, inline: holder.inline.filter((policy) => policy !== removed) };
}

/** What is attached already stays so. @throws {Fault} LimitExceededException */
export function withAttached<H extends PolicyHolder>(kind: HolderKind, holder: H, { arn, id, account }: Managed): H {
  const { attached, attachedIds } = holder;
  const isThere = attached.includes(arn);
  if (isThere && (account === "aws" || attachedIds?.[arn] === id)) return holder;
  if (!isThere && attached.length >= ATTACHED) throw overQuota(QUOTA[kind], ATTACHED);
  return {
    ...holder,
    attached: isThere ? attached : [...attached, arn],
    ...(account !== "aws" && { attachedIds: { ...attachedIds, [arn]: id } }),
  };
}

/** @throws {Fault} NoSuchEntityException when it is not attached, whether there is such a policy or not. */
export function withoutAttached<H extends PolicyHolder>(holder: H, arn: string): H {
  if (!holder.attached.includes(arn)) throw new Fault("NoSuchEntityException", `Policy ${arn} was not found.`);
  const { [arn]: _, ...attachedIds } = holder.attachedIds ?? {};
  return { ...holder, attached: holder.attached.filter((other) => other !== arn), attachedIds };
}

/** @throws {Fault} DeleteConflictException */
export function requireNoPolicies(holder: PolicyHolder): void {
  if (holder.attached.length > 0) throw cannotDelete("detach all policies");
  if (holder.inline.length > 0) throw cannotDelete("delete policies");
}

/** A document as the API answers it: percent-encoded. @see RFC 3986, section 2.1 */
export const encodedDocument = (document: string): string =>
  encodeURIComponent(document).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
