/** The AWS SDK for JavaScript v3. @see AWS SDK for JavaScript v3 Developer Guide */
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import * as sdk from "@aws-sdk/client-kms";

const kms = new sdk.KMS();
const stranger = new sdk.KMS({ profile: "stranger" });
const [KeyId, signing] = [process.env.TRENT_KEY, process.env.TRENT_SIGNING_KEY];
const EncryptionContext = { purpose: "test" };
const Plaintext = Buffer.from("hello");

const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext, EncryptionContext });
assert.deepEqual(Buffer.from((await kms.decrypt({ CiphertextBlob, EncryptionContext })).Plaintext), Plaintext);
console.log("ok encrypt and decrypt");

const other = (await kms.createKey({})).KeyMetadata.KeyId;
const moved = await kms.reEncrypt({ CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId: other });
assert.deepEqual(Buffer.from((await kms.decrypt({ CiphertextBlob: moved.CiphertextBlob, KeyId: other })).Plaintext), Plaintext);
console.log("ok reEncrypt to another key");

const pair = await kms.generateDataKeyPair({ KeyId, KeyPairSpec: "ECC_NIST_P256" });
const opened = await kms.decrypt({ CiphertextBlob: pair.PrivateKeyCiphertextBlob });
assert.deepEqual(opened.Plaintext, pair.PrivateKeyPlaintext);
console.log("ok generateDataKeyPair");

const { Signature } = await kms.sign({ KeyId: signing, Message: Plaintext, SigningAlgorithm: "ECDSA_SHA_256" });
const { PublicKey } = await kms.getPublicKey({ KeyId: signing });
const key = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
assert.ok(verify("sha256", Plaintext, key, Signature));
console.log("ok sign, and verify at home");

const arns = [];
for await (const { Keys } of sdk.paginateListKeys({ client: kms, pageSize: 1 }, {})) arns.push(...Keys.map(({ KeyArn }) => KeyArn));
assert.ok(arns.includes(KeyId) && arns.includes(signing));
console.log("ok listKeys by paginator");

await assert.rejects(() => stranger.decrypt({ CiphertextBlob, EncryptionContext }), sdk.KMSServiceException);
await assert.rejects(() => stranger.decrypt({ CiphertextBlob, EncryptionContext }), { name: "AccessDeniedException" });
console.log("ok decrypt by a stranger");

const spoilt = Uint8Array.from(CiphertextBlob);
spoilt[spoilt.length - 1] ^= 1;
await assert.rejects(() => kms.decrypt({ CiphertextBlob: spoilt, EncryptionContext }), sdk.InvalidCiphertextException);
console.log("ok decrypt of a spoilt ciphertext");

await assert.rejects(() => kms.describeKey({ KeyId: "alias/nobody" }), sdk.NotFoundException);
console.log("ok describeKey of no key");
