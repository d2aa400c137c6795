/**
 * The members that IAM's operations share, with AWS's limits and values.
 * @see IAM API Reference; limits as in botocore's model of the service.
 */
import { boolean, enumeration, integer, list, map, required, string, structure, timestamp, unavailable } from "./shape.ts";

const NAME = {
  pattern: "[\\w+=,.@-]+",
  unlike: "It must contain only alphanumeric characters and/or the following: +=,.@_-",
} as const;
const PATH = "It must begin and end with / and contain only alphanumeric characters and/or / characters.";

export const userName = string({ min: 1, max: 64, ...NAME });
/** Older names may be longer than new ones. */
export const existingUserName = string({ min: 1, max: 128, ...NAME });
export const groupName = string({ min: 1, max: 128, ...NAME });
export const roleName = string({ min: 1, max: 64, ...NAME });
export const policyName = string({ min: 1, max: 128, ...NAME });
export const entityId = string({ min: 16, max: 128, pattern: "[\\w]+" });
export const arn = string({ min: 20, max: 2048 });
export const accessKeyId = string({ min: 16, max: 128, pattern: "[\\w]+" });

export const path = string({ min: 1, max: 512, pattern: "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)", unlike: PATH });
export const policyPath = string({ min: 1, max: 512, pattern: "((/[A-Za-z0-9\\.,\\+@=_-]+)*)/", unlike: PATH });
export const pathPrefix = string({ min: 1, max: 512, pattern: "\\u002F[\\u0021-\\u007F]*" });

export const policyDocument = string({
  min: 1,
  max: 131072,
  pattern: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
  unlike: "It must contain only printable ASCII characters.",
});
/** Those that a simulation is asked about: AWS's model has no limits on what it is asked, and answering takes time. */
export const policyDocuments = list(policyDocument, { max: 100 });
export const versionId = string({ pattern: "v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?" });
export const policyDescription = string({ max: 1000 });
export const roleDescription = string({ max: 1000, pattern: "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*" });
export const maxSessionDuration = integer({ min: 3600, max: 43200 });

