/** Roles and their sessions, as tests need them: roles in the store, sessions by the real client. */
import { AssumeRoleCommand, type AssumeRoleCommandInput, type Credentials as Issued, type STSClient } from "@aws-sdk/client-sts";
import { randomBytes } from "@trent/crypto";
import { uniqueId } from "#domain/entity-id";
import type { Role } from "#domain/role";
import { ACCOUNT, type Credentials, type Service } from "../service.ts";

export interface SessionCredentials extends Credentials {
  readonly sessionToken: string;
}

export const allow = (...actions: readonly string[]) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
});
export const deny = (...actions: readonly string[]) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Action: actions, Resource: "*" }],
});

/** Lets only those through of whom this condition holds. */
export const when = (condition: object) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*", Condition: condition }],
});

/** A trust policy: whom it allows what, under which condition. */
export const trust = (
  principal: object | string,
  { actions = ["sts:AssumeRole"], condition = {} }: { actions?: readonly string[]; condition?: object } = {},
) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: principal, Action: actions, Condition: condition }],
});

interface RoleFacts {
  readonly trust: object;
  readonly policies?: readonly object[];
  readonly account?: string;
  readonly path?: string;
  readonly longestSession?: number;
  readonly boundary?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly ids?: Readonly<Record<string, string>>;
}

/** A role as IAM keeps it. */
export async function makeRole({ host }: Service, name: string, facts: RoleFacts): Promise<Role> {
  const { account = ACCOUNT, path = "/", policies = [], longestSession = 3600, boundary, tags = {}, ids = {} } = facts;
  const role: Role = {
    account,
    name,
    path,
    id: uniqueId("AROA", randomBytes(17)),
    arn: `arn:aws:iam::${account}:role${path}${name}`,
    created: new Date(),
    trust: { document: JSON.stringify(facts.trust), principals: ids },
    longestSession,
    inline: policies.map((document, number) => ({ name: `policy-${number + 1}`, document: JSON.stringify(document) })),
    attached: [],
    ...(boundary !== undefined && { boundary }),
    tags: new Map(Object.entries(tags)),
    version: 0,
  };
  await host.shared.principals.createRole(role);
  return role;
}

/** The same role, as it is in the store now. */
export async function storedRole({ host }: Service, { account, name }: Role): Promise<Role> {
  const role = await host.shared.principals.role(account, name);
  if (!role) throw new Error(`There is no role ${name}.`);
  return role;
}

export async function assume(sts: STSClient, role: Role, rest: Partial<AssumeRoleCommandInput> = {}): Promise<SessionCredentials> {
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "session", ...rest }));
  return credentialsIn(Credentials);
}

export const credentialsIn = ({ AccessKeyId = "", SecretAccessKey = "", SessionToken = "" }: Partial<Issued> = {}): SessionCredentials => ({
  accessKeyId: AccessKeyId,
  secretAccessKey: SecretAccessKey,
  sessionToken: SessionToken,
});
