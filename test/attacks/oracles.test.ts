/** What is learned from how a refusal reads. */

import { createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { EncryptCommand, GetPublicKeyCommand } from "@aws-sdk/client-kms";
import { expect, test } from "vitest";
import { startKms } from "../kms/start.ts";

const kms = startKms();

/** All that an answer says, but for what names the call. */
const said = async (body: object) => {
  const { status, text, headers } = await kms.raw("Decrypt", body);
  const { date: _, "x-amzn-requestid": __, ...rest } = headers;
  return JSON.stringify({ status, text, rest });
};

test("padding oracle: every OAEP block that is wrong is refused in one way, whatever is wrong with it", async () => {
  const { id: KeyId } = await kms.key({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
  const { PublicKey = new Uint8Array() } = await kms.client.send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
  const raw = (block: Buffer) => publicEncrypt({ key, padding: 3 }, block);
  const blocks = [
    raw(Buffer.concat([Buffer.from([0]), randomBytes(255)])),
    raw(Buffer.concat([Buffer.from([1]), randomBytes(255)])),
    raw(Buffer.concat([Buffer.from([0, 2]), randomBytes(254)])),
    raw(Buffer.alloc(256)),
    publicEncrypt({ key, oaepHash: "sha1" }, Buffer.from("text")),
    publicEncrypt({ key, oaepHash: "sha256", oaepLabel: Buffer.from("label") }, Buffer.from("text")),
    publicEncrypt({ key, padding: 1 }, Buffer.from("text")),
    randomBytes(256).fill(0, 0, 1),
    Buffer.alloc(256, 0xff),
  ];
  const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
  const answers = await Promise.all(blocks.map((block) => said({ KeyId, EncryptionAlgorithm, CiphertextBlob: block.toString("base64") })));
  expect([...new Set(answers)]).toEqual([expect.stringContaining("InvalidCiphertextException")]);
});

test("error oracle: a ciphertext that is changed in its nonce, its body or its tag, and another context, are refused in one way", async () => {
  const { id: KeyId } = await kms.key();
  const sealed = await kms.client.send(new EncryptCommand({ KeyId, Plaintext: randomBytes(64), EncryptionContext: { a: "b" } }));
  const blob = Buffer.from(sealed.CiphertextBlob ?? []);
  const changed = [100, 60, 30, 16, 1].map((fromEnd) => {
    const other = Buffer.from(blob);
    other[blob.length - fromEnd] = (other[blob.length - fromEnd] ?? 0) ^ 1;
    return other;
  });
  const EncryptionContext = { a: "b" };
  const bodies = [
    ...changed.map((other) => ({ CiphertextBlob: other.toString("base64"), EncryptionContext })),
    { CiphertextBlob: blob.toString("base64"), EncryptionContext: { a: "c" } },
    { CiphertextBlob: blob.toString("base64") },
  ];
  expect([...new Set(await Promise.all(bodies.map(said)))]).toEqual([expect.stringContaining("InvalidCiphertextException")]);
});
