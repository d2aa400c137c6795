/** Key pairs for tests, each made once: RSA's take their time. */
import { createHash, type KeyObject } from "node:crypto";
import { type AsymmetricSpec, generateKeyPair, privateKeyOf, publicKeyOf, type SigningAlgorithm } from "../index.ts";

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const MESSAGE = Buffer.from("The quick brown fox jumps over the lazy dog");

const made = new Map<string, Promise<Pair>>();

export function keyPairOf(spec: AsymmetricSpec, name = ""): Promise<Pair> {
  const known = made.get(spec + name);
  if (known !== undefined) return known;
  const making = generateKeyPair(spec).then(({ privateKey, publicKey }) => ({
    privateKey: privateKeyOf(privateKey),
    publicKey: publicKeyOf(publicKey),
  }));
  made.set(spec + name, making);
  return making;
}

export const digestOf = (algorithm: SigningAlgorithm, message: Uint8Array): Buffer =>
  createHash(`sha${algorithm.slice(-3)}`)
    .update(message)
    .digest();
