import { DecryptCommand, DescribeKeyCommand, DisableKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keyUsage } from "#operator/key-usage";
import { ACCOUNT } from "../service.ts";
import { allow, OTHER, policy, startAsked } from "./asked.ts";

const DAY = 86_400_000;
const Plaintext = Buffer.from("a");
let now = new Date("2026-06-10T00:00:00.000Z");
let service: Awaited<ReturnType<typeof startAsked>>;
beforeAll(async () => {
  service = await startAsked(() => now);
});
afterAll(() => service.stop());

const pass = (days: number): void => {
  now = new Date(now.getTime() + days * DAY);
};

it("tells who used a key and what for, the latest first; whoever only looked or was refused did not", async () => {
  const { id: KeyId, arn } = await service.key({ Effect: "Allow", Principal: { AWS: [ACCOUNT, OTHER] }, Action: "kms:*", Resource: "*" });
  const [alice, carol] = [
    await service.user("alice", [policy(allow("kms:*"))]),
    await service.user("carol", [policy(allow("kms:*"))], OTHER),
  ];
  const administrator = service.kms();
  await service.kms(alice).send(new EncryptCommand({ KeyId, Plaintext }));
  const { CiphertextBlob } = await service.kms(alice).send(new EncryptCommand({ KeyId, Plaintext }));
  await service.kms(alice).send(new DecryptCommand({ CiphertextBlob }));
  const byAlice = now;
  pass(1);
  await service.kms(carol).send(new EncryptCommand({ KeyId: arn, Plaintext }));
  const byCarol = now;
  pass(1);
  await administrator.send(new DescribeKeyCommand({ KeyId }));
  await administrator.send(new DisableKeyCommand({ KeyId }));
  await expect(administrator.send(new EncryptCommand({ KeyId, Plaintext }))).rejects.toThrow("is disabled");

  const users = [
    { caller: OTHER, calls: { Encrypt: 1 }, last: byCarol.toISOString() },
    { caller: alice.arn, calls: { Encrypt: 2, Decrypt: 1 }, last: byAlice.toISOString() },
  ];
  const since = new Date(now.getTime() - 30 * DAY).toISOString();
  for (const named of [KeyId, arn]) expect(await keyUsage(service.deps, named)).toEqual({ key: arn, since, users });
  pass(28.5);
  expect((await keyUsage(service.deps, KeyId)).users).toEqual(users.slice(0, 1));
  pass(30);
  expect((await keyUsage(service.deps, KeyId)).users).toEqual([]);
});

it("knows no key that is not there", async () => {
  await expect(keyUsage(service.deps, "alias/none")).rejects.toThrow("There is no key alias/none in us-east-1.");
});
