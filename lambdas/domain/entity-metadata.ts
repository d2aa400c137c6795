/** Users, groups, roles and managed policies as IAM's operations answer them. */
import { tagList } from "./entity-tags.ts";
import type { Group } from "./group.ts";
import type { ManagedPolicy, PolicyVersion } from "./managed-policy.ts";
import { encodedDocument, type PolicyHolder } from "./policy-holder.ts";
import { policyNameIn } from "./policy-reference.ts";
import type { Role } from "./role.ts";
import type { User } from "./user.ts";

const boundaryOf = (arn: string | undefined) =>
  arn === undefined ? undefined : { PermissionsBoundaryType: "PermissionsBoundaryPolicy" as const, PermissionsBoundaryArn: arn };
const optional = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);

/** As lists have it: "IAM resource-listing operations return a subset of the available attributes". */
export const userEntry = ({ path, name, id, arn, created }: User) => ({
  Path: path,
  UserName: name,
  UserId: id,
  Arn: arn,
  CreateDate: created,
});

export const userMetadata = (user: User) => ({
  ...userEntry(user),
  PermissionsBoundary: boundaryOf(user.boundary),
  Tags: optional(tagList(user.tags)),
});

export const groupMetadata = ({ path, name, id, arn, created }: Group) => ({
  Path: path,
  GroupName: name,
  GroupId: id,
  Arn: arn,
  CreateDate: created,
});

export const roleEntry = (role: Role) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: role.created,
  AssumeRolePolicyDocument: encodedDocument(role.trust.document),
  Description: role.description,
  MaxSessionDuration: role.longestSession,
});

export const roleMetadata = (role: Role) => ({
  ...roleEntry(role),
  PermissionsBoundary: boundaryOf(role.boundary),
  Tags: optional(tagList(role.tags)),
});

/** How often a policy is attached, and how often it is a boundary. */
export interface PolicyUse {
  readonly attached: number;
  readonly boundary: number;
}

export const policyEntry = (policy: ManagedPolicy, use: PolicyUse) => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.current,
  AttachmentCount: use.attached,
  PermissionsBoundaryUsageCount: use.boundary,
  IsAttachable: true,
  CreateDate: policy.created,
  UpdateDate: policy.updated,
});

export const policyMetadata = (policy: ManagedPolicy, use: PolicyUse) => ({
  ...policyEntry(policy, use),
  Description: policy.description,
  Tags: optional(tagList(policy.tags)),
});

export const versionEntry = (policy: ManagedPolicy, { id, created }: PolicyVersion) => ({
  VersionId: id,
  IsDefaultVersion: id === policy.current,
  CreateDate: created,
});

export const versionMetadata = (policy: ManagedPolicy, version: PolicyVersion) => ({
  ...versionEntry(policy, version),
  Document: encodedDocument(version.document),
});

/** The newest first: versions are listed by these. */
export const versionKey = ({ id }: PolicyVersion): string => String(1e9 - Number(id.slice(1)));

export const attachedEntry = (arn: string) => ({ PolicyName: policyNameIn(arn), PolicyArn: arn });
/** Names are unique among an account's policies, and among AWS's. */
export const attachedKey = (arn: string): string => `${policyNameIn(arn)} ${arn.split(":")[4]}`;

const inlineEntries = ({ inline }: PolicyHolder) =>
  inline.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encodedDocument(document) }));

/** @param groups the names of its groups, as they are now. */
export const userDetailOf = (user: User, groups: readonly string[]) => ({
  ...userMetadata(user),
  UserPolicyList: inlineEntries(user),
  GroupList: groups,
  AttachedManagedPolicies: user.attached.map(attachedEntry),
});

export const groupDetailOf = (group: Group) => ({
  ...groupMetadata(group),
  GroupPolicyList: inlineEntries(group),
  AttachedManagedPolicies: group.attached.map(attachedEntry),
});

export const roleDetailOf = (role: Role) => {
  const { Description: _, MaxSessionDuration: __, ...metadata } = roleMetadata(role);
  return {
    ...metadata,
    InstanceProfileList: [],
    RolePolicyList: inlineEntries(role),
    AttachedManagedPolicies: role.attached.map(attachedEntry),
    RoleLastUsed: {},
  };
};

export const policyDetailOf = (policy: ManagedPolicy, use: PolicyUse) => ({
  ...policyEntry(policy, use),
  Description: policy.description,
  PolicyVersionList: policy.versions.map((version) => versionMetadata(policy, version)),
});
