/** Whoever brings key material wraps it by tools of their own: here by the OpenSSL command line, and by Python's `cryptography`. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHmac, createPrivateKey, createPublicKey, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AlgorithmSpec,
  GenerateMacCommand,
  type GetParametersForImportCommandOutput,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type KeySpec,
  type KeyUsageType,
  SignCommand,
  type SigningAlgorithmSpec,
  type WrappingKeySpec,
} from "@aws-sdk/client-kms";
import { afterAll, describe, expect, it } from "vitest";
import { EXTERNAL, FOR_EVER, newMaterial, parametersFor, wrapped } from "../kms/imported.ts";
import { startKms, type TestKey } from "../kms/start.ts";

const withoutOpenssl = spawnSync("openssl", ["version"]).error !== undefined;
if (withoutOpenssl) console.warn("NOT RUN: material wrapped by the OpenSSL command line, because there is no openssl on this machine.");
const withoutPython = spawnSync("python3", ["-c", "import cryptography.hazmat.primitives.keywrap"]).status !== 0;
if (withoutPython) console.warn("NOT RUN: material wrapped by Python's `cryptography`, because there is none on this machine.");

const kms = startKms(EXTERNAL);
const folder = mkdtempSync(join(tmpdir(), "trent-import-"));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const openssl = (...options: string[]): Buffer => execFileSync("openssl", options, { stdio: ["ignore", "pipe", "pipe"] });

type Wrap = (publicKey: Uint8Array, algorithm: AlgorithmSpec, material: Uint8Array) => Buffer;
const hashOf = (algorithm: AlgorithmSpec): string => (algorithm.endsWith("_1") ? "sha1" : "sha256");

/** As the guide's examples do. @see AWS KMS Developer Guide, "Encrypt the key material" */
function byOpenssl(publicKey: Uint8Array, algorithm: AlgorithmSpec, material: Uint8Array): Buffer {
  const hash = hashOf(algorithm);
  const oaep = (file: string): Buffer =>
    openssl(
      ...["pkeyutl", "-encrypt", "-in", file, "-inkey", put("wrapping.der", publicKey), "-keyform", "DER", "-pubin"],
      ...["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", `rsa_oaep_md:${hash}`, "-pkeyopt", `rsa_mgf1_md:${hash}`],
    );
  if (algorithm.startsWith("RSAES")) return oaep(put("material", material));
  const between = openssl("rand", "32");
  const file = put("material", material);
  const inner = openssl("enc", "-id-aes256-wrap-pad", "-K", between.toString("hex"), "-iv", "A65959A6", "-in", file);
  return Buffer.concat([oaep(put("between", between)), inner]);
}

const PYTHON = `
import os, sys
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding
spki, algorithm, material = bytes.fromhex(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.stdin.read())
digest = hashes.SHA1 if algorithm.endswith("_1") else hashes.SHA256
oaep = padding.OAEP(mgf=padding.MGF1(digest()), algorithm=digest(), label=None)
key = serialization.load_der_public_key(spki)
if algorithm.startswith("RSAES"):
    print(key.encrypt(material, oaep).hex())
else:
    between = os.urandom(32)
    print((key.encrypt(between, oaep) + keywrap.aes_key_wrap_with_padding(between, material)).hex())
`;

function byPython(publicKey: Uint8Array, algorithm: AlgorithmSpec, material: Uint8Array): Buffer {
  const input = Buffer.from(material).toString("hex");
  return Buffer.from(
    execFileSync("python3", ["-c", PYTHON, Buffer.from(publicKey).toString("hex"), algorithm], { input })
      .toString()
      .trim(),
    "hex",
  );
}

const KINDS: readonly (readonly [KeySpec, KeyUsageType, AlgorithmSpec, WrappingKeySpec])[] = [
  ["HMAC_256", "GENERATE_VERIFY_MAC", "RSAES_OAEP_SHA_1", "RSA_2048"],
  ["HMAC_512", "GENERATE_VERIFY_MAC", "RSAES_OAEP_SHA_256", "RSA_4096"],
  ["ECC_NIST_P256", "SIGN_VERIFY", "RSAES_OAEP_SHA_256", "RSA_3072"],
  ["ECC_NIST_P384", "SIGN_VERIFY", "RSA_AES_KEY_WRAP_SHA_1", "RSA_2048"],
  ["RSA_2048", "SIGN_VERIFY", "RSA_AES_KEY_WRAP_SHA_256", "RSA_3072"],
  ["RSA_4096", "SIGN_VERIFY", "RSA_AES_KEY_WRAP_SHA_1", "RSA_4096"],
];
const Message = Buffer.from("attack at dawn");

