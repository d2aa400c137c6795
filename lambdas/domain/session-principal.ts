import { type IdentityPolicies, type PolicySources, policiesOf } from "./identity-policies.ts";
import { compilePolicy } from "./policy/compile.ts";
import { ADMINISTRATOR_ACCESS } from "./policy/default-policy.ts";
import type { Principal } from "./principal.ts";
import type { Role } from "./role.ts";
import type { Session } from "./session.ts";
import { assumedRoleArn, federatedUserArn } from "./session-arn.ts";
import { sessionPoliciesOf } from "./session-policies.ts";
import type { User } from "./user.ts";

/** Where the roles and users behind sessions are found. */
export interface SessionSources extends PolicySources {
  role(account: string, name: string): Promise<Role | undefined>;
  user(account: string, name: string): Promise<User | undefined>;
  userById(id: string): Promise<User | undefined>;
}

/**
 * Who a session is now, with what its role or user may now. Undefined when that is gone, even if another has its name, or a policy that
 * limits the session is.
 * @see IAM User Guide, "Permissions for temporary security credentials"
 */
export async function sessionPrincipal(session: Session, accessKeyId: string, sources: SessionSources): Promise<Principal | undefined> {
  const issuer = await issuerOf(session, sources);
  const limits = issuer && (await sessionPoliciesOf(session, sources));
  if (!limits) return undefined;
  const { account, name = "" } = session;
  const common = { account, accessKeyId, session, ...issuer.may, ...limits, tags: overlaid(issuer.tags, session.tags) };
  switch (session.kind) {
    case "role":
      return { ...common, kind: "role-session", arn: assumedRoleArn(session, issuer.name), id: `${issuer.id}:${name}`, behind: issuer.arn };
    case "federated-user":
      return { ...common, kind: "federated-user", arn: federatedUserArn(session), id: `${account}:${name}`, behind: issuer.arn };
    case "user":
      return { ...common, kind: issuer.kind, arn: issuer.arn, id: issuer.id, ...(issuer.kind === "user" && { name: issuer.name }) };
  }
}

interface Issuer {
  readonly kind: "root" | "user";
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly may: IdentityPolicies;
}

async function issuerOf({ account, partition, issuer: { type, id, name } }: Session, sources: SessionSources): Promise<Issuer | undefined> {
  if (type === "Root") {
    const everything = { name: "root", policy: compilePolicy(ADMINISTRATOR_ACCESS.document, "identity") };
    return { kind: "root", arn: `arn:${partition}:iam::${account}:root`, id, name, tags: new Map(), may: { policies: [everything] } };
  }
  const named = type === "Role" ? await sources.role(account, name) : await sources.user(account, name);
  // Users can be renamed.
  const found = named?.id === id || type === "Role" ? named : await sources.userById(id);
  if (found?.id !== id || found.account !== account) return undefined;
  return { kind: "user", arn: found.arn, id, name: found.name, tags: found.tags, may: await policiesOf(found, sources) };
}

/** "The session tag overrides the tag of the user or role": names differ in more than letter case. */
function overlaid(tags: ReadonlyMap<string, string>, over: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  if (over.size === 0) return tags;
  const names = new Set(Array.from(over.keys(), (name) => name.toLowerCase()));
  return new Map([...Array.from(tags).filter(([name]) => !names.has(name.toLowerCase())), ...over]);
}
