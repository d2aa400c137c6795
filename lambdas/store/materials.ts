import type { KeyObject } from "node:crypto";
import { type BackingKey, generateKey, materialId, privateKeyOf, secretKey, unwrapKey, wrapKey } from "@trent/crypto";
import { currentMaterial, type Key, type Material } from "#domain/key";
import { isAsymmetric, secretLengthOf } from "#domain/key-spec";
import { pairFor } from "#domain/pair-for";
import { bounded } from "./bounded.ts";
import { type DomainKey, type DomainKeys, isCurrent } from "./domain-keys.ts";

/** What a material belongs to; its wrapping is bound to it, and to no Region. */
type Owner = Pick<Key, "account" | "id" | "spec">;

/** Materials, and what they belong to. */
type Owned = Owner & Pick<Key, "materials" | "pending">;

export interface MaterialMaker {
  /** New random material for a key of this spec, wrapped and ready to be stored in the key's item; that of multi-Region keys opens in every Region. */
  make(owner: Owner & Pick<Key, "multiRegion">, now: Date): Promise<Material>;
}

/** Material that somebody brings. */
export interface GivenMaterial {
  /** Its bytes; of a pair, its private half as PKCS #8. */
  readonly secret: KeyObject;
  /** Of a pair: base64 of its SubjectPublicKeyInfo. */
  readonly publicKey?: string;
}

export interface MaterialTaker {
  /** Material for a key of this spec that was made elsewhere, wrapped and ready to be stored in the key's item. */
  take(owner: Owner, given: GivenMaterial, now: Date): Promise<Material>;
}

export interface MaterialWrapper {
  /** The same key with all its materials under the current domain key; undefined when they are. @throws when one does not open. */
  rewrapped<K extends Owned>(key: K): Promise<K | undefined>;
  /**
   * To be asked when a key has been written: as what it has to be written again, because material that was made here for it is under a domain key
   * whose time is over meanwhile; undefined when all is well.
   */
  caughtUp(key: Key): Promise<Key | undefined>;
}

export interface Materials extends MaterialMaker, MaterialTaker, MaterialWrapper {
  /** The key's current material, or the one with this id, as its algorithms take it; undefined when the key has none with it. */
  open(key: Key, id?: string): Promise<BackingKey | undefined>;
}

/** Opened materials kept by a process: immutable, so they never go stale; forgotten when they are the oldest. */
const SECRETS_KEPT = 10_000;
/** Materials that are about to be written. */
const UNWRITTEN = 1000;
/** A parsed private key takes up to some tens of kilobytes. */
const PRIVATE_KEYS_KEPT = 1000;

type WrappedMaterial = Material & { readonly wrapped: string };
type Wrapped = Pick<WrappedMaterial, "wrapped" | "domainKey" | "shared">;
const isWrapped = (material: Material): material is WrappedMaterial => material.wrapped !== undefined;
const wrappedOf = ({ materials, pending }: Pick<Key, "materials" | "pending">) =>
  [...materials, ...(pending ? [pending] : [])].filter(isWrapped);

const boundTo = (owner: Owner, id: string) => ["backing key", owner.account, owner.id, id, owner.spec];

/**
 * Backing keys of one Region, wrapped under its material domain key.
 * @param sharedKeys those of all Regions: what KMS makes for a multi-Region key is wrapped under theirs.
 */
