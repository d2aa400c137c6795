import type { KeyObject } from "node:crypto";
import { unwrapKey, wrapKey } from "@trent/crypto";
import type { User } from "#domain/user";
import { bounded } from "./bounded.ts";
import { type DomainKeys, isCurrent } from "./domain-keys.ts";
import type { EntityStore } from "./entities.ts";
import type { Items, NewItem } from "./items.ts";

/** A long-term credential; believed only while its user lists it as active. */
export interface AccessKey {
  readonly id: string;
  readonly account: string;
  /** The user's name when the key was made. */
  readonly user: string;
  /** The user's unique id: finds a user that was renamed since. */
  readonly userId?: string;
  /** Of a service, which has the name in the place of a user's too. */
  readonly service?: string;
  readonly wrapped: string;
  readonly domainKey: number;
}

export interface AccessKeyReader {
  accessKey(id: string): Promise<AccessKey | undefined>;
  /** The user that lists the key, active or not; undefined when none does. */
  userOf(accessKey: AccessKey): Promise<User | undefined>;
  /** Unwraps the secret of an access key. */
  secretOf(accessKey: AccessKey): Promise<KeyObject>;
}

export interface AccessKeyStore extends AccessKeyReader {
  /** Seals the secret and keeps it; it is worth nothing before the user lists it. @throws {Conflict} */
  createAccessKey(accessKey: Pick<AccessKey, "id" | "account" | "user" | "userId" | "service">, secret: KeyObject): Promise<void>;
  /** Of a key that its user does not list any more. */
  removeAccessKey(id: string): Promise<void>;
}

/** Secrets unwrapped and kept by a process. */
const SECRETS_KEPT = 10_000;

const rowKey = (id: string) => ({ pk: `AK#${id}`, sk: "AK" });
const sealedFor = (key: Pick<AccessKey, "id" | "account" | "user">) => ["access key secret", key.id, key.account, key.user];
const storedFrom = (body: string, version: number): { readonly accessKey: AccessKey; readonly version: number } => ({
  accessKey: JSON.parse(body),
  version,
});

/** Unwrapped secrets, by what they are wrapped in. */
export type KeptSecrets = ReturnType<typeof keptSecrets>;
export const keptSecrets = () => bounded<string, KeyObject>(SECRETS_KEPT);

/** @param items not gated: a row is worth nothing until the user's item, which is, lists the key. */
export function accessKeyStore(items: Items, keys: DomainKeys, users: EntityStore<User>, secrets: KeptSecrets): AccessKeyStore {
  const stored = (id: string) => items.get(rowKey(id), storedFrom);

  return {
    accessKey: async (id) => (await stored(id))?.accessKey,

    async userOf({ id, account, user: name, userId }) {
      const lists = (user: User | undefined) => user?.accessKeys.some((key) => key.id === id);
      const named = await users.get(account, name);
      if (lists(named)) return named;
      const renamed = userId === undefined ? undefined : await users.byId(userId);
      return lists(renamed) ? renamed : undefined;
    },

    async secretOf(accessKey) {
      const known = secrets.get(accessKey.wrapped);
      if (known) return known;
      const secret = await unsealed(accessKey, keys);
      secrets.set(accessKey.wrapped, secret);
      return secret;
    },

    async createAccessKey(accessKey, secret) {
      for (let version = 0; ; version += 1) {
        const { item, domainKey } = await sealed(accessKey, secret, keys);
        await items.put(item, version === 0 ? undefined : version);
        if (await isCurrent(keys, "secret", domainKey)) return;
      }
    },

    async removeAccessKey(id) {
      const known = await stored(id);
      if (known) await items.delete(rowKey(id), known.version);
    },
  };
}

/** Seals the secret of an access key anew under the current domain key; answers whether it was under another. @throws {Conflict} */
export async function rewrapAccessKey(items: Items, keys: DomainKeys, id: string): Promise<boolean> {
  const known = await items.get(rowKey(id), storedFrom);
  if (!known || known.accessKey.domainKey === (await keys.current("secret")).version) return false;
  const { item } = await sealed(known.accessKey, await unsealed(known.accessKey, keys), keys);
  await items.put(item, known.version);
  return true;
}

async function unsealed(accessKey: AccessKey, keys: DomainKeys): Promise<KeyObject> {
  const { id, wrapped, domainKey } = accessKey;
  const wrapping = await keys.version("secret", domainKey);
  if (!wrapping) throw new Error(`The domain key secret ${domainKey} is missing.`);
  try {
    return unwrapKey(wrapping, Buffer.from(wrapped, "base64"), sealedFor(accessKey));
  } catch (cause) {
    throw new Error(`The secret of the access key ${id} does not open under the domain key secret ${domainKey}.`, { cause });
  }
}

async function sealed(
  accessKey: Omit<AccessKey, "wrapped" | "domainKey">,
  secret: KeyObject,
  keys: DomainKeys,
): Promise<{ readonly item: NewItem; readonly domainKey: number }> {
  const { version, key } = await keys.current("secret");
  const wrapped = wrapKey(key, secret, sealedFor(accessKey)).toString("base64");
  const body = JSON.stringify({ ...accessKey, wrapped, domainKey: version } satisfies AccessKey);
  return { item: { ...rowKey(accessKey.id), body }, domainKey: version };
}
