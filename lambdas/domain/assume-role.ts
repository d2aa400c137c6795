/** Who may take on a role, and as whom: what AssumeRole and AssumeRoleWithWebIdentity have in common. */
import { Fault } from "./fault.ts";
import { parseIamArn } from "./iam-arn.ts";
import type { Principal } from "./principal.ts";
import type { Resource } from "./resource.ts";
import type { Role, TrustPolicy } from "./role.ts";
import { lifeOf, requireRoleDuration, type Session } from "./session.ts";
import { assumedRoleArn } from "./session-arn.ts";

interface Roles {
  role(account: string, name: string): Promise<Role | undefined>;
}

/** The account in a role's ARN. @throws {Fault} ValidationException for what is none; AWS's text. */
export function accountOfRole(arn: string): string {
  const named = parseIamArn(arn);
  if (named?.kind !== "role" || named.account === "aws") throw new Fault("ValidationException", `${arn} is invalid`);
  return named.account;
}

/** What a role that is not there lets anybody do: a stranger is not told the one from the other. */
const NOBODY: TrustPolicy = {
  document: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Principal: "*", Action: "*" }] }),
  principals: {},
};

/** The role, as policies are asked about it: its trust policy decides like the policy of a key. */
export async function roleToAssume(arn: string, roles: Roles, refused: (permission: string) => string): Promise<Resource> {
  const account = accountOfRole(arn);
  const role = await roleAt(arn, roles);
  return { arn, account, trust: role?.trust ?? NOBODY, refused, ...(role && { id: role.id, tags: role.tags }) };
}

/** The role with this ARN, to the letter. */
async function roleAt(arn: string, roles: Roles): Promise<Role | undefined> {
  const named = parseIamArn(arn);
  const found = named && (await roles.role(named.account, named.name));
  return found?.arn === arn ? found : undefined;
}

/**
 * The role that let the caller in.
 * @throws {Fault} AccessDeniedException when it was deleted meanwhile, as if it had never been there; also when another has its name.
 */
export async function requireRole({ arn, id }: Resource, roles: Roles, refusal: string): Promise<Role> {
  const role = await roleAt(arn, roles);
  if (!role || (id !== undefined && id !== role.id)) throw new Fault("AccessDeniedException", refusal);
  return role;
}

/** @see IAM User Guide: "You cannot switch to a role when you sign in as the AWS account root user"; STS API Reference, "GetFederationToken" */
export function requireMayAssume({ kind }: Principal, refusal: string): void {
  if (kind === "root") throw new Fault("AccessDeniedException", "Roles may not be assumed by root accounts.");
  if (kind === "federated-user") throw new Fault("AccessDeniedException", refusal);
}

/** The session of a role. @throws {Fault} ValidationException when it would be too long */
export function roleSession(
  role: Role,
  name: string,
  {
    now,
    seconds,
    ...rest
  }: { readonly now: Date; readonly seconds: number } & Omit<
    Session,
    "kind" | "partition" | "account" | "issuer" | "name" | "issued" | "expires"
  >,
): Session {
  requireRoleDuration(seconds, role, rest.chained);
  const [, partition = "aws"] = role.arn.split(":");
  return {
    kind: "role",
    partition,
    account: role.account,
    issuer: { type: "Role", id: role.id, name: role.name },
    name,
    ...lifeOf(now, seconds),
    ...rest,
  };
}

/** The role's user, as the API answers it. */
export const assumedRoleUserOf = (session: Session) => ({
  AssumedRoleId: `${session.issuer.id}:${session.name}`,
  Arn: assumedRoleArn(session, session.issuer.name),
});
