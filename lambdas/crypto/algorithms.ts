/**
 * The algorithms by KMS's names, and what each is made of.
 * @see AWS KMS Developer Guide, "Key spec reference"
 */

export type RsaSpec = `RSA_${2048 | 3072 | 4096}`;
export type EllipticSpec = `ECC_NIST_P${256 | 384 | 521}` | "ECC_SECG_P256K1";
export type MlDsaSpec = `ML_DSA_${44 | 65 | 87}`;
export type MlKemSpec = `ML_KEM_${512 | 768 | 1024}`;
export type AsymmetricSpec = RsaSpec | EllipticSpec | "ECC_NIST_EDWARDS25519" | MlDsaSpec | MlKemSpec;

export type RsaSigningAlgorithm = `RSASSA_${"PKCS1_V1_5" | "PSS"}_SHA_${256 | 384 | 512}`;
export type EcdsaAlgorithm = `ECDSA_SHA_${256 | 384 | 512}`;
export type SigningAlgorithm = RsaSigningAlgorithm | EcdsaAlgorithm | "ED25519_SHA_512" | "ED25519_PH_SHA_512" | "ML_DSA_SHAKE_256";
export type RsaEncryptionAlgorithm = `RSAES_OAEP_SHA_${1 | 256}`;
/** How material that is brought here is wrapped. */
export type WrappingAlgorithm = `${"RSAES_OAEP" | "RSA_AES_KEY_WRAP"}_SHA_${1 | 256}`;
export type MacAlgorithm = `HMAC_SHA_${224 | 256 | 384 | 512}`;

/** What is signed: a message, its digest, or the representative that ML-DSA makes of it (FIPS 204, algorithm 7, line 6). */
export type MessageType = "RAW" | "DIGEST" | "EXTERNAL_MU";

export type Hash = "sha1" | "sha224" | "sha256" | "sha384" | "sha512";

/** The hash function that an algorithm's name ends in. */
export const hashOf = (algorithm: RsaSigningAlgorithm | EcdsaAlgorithm | RsaEncryptionAlgorithm | MacAlgorithm): Hash =>
  `sha${algorithm.slice(algorithm.lastIndexOf("_") + 1)}` as Hash;

const HASH_BYTES: Readonly<Record<Hash, number>> = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 };
export const hashLengthOf = (hash: Hash): number => HASH_BYTES[hash];

/** Bytes of the digest that is signed in the place of a message: also of Ed25519ph, whose own is that of SHA-512. */
export const digestLengthOf = (algorithm: SigningAlgorithm): number =>
  algorithm.startsWith("RSASSA_") || algorithm.startsWith("ECDSA_") ? hashLengthOf(hashOf(algorithm as EcdsaAlgorithm)) : 64;
