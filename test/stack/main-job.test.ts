/** What people deploy a KMS for, through the real SDK. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { expect, test } from "vitest";
import { kmsAt } from "./clients.ts";
import { deployed, REGIONS } from "./deployment.ts";
import { openStore, SHARDS } from "./site.ts";

const { administrator } = deployed();

test.each(REGIONS)("in %s: makes keys, encrypts, decrypts, makes data keys, encrypts anew", async (region) => {
  const kms = kmsAt({ region });
  const [old, next] = await Promise.all([kms.send(new CreateKeyCommand({ Description: "orders" })), kms.send(new CreateKeyCommand({}))]);
  expect(old.KeyMetadata).toMatchObject({
    Arn: `arn:aws:kms:${region}:${administrator.account}:key/${old.KeyMetadata?.KeyId}`,
    Description: "orders",
    KeyState: "Enabled",
  });
  const AliasName = `alias/main-job-${Date.now()}`;
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: old.KeyMetadata?.KeyId }));
  expect((await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.Arn).toBe(old.KeyMetadata?.Arn);

  const Plaintext = Buffer.from("a secret");
  const EncryptionContext = { order: "42" };
  const sealed = await kms.send(new EncryptCommand({ KeyId: AliasName, Plaintext, EncryptionContext }));
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob, EncryptionContext }));
  expect(opened).toMatchObject({ KeyId: old.KeyMetadata?.Arn, Plaintext: Uint8Array.from(Plaintext) });
  await expect(kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))).rejects.toMatchObject({
    name: "InvalidCiphertextException",
    $metadata: { httpStatusCode: 400 },
  });

  const made = await kms.send(new GenerateDataKeyCommand({ KeyId: AliasName, KeySpec: "AES_256" }));
  expect(made.Plaintext).toHaveLength(32);
  const moved = await kms.send(new ReEncryptCommand({ CiphertextBlob: made.CiphertextBlob, DestinationKeyId: next.KeyMetadata?.KeyId }));
  const dataKey = await kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob }));
  expect(dataKey).toMatchObject({ KeyId: next.KeyMetadata?.Arn, Plaintext: made.Plaintext });
});

test.each(REGIONS)("in %s: a call's record has the request id that its caller was told, which is the gateway's", async (region) => {
  const { $metadata } = await kmsAt({ region }).send(new CreateKeyCommand({ Description: "recorded" }));
  const { database } = await openStore();
  const log = database.table("log", region);
  const days = await log.query({ pk: `${administrator.account}#DAYS`, limit: 10 });
  const partitions = days.rows.flatMap(({ sk }) => Array.from({ length: SHARDS }, (_, shard) => `${administrator.account}#${sk}#${shard}`));
  const pages = await Promise.all(partitions.map((pk) => log.query({ pk, limit: 10_000 })));
  const records = pages.flatMap(({ rows }) => rows.map(({ body }) => JSON.parse(body).r));
  await database.close();
  expect(records.filter(({ g }) => g === $metadata.requestId)).toMatchObject([
    { s: "kms", e: "CreateKey", c: { a: administrator.userArn }, q: { description: "recorded" } },
  ]);
});
