import { overQuota } from "./entity.ts";
import { Fault } from "./fault.ts";
import type { PolicyHolder } from "./policy-holder.ts";
import { GROUPS_PER_USER, type User } from "./user.ts";

/** An IAM group: its policies are those of its members too. Who is a member stands with the user. @see IAM User Guide, "IAM user groups". */
export type Group = PolicyHolder;

/** @see IAM User Guide, "IAM and AWS STS quotas". */
export const GROUPS = 300;

export const isMember = ({ groups }: User, group: Pick<Group, "id">): boolean => groups.some(({ id }) => id === group.id);

/** Who is a member already stays one. @throws {Fault} LimitExceededException */
export function withGroup(user: User, { id, name }: Group): User {
  if (isMember(user, { id })) return user;
  if (user.groups.length >= GROUPS_PER_USER) throw overQuota("GroupsPerUser", GROUPS_PER_USER);
  return { ...user, groups: [...user.groups, { id, name }] };
}

/** @throws {Fault} NoSuchEntityException */
export function withoutGroup(user: User, { id, name }: Pick<Group, "id" | "name">): User {
  if (!isMember(user, { id })) throw new Fault("NoSuchEntityException", `User ${user.name} not in group ${name}`);
  return { ...user, groups: user.groups.filter((group) => group.id !== id) };
}
