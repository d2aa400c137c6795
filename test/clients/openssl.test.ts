/** Whoever has a key's public half needs no KMS: the OpenSSL command line does the other side of what KMS does. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DecryptCommand,
  DeriveSharedSecretCommand,
  GetPublicKeyCommand,
  type KeySpec,
  SignCommand,
  type SigningAlgorithmSpec,
} from "@aws-sdk/client-kms";
import { afterAll, describe, expect, it } from "vitest";
import { startKms, type TestKey } from "../kms/start.ts";

const absent = spawnSync("openssl", ["version"]).error !== undefined;
if (absent) console.warn("There is no openssl on this machine: its tests are skipped.");

const SIGNATURES: readonly (readonly [KeySpec, SigningAlgorithmSpec])[] = [
  ["RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"],
  ["RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512"],
  ["RSA_2048", "RSASSA_PSS_SHA_256"],
  ["RSA_2048", "RSASSA_PSS_SHA_384"],
  ["ECC_NIST_P256", "ECDSA_SHA_256"],
  ["ECC_NIST_P384", "ECDSA_SHA_384"],
  ["ECC_NIST_P521", "ECDSA_SHA_512"],
  ["ECC_SECG_P256K1", "ECDSA_SHA_256"],
];

describe.skipIf(absent)("the OpenSSL command line", () => {
  const kms = startKms();
  const folder = mkdtempSync(join(tmpdir(), "trent-openssl-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const path = (name: string): string => join(folder, name);
  const put = (name: string, bytes: Uint8Array): string => {
    writeFileSync(path(name), bytes);
    return path(name);
  };
  const openssl = (...options: string[]): Buffer => execFileSync("openssl", options, { stdio: ["ignore", "pipe", "pipe"] });
  async function publicKeyOf({ id }: TestKey): Promise<string> {
    const { PublicKey = new Uint8Array() } = await kms.client.send(new GetPublicKeyCommand({ KeyId: id }));
    return put(`${id}.der`, PublicKey);
  }
  const Message = Buffer.from("attack at dawn");
  const pss = (algorithm: string): string[] =>
    algorithm.startsWith("RSASSA_PSS") ? ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] : [];
  const hash = (algorithm: string): string => `-sha${algorithm.slice(-3)}`;

  it.each(SIGNATURES)("verifies a signature of a key of %s by %s, of a message and of its digest", async (KeySpec, SigningAlgorithm) => {
    const key = await kms.key({ KeySpec, KeyUsage: "SIGN_VERIFY" });
    const publicKey = await publicKeyOf(key);
    const message = put("message", Message);
    const digest = openssl("dgst", hash(SigningAlgorithm), "-binary", message);
    for (const signed of [{ Message }, { Message: digest, MessageType: "DIGEST" } as const]) {
      const { Signature = new Uint8Array() } = await kms.client.send(new SignCommand({ KeyId: key.id, SigningAlgorithm, ...signed }));
      const options = [...pss(SigningAlgorithm), "-keyform", "DER", "-verify", publicKey, "-signature", put("signature", Signature)];
      expect(openssl("dgst", hash(SigningAlgorithm), ...options, message).toString()).toBe("Verified OK\n");
    }
  });

  it.each(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] as const)("encrypts by %s what Decrypt reads", async (EncryptionAlgorithm) => {
    const key = await kms.key({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
    const digest = EncryptionAlgorithm === "RSAES_OAEP_SHA_1" ? "sha1" : "sha256";
    const oaep = ["rsa_padding_mode:oaep", `rsa_oaep_md:${digest}`, `rsa_mgf1_md:${digest}`].flatMap((option) => ["-pkeyopt", option]);
    const to = ["-pubin", "-keyform", "DER", "-inkey", await publicKeyOf(key)];
    const CiphertextBlob = openssl("pkeyutl", "-encrypt", ...to, ...oaep, "-in", put("plaintext", Message));
    const opened = await kms.client.send(new DecryptCommand({ KeyId: key.id, CiphertextBlob, EncryptionAlgorithm }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Message);
  });

  it.each([
    ["ECC_NIST_P256", "P-256"],
    ["ECC_NIST_P384", "P-384"],
    ["ECC_NIST_P521", "P-521"],
  ] as const)("derives the secret that DeriveSharedSecret answers with a key of %s", async (KeySpec, curve) => {
    const key = await kms.key({ KeySpec, KeyUsage: "KEY_AGREEMENT" });
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`, "-out", path("private.pem"));
    openssl("pkey", "-in", path("private.pem"), "-pubout", "-outform", "DER", "-out", path("public.der"));
    const PublicKey = readFileSync(path("public.der"));
    const { SharedSecret } = await kms.client.send(
      new DeriveSharedSecretCommand({ KeyId: key.id, KeyAgreementAlgorithm: "ECDH", PublicKey }),
    );
    const theirs = ["-inkey", path("private.pem"), "-peerform", "DER", "-peerkey", await publicKeyOf(key)];
    expect(Buffer.from(SharedSecret ?? [])).toEqual(openssl("pkeyutl", "-derive", ...theirs));
  });
});
