import { type Entity, overQuota } from "./entity.ts";
import { Fault } from "./fault.ts";
import { parsePolicy } from "./policy/document.ts";
import { sizeOf } from "./policy-holder.ts";

/** A policy that stands by itself, in up to five versions, one of which counts. @see IAM User Guide, "Versioning IAM policies". */
export interface ManagedPolicy extends Entity {
  readonly description?: string;
  readonly versions: readonly PolicyVersion[];
  /** The version that counts. */
  readonly current: string;
  /** How many there ever were: a number is not given twice. */
  readonly made: number;
  readonly updated: Date;
  readonly tags: ReadonlyMap<string, string>;
}

export interface PolicyVersion {
  /** `v1` … */
  readonly id: string;
  readonly document: string;
  readonly created: Date;
}

/** @see IAM User Guide, "IAM and AWS STS quotas". */
export const POLICIES = 1500;
export const POLICY_SIZE = 6144;
export const VERSIONS = 5;

/** @throws {Fault} MalformedPolicyDocumentException, LimitExceededException */
export function acceptManaged(document: string): string {
  parsePolicy(document, "identity");
  if (sizeOf(document) > POLICY_SIZE) throw overQuota("PolicySize", POLICY_SIZE);
  return document;
}

export const currentOf = ({ versions, current }: ManagedPolicy): PolicyVersion =>
  versions.find(({ id }) => id === current) as PolicyVersion;

/** @throws {Fault} NoSuchEntityException */
export function versionOf(policy: ManagedPolicy, id: string): PolicyVersion {
  const found = policy.versions.find((version) => version.id === id);
  if (!found) throw new Fault("NoSuchEntityException", `Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return found;
}

/** @throws {Fault} LimitExceededException at the sixth. */
export function withVersion(policy: ManagedPolicy, document: string, created: Date): ManagedPolicy {
  if (policy.versions.length >= VERSIONS) {
    throw new Fault(
      "LimitExceededException",
      `A managed policy can have up to ${VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
    );
  }
  const made = policy.made + 1;
  return { ...policy, made, updated: created, versions: [...policy.versions, { id: `v${made}`, document, created }] };
}

/** @throws {Fault} NoSuchEntityException; DeleteConflictException for the one that counts */
export function withoutVersion(policy: ManagedPolicy, id: string): ManagedPolicy {
  const removed = versionOf(policy, id);
  if (id === policy.current) throw new Fault("DeleteConflictException", "Cannot delete the default version of a policy.");
  return { ...policy, versions: policy.versions.filter((version) => version !== removed) };
}

/** @throws {Fault} NoSuchEntityException */
export function withCurrent(policy: ManagedPolicy, id: string, now: Date): ManagedPolicy {
  versionOf(policy, id);
  return { ...policy, current: id, updated: now };
}
