/** The policies that AWS manages, as far as they speak of what Trent answers for. @see AWS Managed Policy Reference Guide. */
import { partitionOf } from "./arn.ts";
import type { ManagedPolicy } from "./managed-policy.ts";
import { ADMINISTRATOR_ACCESS } from "./policy/default-policy.ts";

interface Published {
  readonly name: string;
  readonly id: string;
  readonly description: string;
  /** The number of its only version here: the newest that AWS has published. */
  readonly version: string;
  readonly created: string;
  readonly updated: string;
  readonly document: string;
}

const allowing = (...actions: readonly string[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });

const PUBLISHED: readonly Published[] = [
  {
    name: "AdministratorAccess",
    id: "ANPAIWMBCKSKIEE64ZLYK",
    description: "Provides full access to AWS services and resources.",
    version: "v1",
    created: "2015-02-06T18:39:46Z",
    updated: "2015-02-06T18:39:46Z",
    document: ADMINISTRATOR_ACCESS.document,
  },
  {
    name: "AWSKeyManagementServicePowerUser",
    id: "ANPAJNPP7PPPPMJRV2SA4",
    description: "Provides access to AWS Key Management Service (KMS).",
    version: "v2",
    created: "2015-02-06T18:40:40Z",
    updated: "2017-03-07T00:55:11Z",
    document: allowing(
      ...["kms:CreateAlias", "kms:CreateKey", "kms:DeleteAlias", "kms:Describe*", "kms:GenerateRandom", "kms:Get*", "kms:List*"],
      ...["kms:TagResource", "kms:UntagResource", "iam:ListGroups", "iam:ListRoles", "iam:ListUsers"],
    ),
  },
  {
    name: "ReadOnlyAccess",
    id: "ANPAILL3HVNFSB6DCOWYQ",
    description: "Provides read-only access to AWS services and resources.",
    version: "v1",
    created: "2015-02-06T18:39:48Z",
    updated: "2015-02-06T18:39:48Z",
    document: allowing(
      ...["cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents"],
      ...["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*", "kms:Describe*", "kms:Get*", "kms:List*"],
      ...["servicequotas:Get*", "servicequotas:List*", "sts:GetAccessKeyInfo", "sts:GetCallerIdentity", "sts:GetSessionToken"],
    ),
  },
];

const managedIn = (partition: string): readonly ManagedPolicy[] =>
  PUBLISHED.map(({ name, id, description, version, created, updated, document }) => ({
    account: "aws",
    name,
    path: "/",
    id,
    arn: `arn:${partition}:iam::aws:policy/${name}`,
    description,
    created: new Date(created),
    updated: new Date(updated),
    versions: [{ id: version, document, created: new Date(updated) }],
    current: version,
    made: 1,
    tags: new Map(),
    version: 0,
  }));

const MANAGED: ReadonlyMap<string, ManagedPolicy> = new Map(
  ["aws", "aws-cn", "aws-us-gov"].flatMap((partition) => managedIn(partition).map((policy) => [policy.arn, policy] as const)),
);

/** The ARN of a policy that AWS manages. */
export const managedPolicyArn = (region: string, name: string): string => `arn:${partitionOf(region)}:iam::aws:policy/${name}`;

export const awsManaged = (arn: string): ManagedPolicy | undefined => MANAGED.get(arn);

/** Those of a partition. */
export const awsManagedIn = (partition: string): readonly ManagedPolicy[] =>
  [...MANAGED.values()].filter(({ arn }) => arn.startsWith(`arn:${partition}:`));
