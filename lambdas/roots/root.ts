import type { KeyObject } from "node:crypto";
import { fingerprint, secretKey } from "@trent/crypto";
import type { Roots } from "#store";

/** Bytes of each root. */
export const ROOT_LENGTH = 32;

/** The two roots, at hand, with what may be shown of them. */
export interface Root extends Roots {
  readonly fingerprint: string;
}

/** A root that cannot be used, with a line that tells the operator what to do. */
export class RootUnusable extends Error {
  override readonly name = "RootUnusable";
}

/** Takes both roots out of the given bytes and wipes them. */
export function rootOf(control: Uint8Array, material: Uint8Array): Root {
  if (control.length !== ROOT_LENGTH || material.length !== ROOT_LENGTH)
    throw new RootUnusable("The root key is not two keys of 32 bytes.");
  if (Buffer.compare(control, material) === 0) throw new RootUnusable("The two halves of the root key are the same.");
  const keys: Record<"control" | "material", KeyObject> = { control: secretKey(control), material: secretKey(material) };
  return {
    fingerprint: `${fingerprint(keys.control)}-${fingerprint(keys.material)}`,
    control: async () => keys.control,
    material: async () => keys.material,
  };
}