async function importBy(wrap: Wrap, key: TestKey, algorithm: AlgorithmSpec, spec: WrappingKeySpec, material: Uint8Array): Promise<void> {
  const { ImportToken, PublicKey = new Uint8Array() } = await parametersFor(kms.client, key.id, algorithm, spec);
  const EncryptedKeyMaterial = wrap(PublicKey, algorithm, material);
  await kms.client.send(new ImportKeyMaterialCommand({ KeyId: key.id, ImportToken, EncryptedKeyMaterial, ...FOR_EVER }));
}

/** Says that a key holds this material: what it makes is what the material makes outside. */
async function expectToHold({ id: KeyId }: TestKey, spec: KeySpec, material: Buffer): Promise<void> {
  if (spec.startsWith("HMAC_")) {
    const MacAlgorithm = spec.replace("HMAC_", "HMAC_SHA_") as "HMAC_SHA_256";
    const { Mac = [] } = await kms.client.send(new GenerateMacCommand({ KeyId, MacAlgorithm, Message }));
    expect(Buffer.from(Mac)).toEqual(
      createHmac(`sha${spec.slice(5)}`, material)
        .update(Message)
        .digest(),
    );
    return;
  }
  const own = createPublicKey(createPrivateKey({ key: material, format: "der", type: "pkcs8" }));
  const { PublicKey = [] } = await kms.client.send(new GetPublicKeyCommand({ KeyId }));
  expect(Buffer.from(PublicKey)).toEqual(own.export({ type: "spki", format: "der" }));
  const bits = spec === "ECC_NIST_P384" ? 384 : 256;
  const SigningAlgorithm = (spec.startsWith("RSA") ? "RSASSA_PKCS1_V1_5_SHA_256" : `ECDSA_SHA_${bits}`) as SigningAlgorithmSpec;
  const { Signature = new Uint8Array() } = await kms.client.send(new SignCommand({ KeyId, SigningAlgorithm, Message }));
  expect(verify(`sha${bits}`, Message, own, Signature)).toBe(true);
}

/** Everybody's wrapping of the same bytes opens to the same material. */
async function expectTheSame(wrap: Wrap): Promise<void> {
  const key = await kms.key();
  const material = newMaterial("SYMMETRIC_DEFAULT");
  await importBy(wrap, key, "RSAES_OAEP_SHA_256", "RSA_2048", material);
  const ours: Wrap = (PublicKey, algorithm, bytes) =>
    wrapped({ PublicKey } as Pick<GetParametersForImportCommandOutput, "PublicKey">, algorithm, bytes);
  await importBy(ours, key, "RSA_AES_KEY_WRAP_SHA_256", "RSA_2048", material);
}

describe.skipIf(withoutOpenssl)("the OpenSSL command line", () => {
  it.each(KINDS)("brings material for %s (%s), wrapped by %s under %s", async (KeySpec, KeyUsage, algorithm, spec) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    const material = newMaterial(KeySpec);
    await importBy(byOpenssl, key, algorithm, spec, material);
    await expectToHold(key, KeySpec, material);
  });

  it.each([
    ["RSA_2048", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]],
    ["ECC_SECG_P256K1", ["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]],
    ["ECC_NIST_P521", ["EC", "-pkeyopt", "ec_paramgen_curve:secp521r1"]],
    ["ECC_NIST_EDWARDS25519", ["ED25519"]],
  ] as const)("brings a private key of %s that it has made", async (KeySpec, options) => {
    const key = await kms.key({ KeySpec, KeyUsage: "SIGN_VERIFY" });
    const pem = put("made.pem", openssl("genpkey", "-algorithm", ...options));
    const material = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in", pem);
    await importBy(byOpenssl, key, "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", material);
    const { PublicKey = [] } = await kms.client.send(new GetPublicKeyCommand({ KeyId: key.id }));
    expect(Buffer.from(PublicKey)).toEqual(openssl("pkey", "-pubout", "-outform", "DER", "-in", pem));
  });

  it("brings the same as Node does", () => expectTheSame(byOpenssl));
});

describe.skipIf(withoutPython)("Python's cryptography", () => {
  it.each(KINDS)("brings material for %s (%s), wrapped by %s under %s", async (KeySpec, KeyUsage, algorithm, spec) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    const material = newMaterial(KeySpec);
    await importBy(byPython, key, algorithm, spec, material);
    await expectToHold(key, KeySpec, material);
  });

  it("brings the same as Node does", () => expectTheSame(byPython));
});