const tagKey = string({ min: 1, max: 128, pattern: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+" });
export const tagKeys = list(tagKey, { max: 50 });
const tag = structure({
  Key: required(tagKey),
  Value: required(string({ min: 0, max: 256, pattern: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*" })),
});
export const tags = list(tag, { max: 50 });

export const status = enumeration(["Active", "Inactive", "Expired"]);
export const accountAlias = string({ min: 3, max: 63, pattern: "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$" });
export const usage = enumeration(["PermissionsPolicy", "PermissionsBoundary"]);
export const entityType = enumeration(["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]);

export const providerUrl = string({ min: 1, max: 255 });
export const clientId = string({ min: 1, max: 255 });
export const clientIds = list(clientId);
export const thumbprints = list(string({ min: 40, max: 40 }));

/** How a list is asked for, and how it is answered. */
export const page = {
  Marker: string({ min: 1, max: 320, pattern: "[\\u0020-\\u00FF]+" }),
  MaxItems: integer({ min: 1, max: 1000 }),
} as const;
export const pageOf = { IsTruncated: boolean, Marker: string() } as const;

const boundary = structure({ PermissionsBoundaryType: enumeration(["PermissionsBoundaryPolicy"]), PermissionsBoundaryArn: arn });

/** The root user has neither path nor name. */
export const user = structure({
  Path: path,
  UserName: userName,
  UserId: required(entityId),
  Arn: required(arn),
  CreateDate: required(timestamp),
  PasswordLastUsed: timestamp,
  PermissionsBoundary: boundary,
  Tags: tags,
});

export const group = structure({
  Path: required(path),
  GroupName: required(groupName),
  GroupId: required(entityId),
  Arn: required(arn),
  CreateDate: required(timestamp),
});

const lastUsed = structure({ LastUsedDate: timestamp, Region: string() });

export const role = structure({
  Path: required(path),
  RoleName: required(roleName),
  RoleId: required(entityId),
  Arn: required(arn),
  CreateDate: required(timestamp),
  AssumeRolePolicyDocument: policyDocument,
  Description: roleDescription,
  MaxSessionDuration: maxSessionDuration,
  PermissionsBoundary: boundary,
  Tags: tags,
  RoleLastUsed: lastUsed,
  SourceRoleTemplate: structure({ TemplateArn: required(arn), TemplateMinorVersion: required(integer()) }),
});

const managed = {
  PolicyName: policyName,
  PolicyId: entityId,
  Arn: arn,
  Path: policyPath,
  DefaultVersionId: versionId,
  AttachmentCount: integer(),
  PermissionsBoundaryUsageCount: integer(),
  IsAttachable: boolean,
  Description: policyDescription,
  CreateDate: timestamp,
  UpdateDate: timestamp,
} as const;
export const policy = structure({ ...managed, Tags: tags });
export const policyVersion = structure({
  Document: policyDocument,
  VersionId: versionId,
  IsDefaultVersion: boolean,
  CreateDate: timestamp,
});

export const attachedPolicies = list(structure({ PolicyName: policyName, PolicyArn: arn }));
export const instanceProfiles = list(
  structure({
    Path: required(path),
    InstanceProfileName: required(groupName),
    InstanceProfileId: required(entityId),
    Arn: required(arn),
    CreateDate: required(timestamp),
    Roles: required(list(role)),
    Tags: tags,
  }),
);

const inlinePolicies = list(structure({ PolicyName: policyName, PolicyDocument: policyDocument }));

export const userDetail = structure({
  Path: path,
  UserName: userName,
  UserId: entityId,
  Arn: arn,
  CreateDate: timestamp,
  UserPolicyList: inlinePolicies,
  GroupList: list(groupName),
  AttachedManagedPolicies: attachedPolicies,
  PermissionsBoundary: boundary,
  Tags: tags,
});
export const groupDetail = structure({
  Path: path,
  GroupName: groupName,
  GroupId: entityId,
  Arn: arn,
  CreateDate: timestamp,
  GroupPolicyList: inlinePolicies,
  AttachedManagedPolicies: attachedPolicies,
});
export const roleDetail = structure({
  Path: path,
  RoleName: roleName,
  RoleId: entityId,
  Arn: arn,
  CreateDate: timestamp,
  AssumeRolePolicyDocument: policyDocument,
  InstanceProfileList: instanceProfiles,
  RolePolicyList: inlinePolicies,
  AttachedManagedPolicies: attachedPolicies,
  PermissionsBoundary: boundary,
  Tags: tags,
  RoleLastUsed: lastUsed,
});
export const policyDetail = structure({ ...managed, PolicyVersionList: list(policyVersion) });

const resourceName = string({ min: 1, max: 2048 });
const actionName = string({ min: 3, max: 128 });
const contextKeyName = string({ min: 5, max: 256 });
export const contextKeyNames = list(contextKeyName);

/** What both policy simulators are asked. */
export const simulation = {
  ActionNames: required(list(actionName, { max: 1000 })),
  ResourceArns: list(resourceName, { max: 1000 }),
  ResourcePolicy: policyDocument,
  ResourceOwner: resourceName,
  CallerArn: resourceName,
  ContextEntries: list(
    structure({
      ContextKeyName: contextKeyName,
      ContextKeyValues: list(string({ max: 8192 }), { max: 100 }),
      ContextKeyType: enumeration([
        ...(["string", "stringList", "numeric", "numericList", "boolean", "booleanList"] as const),
        ...(["ip", "ipList", "binary", "binaryList", "date", "dateList"] as const),
      ]),
    }),
    { max: 100 },
  ),
  ResourceHandlingOption: string({ min: 1, max: 64 }),
  MaxItems: page.MaxItems,
  Marker: page.Marker,
} as const;

const decision = enumeration(["allowed", "explicitDeny", "implicitDeny"]);
const position = structure({ Line: integer(), Column: integer() });
const judged = {
  MatchedStatements: list(
    structure({
      SourcePolicyId: string(),
      SourcePolicyType: enumeration(["user", "group", "role", "aws-managed", "user-managed", "resource", "none"]),
      StartPosition: position,
      EndPosition: position,
    }),
  ),
  MissingContextValues: contextKeyNames,
  EvalDecisionDetails: map,
  PermissionsBoundaryDecisionDetail: structure({ AllowedByPermissionsBoundary: boolean }),
} as const;

export const evaluationResults = list(
  structure({
    EvalActionName: required(actionName),
    EvalResourceName: resourceName,
    EvalDecision: required(decision),
    ...judged,
    OrganizationsDecisionDetail: structure({ AllowedByOrganizations: boolean }),
    ResourceSpecificResults: list(
      structure({ EvalResourceName: required(resourceName), EvalResourceDecision: required(decision), ...judged }),
    ),
  }),
);

/** Policies of an organization, and policies of the source that shall not count. */
export const organizationPolicies = unavailable(list(structure({ ServiceControlPolicyInputList: policyDocuments }), { max: 7 }));
export const policyExclusions = unavailable(
  list(
    structure({
      PolicyType: enumeration(["inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp"]),
      PolicyArn: arn,
      InlinePolicyIdentifier: structure({
        PolicyName: required(policyName),
        AttachmentType: required(enumeration(["user", "group", "role"])),
        AttachmentName: required(string({ min: 1, max: 128, pattern: "[\\w+=,.@-]+" })),
      }),
    }),
    { max: 256 },
  ),
);
