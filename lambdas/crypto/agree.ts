import { diffieHellman, type KeyObject } from "node:crypto";
import { publicKeyOf } from "./key-pair.ts";

/**
 * The shared secret of ECDH (SP 800-56A, 5.7.1.2): the x-coordinate, with its leading zeros.
 *
 * @param theirs SubjectPublicKeyInfo of a named curve, ours; its point may be compressed.
 * @throws when it is anything else: another curve, a point that is not on it, the point at infinity, bytes behind it.
 */
export function agree(ours: KeyObject, theirs: Uint8Array): Buffer {
  const publicKey = publicKeyOf(theirs);
  const curve = ours.asymmetricKeyDetails?.namedCurve;
  // A key with parameters of its own in the place of a curve's name has no such detail.
  if (curve === undefined || publicKey.asymmetricKeyType !== "ec" || publicKey.asymmetricKeyDetails?.namedCurve !== curve)
    throw new RangeError("The public key is not of the same curve.");
  if (!isWhole(theirs)) throw new RangeError("There is more than a public key.");
  return diffieHellman({ privateKey: ours, publicKey });
}

/** A SEQUENCE of these bytes and no more: all of these keys are shorter than 256 bytes. */
const isWhole = (der: Uint8Array): boolean => (der[1] === 0x81 ? (der[2] ?? 0) + 3 : (der[1] ?? 0) + 2) === der.length;
