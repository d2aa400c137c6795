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

/** How the halves of a root stand in a file: as they are, or only for those who have something else too. */
export interface Keeping {
  /** What the file's `protection` says; undefined for halves as they are. */
  readonly protection: string | undefined;
  /** What stands in the file for new halves. @throws {RootUnusable} */
  kept(halves: Halves): Promise<object>;
  /** The halves of which this stands there. @throws {RootUnusable} */
  opened(stored: Stored): Promise<Halves>;
}

export interface Halves {
  readonly control: KeyObject;
  readonly material: KeyObject;
}

/** What was read from a file: base64, and whatever else its protection needs. */
export interface Stored {
  readonly control: string;
  readonly material: string;
  readonly [member: string]: unknown;
}

/** Takes both roots out of the given bytes and wipes them. @throws {RootUnusable} */
export function rootOf(control: Uint8Array, material: Uint8Array): Root {
  if (control.length !== ROOT_LENGTH || material.length !== ROOT_LENGTH)
    throw new RootUnusable("The root key is not two keys of 32 bytes.");
  return rootOfHalves({ control: secretKey(control), material: secretKey(material) });
}

/** @throws {RootUnusable} */
export function rootOfHalves({ control, material }: Halves): Root {
  if (control.symmetricKeySize !== ROOT_LENGTH || material.symmetricKeySize !== ROOT_LENGTH)
    throw new RootUnusable("The root key is not two keys of 32 bytes.");
  if (control.equals(material)) throw new RootUnusable("The two halves of the root key are the same.");
  return {
    fingerprint: `${fingerprint(control)}-${fingerprint(material)}`,
    control: async () => control,
    material: async () => material,
  };
}
