/** The AWS Encryption SDK for JavaScript. @see AWS Encryption SDK Developer Guide */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buildClient, CommitmentPolicy, getClient, KMS, KmsKeyringNode } from "@aws-crypto/client-node";

const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const { TRENT_KEY: key, TRENT_URL: endpoint } = process.env;
const account = key.split(":")[4];
const encryptionContext = { purpose: "test" };
const plaintext = randomBytes(100_000);

const strict = new KmsKeyringNode({ generatorKeyId: key });
const { result } = await encrypt(strict, plaintext, { encryptionContext });
const opened = await decrypt(strict, result);
assert.deepEqual(opened.plaintext, plaintext);
assert.equal(opened.messageHeader.encryptionContext.purpose, "test");
console.log("ok encrypt and decrypt, strict");

const discovery = new KmsKeyringNode({ discovery: true, discoveryFilter: { accountIDs: [account], partition: "aws" } });
assert.deepEqual((await decrypt(discovery, result)).plaintext, plaintext);
console.log("ok decrypt by discovery");

const kms = new KMS({ endpoint });
const other = (await kms.createKey({})).KeyMetadata.Arn;
const both = await encrypt(new KmsKeyringNode({ generatorKeyId: key, keyIds: [other] }), plaintext, { encryptionContext });
assert.deepEqual((await decrypt(new KmsKeyringNode({ keyIds: [other] }), both.result)).plaintext, plaintext);
console.log("ok decrypt by the second of two keys");

const small = await encrypt(strict, plaintext, { frameLength: 1024 });
assert.deepEqual((await decrypt(strict, small.result)).plaintext, plaintext);
console.log("ok encrypt in frames of 1 KiB");

const asStranger = getClient(KMS, { profile: "stranger", endpoint });
await assert.rejects(
  () => decrypt(new KmsKeyringNode({ keyIds: [key], clientProvider: asStranger }), result),
  /AccessDenied|not authorized/,
);
console.log("ok decrypt by a stranger");

await assert.rejects(() => decrypt(new KmsKeyringNode({ keyIds: [other] }), result));
console.log("ok decrypt by a key that has no data key in the message");

const spoilt = Buffer.from(result);
spoilt[spoilt.length - 200] ^= 1;
await assert.rejects(() => decrypt(strict, spoilt));
console.log("ok decrypt of a spoilt message");

await kms.disableKey({ KeyId: key });
await assert.rejects(() => decrypt(strict, result), /disabled/);
console.log("ok decrypt with a disabled key");
