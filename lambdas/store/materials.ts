import type { KeyObject } from "node:crypto";
import { type BackingKey, generateKey, generateKeyPair, materialId, privateKeyOf, secretKey, unwrapKey, wrapKey } from "@trent/crypto";
import { currentMaterial, type Key, type Material } from "#domain/key";
import { isAsymmetric, type KeySpec, secretLengthOf } from "#domain/key-spec";
import { bounded } from "./bounded.ts";
import type { DomainKeys } from "./domain-keys.ts";

/** What a material belongs to; its wrapping is bound to it. */
type Owner = Pick<Key, "account" | "id" | "spec">;

export interface MaterialMaker {
  /** New random material for a key of this spec, wrapped and ready to be stored in the key's item. */
  make(owner: Owner, now: Date): Promise<Material>;
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

export interface Materials extends MaterialMaker, MaterialTaker {
  /** The key's current material, or the one with this id, as its algorithms take it; undefined when the key has none with it. */
  open(key: Key, id?: string): Promise<BackingKey | undefined>;
}

/** Opened materials kept by a process: immutable, so they never go stale; forgotten when they are the oldest. */
const SECRETS_KEPT = 10_000;
/** A parsed private key takes up to some tens of kilobytes. */
const PRIVATE_KEYS_KEPT = 1000;

const boundTo = (owner: Owner, id: string) => ["backing key", owner.account, owner.id, id, owner.spec];

/** Backing keys of one Region, wrapped under its material domain key. */
export function materialsOf(keys: DomainKeys): Materials {
  const secrets = bounded<string, BackingKey>(SECRETS_KEPT);
  const privateKeys = bounded<string, BackingKey>(PRIVATE_KEYS_KEPT);
  const keptFor = ({ spec }: Key) => (isAsymmetric(spec) ? privateKeys : secrets);

  async function open(key: Key, material: Material & { readonly wrapped: string }): Promise<BackingKey> {
    const wrapping: KeyObject | undefined = await keys.version("material", material.domainKey);
    if (!wrapping) throw new Error(`The domain key material ${material.domainKey} is missing.`);
    try {
      const unwrapped = unwrapKey(wrapping, Buffer.from(material.wrapped, "base64"), boundTo(key, material.id));
      const backing = { id: material.id, key: isAsymmetric(key.spec) ? parsed(unwrapped) : unwrapped };
      keptFor(key).set(`${key.id} ${material.id}`, backing);
      return backing;
    } catch (cause) {
      throw new Error(
        `The material ${material.id} of the key ${key.arn} does not open under the domain key material ${material.domainKey}.`,
        { cause },
      );
    }
  }

  async function take(owner: Owner, { secret, ...publicKey }: GivenMaterial, now: Date): Promise<Material> {
    const { version, key } = await keys.current("material");
    const id = materialId(owner.id, secret);
    const wrapped = wrapKey(key, secret, boundTo(owner, id)).toString("base64");
    return { id, wrapped, ...publicKey, domainKey: version, created: now };
  }

  return {
    make: async (owner, now) => take(owner, await generated(owner.spec), now),
    take,

    async open(key, id) {
      const material = id === undefined ? currentMaterial(key) : key.materials.find((one) => one.id === id);
      if (material?.wrapped === undefined) return undefined;
      return keptFor(key).get(`${key.id} ${material.id}`) ?? (await open(key, { ...material, wrapped: material.wrapped }));
    },
  };
}

/** Of a pair, the private half is the secret: it is wrapped as any other. */
async function generated(spec: KeySpec): Promise<GivenMaterial> {
  if (!isAsymmetric(spec)) return { secret: generateKey(secretLengthOf(spec)) };
  const { privateKey, publicKey } = await generateKeyPair(spec);
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
