/** Every kind of key that there is. @see AWS KMS Developer Guide, "Key spec reference" */
import type {
  DataKeyPairSpec,
  EncryptionAlgorithmSpec,
  KeyMetadata,
  KeySpec,
  KeyUsageType,
  MacAlgorithmSpec,
  SigningAlgorithmSpec,
} from "@aws-sdk/client-kms";

/** The members in which KMS lists algorithms. */
export type Lists = Pick<
  KeyMetadata,
  "EncryptionAlgorithms" | "SigningAlgorithms" | "MacAlgorithms" | "KeyAgreementAlgorithms" | "EncapsulationAlgorithms"
>;

const OAEP: Lists = { EncryptionAlgorithms: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] };
const RSASSA: Lists = {
  SigningAlgorithms: [
    ...(["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512"] as const),
    ...(["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"] as const),
  ],
};
const signs = (...SigningAlgorithms: SigningAlgorithmSpec[]): Lists => ({ SigningAlgorithms });
const macs = (...MacAlgorithms: MacAlgorithmSpec[]): Lists => ({ MacAlgorithms });
const AGREES: Lists = { KeyAgreementAlgorithms: ["ECDH"] };
const ENCAPSULATES: Lists = { EncapsulationAlgorithms: ["ML_KEM"] };

/** And the one list that its metadata has. */
export const KINDS: readonly (readonly [KeySpec, KeyUsageType, Lists])[] = [
  ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", { EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"] }],
  ["RSA_2048", "ENCRYPT_DECRYPT", OAEP],
  ["RSA_3072", "ENCRYPT_DECRYPT", OAEP],
  ["RSA_4096", "ENCRYPT_DECRYPT", OAEP],
  ["RSA_2048", "SIGN_VERIFY", RSASSA],
  ["RSA_3072", "SIGN_VERIFY", RSASSA],
  ["RSA_4096", "SIGN_VERIFY", RSASSA],
  ["ECC_NIST_P256", "SIGN_VERIFY", signs("ECDSA_SHA_256")],
  ["ECC_NIST_P384", "SIGN_VERIFY", signs("ECDSA_SHA_384")],
  ["ECC_NIST_P521", "SIGN_VERIFY", signs("ECDSA_SHA_512")],
  ["ECC_SECG_P256K1", "SIGN_VERIFY", signs("ECDSA_SHA_256")],
  ["ECC_NIST_EDWARDS25519", "SIGN_VERIFY", signs("ED25519_SHA_512", "ED25519_PH_SHA_512")],
  ["ML_DSA_44", "SIGN_VERIFY", signs("ML_DSA_SHAKE_256")],
  ["ML_DSA_65", "SIGN_VERIFY", signs("ML_DSA_SHAKE_256")],
  ["ML_DSA_87", "SIGN_VERIFY", signs("ML_DSA_SHAKE_256")],
  ["ECC_NIST_P256", "KEY_AGREEMENT", AGREES],
  ["ECC_NIST_P384", "KEY_AGREEMENT", AGREES],
  ["ECC_NIST_P521", "KEY_AGREEMENT", AGREES],
  ["HMAC_224", "GENERATE_VERIFY_MAC", macs("HMAC_SHA_224")],
  ["HMAC_256", "GENERATE_VERIFY_MAC", macs("HMAC_SHA_256")],
  ["HMAC_384", "GENERATE_VERIFY_MAC", macs("HMAC_SHA_384")],
  ["HMAC_512", "GENERATE_VERIFY_MAC", macs("HMAC_SHA_512")],
  ["ML_KEM_512", "ENCAPSULATE_DECAPSULATE", ENCAPSULATES],
  ["ML_KEM_768", "ENCAPSULATE_DECAPSULATE", ENCAPSULATES],
  ["ML_KEM_1024", "ENCAPSULATE_DECAPSULATE", ENCAPSULATES],
];

const ofUsage = (usage: KeyUsageType) => KINDS.flatMap(([spec, of, lists]) => (of === usage ? [[spec, lists] as const] : []));

/** Every spec with every algorithm that signs under it. */
export const SIGNING: readonly (readonly [KeySpec, SigningAlgorithmSpec])[] = ofUsage("SIGN_VERIFY").flatMap(
  ([spec, { SigningAlgorithms = [] }]) => SigningAlgorithms.map((algorithm) => [spec, algorithm] as const),
);
export const MACS: readonly (readonly [KeySpec, MacAlgorithmSpec])[] = ofUsage("GENERATE_VERIFY_MAC").flatMap(
  ([spec, { MacAlgorithms = [] }]) => MacAlgorithms.map((algorithm) => [spec, algorithm] as const),
);
/** Of RSA, with the most that each can encrypt. */
export const OAEPS: readonly (readonly [KeySpec, EncryptionAlgorithmSpec, bytes: number])[] = [
  ["RSA_2048", "RSAES_OAEP_SHA_1", 214],
  ["RSA_2048", "RSAES_OAEP_SHA_256", 190],
  ["RSA_3072", "RSAES_OAEP_SHA_1", 342],
  ["RSA_3072", "RSAES_OAEP_SHA_256", 318],
  ["RSA_4096", "RSAES_OAEP_SHA_1", 470],
  ["RSA_4096", "RSAES_OAEP_SHA_256", 446],
];

/** The pairs that may be made for use outside. */
export const PAIRS: readonly DataKeyPairSpec[] = [
  ...(["RSA_2048", "RSA_3072", "RSA_4096"] as const),
  ...(["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"] as const),
  ...(["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"] as const),
];

/** The way in which an algorithm takes a message that its signer has not hashed before. */
export const typeOf = (algorithm: SigningAlgorithmSpec): "RAW" | "DIGEST" => (algorithm === "ED25519_PH_SHA_512" ? "DIGEST" : "RAW");
