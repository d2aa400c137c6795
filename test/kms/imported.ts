/** What an owner of key material does to bring it: with Node's own cryptography, as whoever has no KMS. */
import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from "node:crypto";
import {
  type AlgorithmSpec,
  type CreateKeyCommandInput,
  GetParametersForImportCommand,
  type GetParametersForImportCommandOutput,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type ImportKeyMaterialCommandOutput,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  type WrappingKeySpec,
} from "@aws-sdk/client-kms";
import type { Kms, TestKey } from "./start.ts";

export const EXTERNAL: CreateKeyCommandInput = { Origin: "EXTERNAL" };
export const FOR_EVER = { ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" } as const;

/** Every kind of key whose material can be brought. */
export const IMPORTABLE: readonly (readonly [KeySpec, KeyUsageType])[] = [
  ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"],
  ["HMAC_224", "GENERATE_VERIFY_MAC"],
  ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ["HMAC_384", "GENERATE_VERIFY_MAC"],
  ["HMAC_512", "GENERATE_VERIFY_MAC"],
  ["RSA_2048", "SIGN_VERIFY"],
  ["RSA_3072", "ENCRYPT_DECRYPT"],
  ["RSA_4096", "SIGN_VERIFY"],
  ["ECC_NIST_P256", "SIGN_VERIFY"],
  ["ECC_NIST_P384", "KEY_AGREEMENT"],
  ["ECC_NIST_P521", "SIGN_VERIFY"],
  ["ECC_SECG_P256K1", "SIGN_VERIFY"],
  ["ECC_NIST_EDWARDS25519", "SIGN_VERIFY"],
];

const CURVES: Partial<Record<KeySpec, string>> = {
  ECC_NIST_P256: "P-256",
  ECC_NIST_P384: "P-384",
  ECC_NIST_P521: "P-521",
  ECC_SECG_P256K1: "secp256k1",
};
const HMAC_BYTES: Partial<Record<KeySpec, number>> = { HMAC_224: 28, HMAC_256: 32, HMAC_384: 48, HMAC_512: 64 };

/** New material for a key of this spec; of a pair its private half as PKCS #8. */
export function newMaterial(spec: KeySpec): Buffer {
  if (spec.startsWith("RSA_")) return der(generateKeyPairSync("rsa", { modulusLength: Number(spec.slice("RSA_".length)) }));
  if (spec === "ECC_NIST_EDWARDS25519") return der(generateKeyPairSync("ed25519"));
  const namedCurve = CURVES[spec];
  return namedCurve === undefined ? randomBytes(HMAC_BYTES[spec] ?? 32) : der(generateKeyPairSync("ec", { namedCurve }));
}

const der = ({ privateKey }: ReturnType<typeof generateKeyPairSync>): Buffer =>
  (privateKey as unknown as import("node:crypto").KeyObject).export({ type: "pkcs8", format: "der" });

export const parametersFor = (
  client: KMSClient,
  KeyId: string,
  WrappingAlgorithm: AlgorithmSpec = "RSAES_OAEP_SHA_256",
  WrappingSpec: WrappingKeySpec = "RSA_2048",
) => client.send(new GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: WrappingSpec }));

/** Material, wrapped as the algorithm says. */
export function wrapped(
  { PublicKey = new Uint8Array() }: Pick<GetParametersForImportCommandOutput, "PublicKey">,
  algorithm: AlgorithmSpec,
  material: Uint8Array,
): Buffer {
  const oaepHash = algorithm.endsWith("_1") ? "sha1" : "sha256";
  const key = { key: Buffer.from(PublicKey), format: "der", type: "spki", padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash } as const;
  if (!algorithm.startsWith("RSA_AES")) return publicEncrypt(key, material);
  const between = randomBytes(32);
  return Buffer.concat([publicEncrypt(key, between), wrappedByAes(between, material)]);
}

/** AES Key Wrap with Padding (RFC 5649). */
export function wrappedByAes(key: Uint8Array, material: Uint8Array): Buffer {
  const cipher = createCipheriv(`id-aes${key.length * 8}-wrap-pad`, key, Buffer.from("a65959a6", "hex"));
  return Buffer.concat([cipher.update(material), cipher.final()]);
}

/** Brings material, with new parameters, by a way that fits it. */
export async function importInto(
  client: KMSClient,
  KeyId: string,
  material: Uint8Array,
  options: Partial<ImportKeyMaterialCommandInput> = FOR_EVER,
): Promise<ImportKeyMaterialCommandOutput> {
  const algorithm = material.length > 150 ? "RSA_AES_KEY_WRAP_SHA_256" : "RSAES_OAEP_SHA_256";
  const parameters = await parametersFor(client, KeyId, algorithm);
  const { ImportToken } = parameters;
  return client.send(
    new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial: wrapped(parameters, algorithm, material), ...options }),
  );
}

/** A key with material from elsewhere, and that. */
export async function importedKey(
  kms: Kms,
  [KeySpec, KeyUsage]: readonly [KeySpec, KeyUsageType] = ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"],
  options?: Partial<ImportKeyMaterialCommandInput>,
): Promise<TestKey & { readonly bytes: Buffer }> {
  const key = await kms.key({ ...EXTERNAL, KeySpec, KeyUsage });
  const bytes = newMaterial(KeySpec);
  const { KeyMaterialId = "" } = await importInto(kms.client, key.id, bytes, options);
  return { ...key, material: KeyMaterialId, bytes };
}
