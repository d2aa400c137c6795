import type { KeyObject } from "node:crypto";
import { unwrapKey, wrapKey } from "@trent/crypto";
import type { Account, User } from "#domain/user";
import { bounded } from "./bounded.ts";
import type { DomainKeys } from "./domain-keys.ts";
import type { Items } from "./items.ts";

/** A long-term credential; believed only while its user lists it as active. */
export interface AccessKey {
  readonly id: string;
  readonly account: string;
  readonly user: string;
  readonly wrapped: string;
  readonly domainKey: number;
}

export interface PrincipalReader {
  account(id: string): Promise<Account | undefined>;
  user(account: string, name: string): Promise<User | undefined>;
  accessKey(id: string): Promise<AccessKey | undefined>;
  /** The ARN that a unique id stands for. */
  arnOf(uniqueId: string): Promise<string | undefined>;
  /** The unique id of a user or role, by ARN; undefined when there is none. */
  idOf(arn: string): Promise<string | undefined>;
  /** Unwraps the secret of an access key. */
  secretOf(accessKey: AccessKey): Promise<KeyObject>;
}

export interface PrincipalStore extends PrincipalReader {
  /** @throws {Conflict} when there is such an account. */
  createAccount(account: Account): Promise<void>;
  /** @throws {Conflict} when the name is taken, in whatever letter case. */
  createUser(user: User): Promise<void>;
  /** Seals the secret and keeps it. @throws {Conflict} */
  createAccessKey(accessKey: Pick<AccessKey, "id" | "account" | "user">, secret: KeyObject): Promise<void>;
}

/** Secrets unwrapped and kept by a process. */
const SECRETS_KEPT = 10_000;

const accountKey = (id: string) => ({ pk: `A#${id}`, sk: "ACCOUNT" });
const userKey = (account: string, name: string) => ({ pk: `A#${account}`, sk: `U#${name.toLowerCase()}` });
const accessKeyKey = (id: string) => ({ pk: `AK#${id}`, sk: "AK" });
const idKey = (id: string) => ({ pk: `ID#${id}`, sk: "ID" });
const sealedFor = (key: Pick<AccessKey, "id" | "account" | "user">) => ["access key secret", key.id, key.account, key.user];

/** Accounts, users and their access keys: shared by all Regions, written in the home Region. */
export function principalStore(items: Items, keys: DomainKeys): PrincipalStore {
  const secrets = bounded<string, KeyObject>(SECRETS_KEPT);

  const user = (account: string, name: string) => items.get(userKey(account, name), userFrom);

  return {
    account: (id) => items.get(accountKey(id), accountFrom),
    user,
    accessKey: (id) => items.get(accessKeyKey(id), accessKeyFrom),
    arnOf: (uniqueId) => items.get(idKey(uniqueId), (body) => JSON.parse(body).arn as string),

    async idOf(arn) {
      const [, , service, , account = "", ...rest] = arn.split(":");
      const [kind, ...path] = rest.join(":").split("/");
      if (service !== "iam" || kind !== "user") return undefined;
      const found = await user(account, path.at(-1) ?? "");
      return found?.arn === arn ? found.id : undefined;
    },

    async secretOf(accessKey) {
      const known = secrets.get(accessKey.wrapped);
      if (known) return known;
      const wrapping = await keys.version("secret", accessKey.domainKey);
      if (!wrapping) throw new Error(`The domain key secret ${accessKey.domainKey} is missing.`);
      try {
        const secret = unwrapKey(wrapping, Buffer.from(accessKey.wrapped, "base64"), sealedFor(accessKey));
        secrets.set(accessKey.wrapped, secret);
        return secret;
      } catch (cause) {
        throw new Error(`The secret of the access key ${accessKey.id} does not open under the domain key secret ${accessKey.domainKey}.`, {
          cause,
        });
      }
    },

    createAccount: ({ version: _, ...account }) =>
      items.put({ ...accountKey(account.id), body: JSON.stringify({ ...account, created: account.created.getTime() }) }),

    async createUser({ version: _, ...user }) {
      // The user comes last, so that a crash leaves none without its id; an id without its user is nobody's.
      await items.put({ ...idKey(user.id), body: JSON.stringify({ arn: user.arn }) });
      await items.put({ ...userKey(user.account, user.name), body: bodyOf(user) });
    },

    async createAccessKey(accessKey, secret) {
      const { version, key } = await keys.current("secret");
      const wrapped = wrapKey(key, secret, sealedFor(accessKey)).toString("base64");
      await items.put({
        ...accessKeyKey(accessKey.id),
        body: JSON.stringify({ ...accessKey, wrapped, domainKey: version } satisfies AccessKey),
      });
    },
  };
}

const accessKeyFrom = (body: string): AccessKey => JSON.parse(body);

function accountFrom(body: string, version: number): Account {
  const stored = JSON.parse(body);
  return { ...stored, created: new Date(stored.created), version };
}

function bodyOf(user: Omit<User, "version">): string {
  return JSON.stringify({
    ...user,
    created: user.created.getTime(),
    accessKeys: user.accessKeys.map((key) => ({ ...key, created: key.created.getTime() })),
  });
}

function userFrom(body: string, version: number): User {
  const stored = JSON.parse(body);
  return {
    ...stored,
    created: new Date(stored.created),
    accessKeys: stored.accessKeys.map((key: { created: number }) => ({ ...key, created: new Date(key.created) })),
    version,
  };
}
