import { cannotDelete, overQuota } from "./entity.ts";
import { Fault } from "./fault.ts";
import { type Bounded, type PolicyHolder, requireNoPolicies } from "./policy-holder.ts";
import type { Principal } from "./principal.ts";

/** An IAM user: who it is, what it may, and its access keys. @see IAM User Guide, "IAM users". */
export interface User extends PolicyHolder, Bounded {
  /** An access key works only while it is listed here as active. */
  readonly accessKeys: readonly UserKey[];
  /** The groups it is in. The id counts; the name is where to look first. */
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly tags: ReadonlyMap<string, string>;
}

export interface UserKey {
  readonly id: string;
  readonly active: boolean;
  readonly created: Date;
}

/** @see IAM User Guide, "IAM and AWS STS quotas". */
export const USERS = 5000;
export const ACCESS_KEYS = 2;
export const GROUPS_PER_USER = 10;

/**
 * The user that an operation is about: the one named, or else the caller.
 * @throws {Fault} ValidationException when the caller is no user.
 */
export function userNameOf(named: string | undefined, caller: Principal): string {
  const name = named ?? (caller.kind === "user" ? caller.name : undefined);
  if (name === undefined) throw new Fault("ValidationException", "Must specify userName when calling with non-User credentials");
  return name;
}

/** @throws {Fault} LimitExceededException at the third. */
export function withKey(user: User, key: UserKey): User {
  if (user.accessKeys.length >= ACCESS_KEYS) throw overQuota("AccessKeysPerUser", ACCESS_KEYS);
  return { ...user, accessKeys: [...user.accessKeys, key] };
}

/** @throws {Fault} NoSuchEntityException */
export function withKeyActive(user: User, id: string, active: boolean): User {
  requireKey(user, id);
  return { ...user, accessKeys: user.accessKeys.map((key) => (key.id === id ? { ...key, active } : key)) };
}

/** @throws {Fault} NoSuchEntityException */
export function withoutKey(user: User, id: string): User {
  requireKey(user, id);
  return { ...user, accessKeys: user.accessKeys.filter((key) => key.id !== id) };
}

function requireKey(user: User, id: string): void {
  if (!user.accessKeys.some((key) => key.id === id)) throw noSuchKey(id);
}

export const noSuchKey = (id: string): Fault => new Fault("NoSuchEntityException", `The Access Key with id ${id} cannot be found.`);

/** A user is deleted with nothing left of it. @throws {Fault} DeleteConflictException */
export function requireDeletableUser(user: User): void {
  if (user.accessKeys.length > 0) throw cannotDelete("delete access keys");
  requireNoPolicies(user);
  if (user.groups.length > 0) throw cannotDelete("remove users from group");
}
