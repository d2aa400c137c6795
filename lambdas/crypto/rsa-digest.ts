/**
 * RSA signatures over a digest: node:crypto hashes whatever it is given, so the encoding is done here and the bare RSA operation there, on the
 * caller's thread: 0.4 ms for RSA_2048, 4 ms for RSA_4096.
 * @see RFC 8017, sections 8 and 9
 */
import { constants, createHash, type KeyObject, privateEncrypt, publicDecrypt } from "node:crypto";
import { type Hash, hashLengthOf, hashOf, type RsaSigningAlgorithm } from "./algorithms.ts";
import { equal } from "./equal.ts";
import { randomBytes } from "./random.ts";

/** DER of the DigestInfo up to the digest. @see RFC 8017, 9.2, note 1 */
const DIGEST_INFO: Readonly<Partial<Record<Hash, string>>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

export function signRsaDigest(key: KeyObject, algorithm: RsaSigningAlgorithm, digest: Uint8Array): Buffer {
  const hash = hashOf(algorithm);
  if (isPss(algorithm)) return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded(digest, hash, bitsOf(key) - 1));
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(digest, hash));
}

/** @throws when the signature is no number below the modulus, or its padding none. */
export function verifyRsaDigest(key: KeyObject, algorithm: RsaSigningAlgorithm, digest: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== bitsOf(key) / 8) return false;
  const hash = hashOf(algorithm);
  if (isPss(algorithm)) {
    const message = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
    return isEncoded(message, digest, hash, bitsOf(key) - 1);
  }
  return equal(publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature), digestInfo(digest, hash));
}

const isPss = (algorithm: RsaSigningAlgorithm): boolean => algorithm.startsWith("RSASSA_PSS_");
const bitsOf = ({ asymmetricKeyDetails }: KeyObject): number => asymmetricKeyDetails?.modulusLength ?? 0;

const digestInfo = (digest: Uint8Array, hash: Hash): Buffer => Buffer.concat([Buffer.from(DIGEST_INFO[hash] ?? "", "hex"), digest]);

const TRAILER = 0xbc;

/** EMSA-PSS-ENCODE with a salt as long as the hash. @see RFC 8017, 9.1.1 */
function encoded(digest: Uint8Array, hash: Hash, bits: number): Buffer {
  const salt = randomBytes(hashLengthOf(hash));
  const tag = saltedHash(digest, salt, hash);
  const message = Buffer.alloc(Math.ceil(bits / 8));
  const seedAt = message.length - tag.length - 1;
  message[seedAt - salt.length - 1] = 1;
  message.set(salt, seedAt - salt.length);
  mask(message.subarray(0, seedAt), tag, hash);
  message[0] = (message[0] ?? 0) & topMask(message.length, bits);
  message.set(tag, seedAt);
  message[message.length - 1] = TRAILER;
  return message;
}

/** EMSA-PSS-VERIFY; a salt of another length is refused. @see RFC 8017, 9.1.2 */
function isEncoded(message: Buffer, digest: Uint8Array, hash: Hash, bits: number): boolean {
  const length = hashLengthOf(hash);
  const seedAt = message.length - length - 1;
  const top = topMask(message.length, bits);
  if (message.length !== Math.ceil(bits / 8) || message.at(-1) !== TRAILER || ((message[0] ?? 0) & ~top) !== 0) return false;
  const tag = message.subarray(seedAt, -1);
  const block = Buffer.from(message.subarray(0, seedAt));
  mask(block, tag, hash);
  block[0] = (block[0] ?? 0) & top;
  const saltAt = seedAt - length;
  const isPadded = block.subarray(0, saltAt - 1).every((byte) => byte === 0) && block[saltAt - 1] === 1;
  return isPadded && equal(saltedHash(digest, block.subarray(saltAt), hash), tag);
}

const saltedHash = (digest: Uint8Array, salt: Uint8Array, hash: Hash): Buffer =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();

/** The bits of the first byte that belong to the message. */
const topMask = (bytes: number, bits: number): number => 0xff >> (8 * bytes - bits);

/** XORs the output of MGF1 over a block. @see RFC 8017, B.2.1 */
function mask(block: Uint8Array, seed: Uint8Array, hash: Hash): void {
  const counter = Buffer.alloc(4);
  for (let at = 0; at < block.length; at += hashLengthOf(hash)) {
    counter.writeUInt32BE(at / hashLengthOf(hash));
    const part = createHash(hash).update(seed).update(counter).digest();
    for (let i = 0; i < part.length && at + i < block.length; i++) block[at + i] = (block[at + i] ?? 0) ^ (part[i] ?? 0);
  }
}
