import type { Group } from "#domain/group";
import { parseIamArn } from "#domain/iam-arn";
import type { ManagedPolicy } from "#domain/managed-policy";
import type { Role } from "#domain/role";
import { roleOfSession } from "#domain/session-arn";
import type { User } from "#domain/user";
import { type AccessKeyReader, type AccessKeyStore, accessKeyStore, type KeptSecrets } from "./access-keys.ts";
import { type AccountReader, type AccountStore, accountStore } from "./accounts.ts";
import type { DomainKeys } from "./domain-keys.ts";
import { candidatesOf, type EntityCounts, type EntityKind, type EntityStore, entityStore } from "./entities.ts";
import type { Items } from "./items.ts";
import { type OidcProviderReader, type OidcProviderStore, oidcProviderStore } from "./oidc-providers.ts";
import { type ServiceReader, type ServiceStore, serviceStore } from "./services.ts";

export type { AccessKey } from "./access-keys.ts";

export interface PrincipalReader extends AccountReader, AccessKeyReader, OidcProviderReader, ServiceReader {
  readonly user: EntityStore<User>["get"];
  readonly users: EntityStore<User>["list"];
  readonly userCount: EntityStore<User>["count"];
  readonly userById: EntityStore<User>["byId"];
  readonly role: EntityStore<Role>["get"];
  readonly roles: EntityStore<Role>["list"];
  readonly roleCount: EntityStore<Role>["count"];
  readonly roleById: EntityStore<Role>["byId"];
  readonly group: EntityStore<Group>["get"];
  readonly groups: EntityStore<Group>["list"];
  readonly groupCount: EntityStore<Group>["count"];
  readonly groupById: EntityStore<Group>["byId"];
  /** A policy of the account's own. */
  readonly policy: EntityStore<ManagedPolicy>["get"];
  readonly policies: EntityStore<ManagedPolicy>["list"];
  readonly policyCount: EntityStore<ManagedPolicy>["count"];
  /** The ARN that a unique id stands for. */
  arnOf(uniqueId: string): Promise<string | undefined>;
  /** The unique id of a user or role, by ARN, or of a session's role; undefined when there is none. */
  idOf(arn: string): Promise<string | undefined>;
}

export interface PrincipalStore extends PrincipalReader, AccountStore, AccessKeyStore, OidcProviderStore, ServiceStore {
  readonly createUser: EntityStore<User>["create"];
  readonly replaceUser: EntityStore<User>["replace"];
  readonly renameUser: EntityStore<User>["rename"];
  readonly removeUser: EntityStore<User>["remove"];
  readonly createRole: EntityStore<Role>["create"];
  readonly replaceRole: EntityStore<Role>["replace"];
  readonly removeRole: EntityStore<Role>["remove"];
  readonly createGroup: EntityStore<Group>["create"];
  readonly replaceGroup: EntityStore<Group>["replace"];
  readonly renameGroup: EntityStore<Group>["rename"];
  readonly removeGroup: EntityStore<Group>["remove"];
  readonly createPolicy: EntityStore<ManagedPolicy>["create"];
  readonly replacePolicy: EntityStore<ManagedPolicy>["replace"];
  readonly removePolicy: EntityStore<ManagedPolicy>["remove"];
}

/** What reading the table of principals gives. */
export const PRINCIPAL_READS = [
  ...(["account", "accessKey", "userOf", "secretOf", "oidcProvider", "oidcProviders"] as const),
  ...(["service", "services", "serviceOf"] as const),
  ...(["user", "users", "userById", "role", "roles", "roleById", "group", "groups", "groupById"] as const),
  ...(["policy", "policies", "arnOf", "idOf", "userCount", "roleCount", "groupCount", "policyCount"] as const),
] as const satisfies readonly (keyof PrincipalReader)[];

interface Parts {
  readonly items: Items;
  /** The same, not gated: for rows that are worth nothing by themselves. */
  readonly hints: Items;
  readonly keys: DomainKeys;
  readonly secrets: KeptSecrets;
  readonly counts: EntityCounts;
}

/** Accounts, and who is in them: shared by all Regions, written in the home Region. */
export function principalStore(parts: Parts): PrincipalStore {
  const { items, hints, keys, secrets } = parts;
  const users = entityStore(parts, USER);
  const roles = entityStore(parts, ROLE);
  const groups = entityStore(parts, GROUP);
  const policies = entityStore(parts, POLICY);
  const stores = { user: users, role: roles, group: groups, policy: policies } as const;

  async function at(arn: string): Promise<User | Role | Group | ManagedPolicy | undefined> {
    const named = parseIamArn(arn);
    if (!named || named.kind === "oidc-provider") return undefined;
    const found = await stores[named.kind].get(named.account, named.name);
    return found?.arn === arn ? found : undefined;
  }

  return {
    ...accountStore(items, hints),
    ...accessKeyStore(hints, keys, users, secrets),
    ...oidcProviderStore(items),
    ...serviceStore(items, hints),
    user: users.get,
    users: users.list,
    userCount: users.count,
    userById: users.byId,
    createUser: users.create,
    replaceUser: users.replace,
    renameUser: users.rename,
    removeUser: users.remove,
    role: roles.get,
    roles: roles.list,
    roleCount: roles.count,
    roleById: roles.byId,
    createRole: roles.create,
    replaceRole: roles.replace,
    removeRole: roles.remove,
    group: groups.get,
    groups: groups.list,
    groupCount: groups.count,
    groupById: groups.byId,
    createGroup: groups.create,
    replaceGroup: groups.replace,
    renameGroup: groups.rename,
    removeGroup: groups.remove,
    policy: policies.get,
    policies: policies.list,
    policyCount: policies.count,
    createPolicy: policies.create,
    replacePolicy: policies.replace,
    removePolicy: policies.remove,

    async arnOf(uniqueId) {
      for (const arn of await candidatesOf(items, uniqueId)) if ((await at(arn))?.id === uniqueId) return arn;
      return undefined;
    },

    async idOf(arn) {
      const session = roleOfSession(arn);
      if (session) return (await roles.get(session.account, session.name))?.id;
      const { kind } = parseIamArn(arn) ?? {};
      return kind === "user" || kind === "role" ? (await at(arn))?.id : undefined;
    },
  };
}

const USER: EntityKind<User> = {
  prefix: "U#",
  plain: ({ accessKeys, tags }) => ({
    accessKeys: accessKeys.map((key) => ({ ...key, created: key.created.getTime() })),
    tags: [...tags],
  }),
  from: ({ accessKeys, groups = [], tags = [], ...stored }) => ({
    ...stored,
    groups,
    tags: new Map(tags),
    accessKeys: accessKeys.map((key: { created: number }) => ({ ...key, created: new Date(key.created) })),
  }),
};

const ROLE: EntityKind<Role> = {
  prefix: "R#",
  plain: ({ tags }) => ({ tags: [...tags] }),
  from: ({ tags, ...stored }) => ({ ...stored, tags: new Map(tags) }),
};

const GROUP: EntityKind<Group> = { prefix: "GROUP#", plain: () => ({}), from: (stored) => stored };

const POLICY: EntityKind<ManagedPolicy> = {
  prefix: "P#",
  plain: ({ tags, updated, versions }) => ({
    tags: [...tags],
    updated: updated.getTime(),
    versions: versions.map((version) => ({ ...version, created: version.created.getTime() })),
  }),
  from: ({ tags, updated, versions, ...stored }) => ({
    ...stored,
    tags: new Map(tags),
    updated: new Date(updated),
    versions: versions.map((version: { created: number }) => ({ ...version, created: new Date(version.created) })),
  }),
};