export function materialsOf(keys: DomainKeys, sharedKeys: DomainKeys): Materials {
  const secrets = bounded<string, BackingKey>(SECRETS_KEPT);
  const privateKeys = bounded<string, BackingKey>(PRIVATE_KEYS_KEPT);
  /** The domain keys that materials are under which may not be written yet, by what they are wrapped in: one may be destroyed before. */
  const unwritten = bounded<string, DomainKey>(UNWRITTEN);
  const keptFor = ({ spec }: Key) => (isAsymmetric(spec) ? privateKeys : secrets);

  const domainOf = (shared: boolean | undefined): DomainKeys => (shared ? sharedKeys : keys);

  async function unwrapped(key: Owner, { id, wrapped, domainKey, shared }: WrappedMaterial): Promise<KeyObject> {
    const wrapping = unwritten.get(wrapped)?.key ?? (await domainOf(shared).version("material", domainKey));
    if (!wrapping) throw new Error(`The domain key material ${domainKey} is missing.`);
    try {
      return unwrapKey(wrapping, Buffer.from(wrapped, "base64"), boundTo(key, id));
    } catch (cause) {
      throw new Error(`The material ${id} of the key ${key.id} does not open under the domain key material ${domainKey}.`, { cause });
    }
  }

  async function open(key: Key, material: WrappedMaterial): Promise<BackingKey> {
    const secret = await unwrapped(key, material);
    const backing = { id: material.id, key: isAsymmetric(key.spec) ? parsed(secret) : secret };
    keptFor(key).set(`${key.id} ${material.id}`, backing);
    return backing;
  }

  async function wrapped(owner: Owner, id: string, secret: KeyObject, shared = false): Promise<Wrapped> {
    const { version, key } = await domainOf(shared).current("material");
    const wrapped = wrapKey(key, secret, boundTo(owner, id)).toString("base64");
    unwritten.set(wrapped, { version, key });
    return { wrapped, domainKey: version, ...(shared && { shared }) };
  }

  async function wrap(owner: Owner, { secret, ...publicKey }: GivenMaterial, now: Date, shared: boolean): Promise<Material> {
    const id = materialId(owner.id, secret);
    return { id, ...(await wrapped(owner, id, secret, shared)), ...publicKey, created: now };
  }

  async function rewrapped<K extends Owned>(key: K): Promise<K | undefined> {
    const behind = new Set<Material>();
    for (const one of wrappedOf(key)) if (!(await isCurrent(domainOf(one.shared), "material", one.domainKey))) behind.add(one);
    if (behind.size === 0) return undefined;
    const anew = async (material: Material): Promise<Material> =>
      behind.has(material) && isWrapped(material)
        ? { ...material, ...(await wrapped(key, material.id, await unwrapped(key, material), material.shared)) }
        : material;
    const materials = await Promise.all(key.materials.map(anew));
    return { ...key, materials, ...(key.pending && { pending: await anew(key.pending) }) };
  }

  return {
    make: async (owner, now) => wrap(owner, await generated(owner), now, owner.multiRegion !== undefined),
    // What its owner brings is brought to each Region.
    take: (owner, given, now) => wrap(owner, given, now, false),

    async open(key, id) {
      // Another Region may be using already what is still pending here.
      const known = key.pending?.shared ? [...key.materials, key.pending] : key.materials;
      const material = id === undefined ? currentMaterial(key) : known.find((one) => one.id === id);
      if (!material || !isWrapped(material)) return undefined;
      return keptFor(key).get(`${key.id} ${material.id}`) ?? (await open(key, material));
    },

    rewrapped,

    async caughtUp(key) {
      const made = wrappedOf(key).filter(({ wrapped }) => unwritten.get(wrapped));
      if (made.length === 0) return undefined;
      for (const { shared, domainKey } of made) if (!(await isCurrent(domainOf(shared), "material", domainKey))) return rewrapped(key);
      for (const { wrapped } of made) unwritten.delete(wrapped);
      return undefined;
    },
  };
}

/** Of a pair, the private half is the secret: it is wrapped as any other. */
async function generated({ spec, account }: Owner): Promise<GivenMaterial> {
  if (!isAsymmetric(spec)) return { secret: generateKey(secretLengthOf(spec)) };
  const { privateKey, publicKey } = await pairFor(account, spec);
  return { secret: secretKey(privateKey), publicKey: Buffer.from(publicKey).toString("base64") };
}

function parsed(unwrapped: KeyObject): KeyObject {
  const bytes = unwrapped.export();
  try {
    return privateKeyOf(bytes);
  } finally {
    bytes.fill(0);
  }
}
