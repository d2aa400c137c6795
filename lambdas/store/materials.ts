import type { KeyObject } from "node:crypto";
import { type BackingKey, generateKey, materialId, unwrapKey, wrapKey } from "@trent/crypto";
import { currentMaterial, type Key, type KeySpec, type Material } from "#domain/key";
import { bounded } from "./bounded.ts";
import type { DomainKeys } from "./domain-keys.ts";

/** What a material belongs to; its wrapping is bound to it. */
type Owner = Pick<Key, "account" | "id" | "spec">;

export interface MaterialMaker {
  /** New random material for a key of this spec, wrapped and ready to be stored in the key's item. */
  make(owner: Owner, now: Date): Promise<Material>;
}

export interface Materials extends MaterialMaker {
  /** The key's current material, or the one with this id; undefined when the key has none with it. */
  open(key: Key, id?: string): Promise<BackingKey | undefined>;
}

/** Opened materials kept by a process: immutable, so they never go stale; forgotten when they are the oldest. */
const MATERIALS_KEPT = 10_000;
const LENGTHS: Readonly<Record<KeySpec, number>> = { SYMMETRIC_DEFAULT: 32 };

const boundTo = (owner: Owner, id: string) => ["backing key", owner.account, owner.id, id, owner.spec];

/** Backing keys of one Region, wrapped under its material domain key. */
export function materialsOf(keys: DomainKeys): Materials {
  const opened = bounded<string, BackingKey>(MATERIALS_KEPT);

  async function open(key: Key, material: Material): Promise<BackingKey> {
    const wrapping: KeyObject | undefined = await keys.version("material", material.domainKey);
    if (!wrapping) throw new Error(`The domain key material ${material.domainKey} is missing.`);
    try {
      const backing = { id: material.id, key: unwrapKey(wrapping, Buffer.from(material.wrapped, "base64"), boundTo(key, material.id)) };
      opened.set(`${key.id} ${material.id}`, backing);
      return backing;
    } catch (cause) {
      throw new Error(
        `The material ${material.id} of the key ${key.arn} does not open under the domain key material ${material.domainKey}.`,
        { cause },
      );
    }
  }

  return {
    async make(owner, now) {
      const { version, key } = await keys.current("material");
      const material = generateKey(LENGTHS[owner.spec]);
      const id = materialId(owner.id, material);
      return { id, wrapped: wrapKey(key, material, boundTo(owner, id)).toString("base64"), domainKey: version, created: now };
    },

    async open(key, id) {
      const material = id === undefined ? currentMaterial(key) : key.materials.find((one) => one.id === id);
      if (!material) return undefined;
      return opened.get(`${key.id} ${material.id}`) ?? (await open(key, material));
    },
  };
}
