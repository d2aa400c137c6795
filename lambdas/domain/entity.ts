import { Fault } from "./fault.ts";

/** What every user, role, group and managed policy has. @see IAM User Guide, "IAM identifiers". */
export interface Entity {
  readonly account: string;
  /** Unique in its account among its kind, whatever the letter case. */
  readonly name: string;
  readonly path: string;
  /** Never used again, whoever takes the name next. */
  readonly id: string;
  readonly arn: string;
  readonly created: Date;
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

export type EntityKind = "user" | "role" | "group" | "policy";

/** @throws {Fault} NoSuchEntityException */
export function requireEntity<E extends object>(entity: E | undefined, kind: EntityKind, name: string): E {
  if (!entity) throw noSuchEntity(kind, name);
  return entity;
}

export const noSuchEntity = (what: string, name: string): Fault =>
  new Fault("NoSuchEntityException", `The ${what} with name ${name} cannot be found.`);

/** Refuses a name that is taken, in whatever letter case. @throws {Fault} EntityAlreadyExistsException */
export function requireFree(taken: Entity | undefined, kind: "User" | "Role" | "Group", name: string): void {
  if (taken) throw new Fault("EntityAlreadyExistsException", `${kind} with name ${name} already exists.`);
}

/** @throws {Fault} LimitExceededException when there are as many as there may be. */
export function requireRoom(count: number, quota: string, most: number): void {
  if (count >= most) throw overQuota(quota, most);
}

export const overQuota = (quota: string, most: number): Fault =>
  new Fault("LimitExceededException", `Cannot exceed quota for ${quota}: ${most}`);

export const cannotDelete = (first: string): Fault => new Fault("DeleteConflictException", `Cannot delete entity, must ${first} first.`);
