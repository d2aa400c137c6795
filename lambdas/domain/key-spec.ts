/**
 * The kinds of KMS keys: for each spec what its keys may be used for, and by which algorithms, in the order in which KMS lists them.
 * @see AWS KMS Developer Guide, "Key spec reference"
 */
import { Fault } from "./fault.ts";

export type KeyUsage = "ENCRYPT_DECRYPT" | "SIGN_VERIFY" | "GENERATE_VERIFY_MAC" | "KEY_AGREEMENT" | "ENCAPSULATE_DECAPSULATE";

const RSA = {
  ENCRYPT_DECRYPT: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
  SIGN_VERIFY: [
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
  ],
} as const;
const nistCurve = <B extends 256 | 384 | 512>(hash: B) => ({ SIGN_VERIFY: [`ECDSA_SHA_${hash}`], KEY_AGREEMENT: ["ECDH"] }) as const;
const hmac = <B extends number>(bits: B) => ({ GENERATE_VERIFY_MAC: [`HMAC_SHA_${bits}`] }) as const;
const ML_DSA = { SIGN_VERIFY: ["ML_DSA_SHAKE_256"] } as const;
const ML_KEM = { ENCAPSULATE_DECAPSULATE: ["ML_KEM"] } as const;

const SPECS = {
  SYMMETRIC_DEFAULT: { ENCRYPT_DECRYPT: ["SYMMETRIC_DEFAULT"] },
  RSA_2048: RSA,
  RSA_3072: RSA,
  RSA_4096: RSA,
  ECC_NIST_P256: nistCurve(256),
  ECC_NIST_P384: nistCurve(384),
  ECC_NIST_P521: nistCurve(512),
  ECC_SECG_P256K1: { SIGN_VERIFY: ["ECDSA_SHA_256"] },
  ECC_NIST_EDWARDS25519: { SIGN_VERIFY: ["ED25519_SHA_512", "ED25519_PH_SHA_512"] },
  HMAC_224: hmac(224),
  HMAC_256: hmac(256),
  HMAC_384: hmac(384),
  HMAC_512: hmac(512),
  ML_DSA_44: ML_DSA,
  ML_DSA_65: ML_DSA,
  ML_DSA_87: ML_DSA,
  ML_KEM_512: ML_KEM,
  ML_KEM_768: ML_KEM,
  ML_KEM_1024: ML_KEM,
} as const;

/** Of the keys that this version makes: all but SM2, which AWS has in the China Regions only. */
export type KeySpec = keyof typeof SPECS;
type SecretSpec = "SYMMETRIC_DEFAULT" | HmacSpec;
type HmacSpec = Extract<KeySpec, `HMAC_${string}`>;
type AsymmetricSpec = Exclude<KeySpec, SecretSpec>;

type Uses = (typeof SPECS)[KeySpec];
/** The algorithms that keys of one usage have between them. */
export type AlgorithmFor<U extends KeyUsage> = Uses extends infer S
  ? S extends { readonly [u in U]: readonly (infer A)[] }
    ? A
    : never
  : never;
export type Algorithm = { [U in KeyUsage]: AlgorithmFor<U> }[KeyUsage];

/** What a key of this spec can be asked for under this usage; nothing when it cannot be used so. */
export const algorithmsOf = ({ spec, usage }: { readonly spec: KeySpec; readonly usage: KeyUsage }): readonly string[] =>
  (SPECS[spec] as Partial<Record<KeyUsage, readonly string[]>>)[usage] ?? [];

/** Says whether a key of this spec is a pair, with a public half. */
export const isAsymmetric = (spec: KeySpec): spec is AsymmetricSpec => spec !== "SYMMETRIC_DEFAULT" && !spec.startsWith("HMAC_");

/** Says whether material for keys of this spec can be made elsewhere and imported. */
export const isImportable = (spec: KeySpec): boolean => !spec.startsWith("ML_");

/** Bytes of the material of a key that is not a pair. "HMAC_n: n bits". */
export const secretLengthOf = (spec: SecretSpec): number => (spec === "SYMMETRIC_DEFAULT" ? 32 : Number(spec.slice("HMAC_".length)) / 8);

/** @throws {Fault} ValidationException when keys of this spec cannot be used so. */
export function requireCompatible(spec: KeySpec, usage: KeyUsage): void {
  if (algorithmsOf({ spec, usage }).length === 0)
    throw new Fault("ValidationException", `KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
}
