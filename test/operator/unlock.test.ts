import { createHash } from "node:crypto";
import { GetKeyPolicyCommand, PutKeyPolicyCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultKeyPolicy } from "#domain/policy/default-policy";
import { unlockKey } from "#operator/unlock";
import { ACCOUNT } from "../service.ts";
import { allow, OTHER, policy, startAsked, to } from "./asked.ts";

let trent: Awaited<ReturnType<typeof startAsked>>;
beforeAll(async () => {
  trent = await startAsked();
});
afterAll(() => trent.stop());

const unlocks = async (arn: string) => (await trent.log()).filter(({ record }) => record.e === "UnlockKey" && record.r.includes(arn));

it("unlock gives a key that locked everybody out the default policy again, beside the running server", async () => {
  const locked = policy(allow("kms:*", to(OTHER)));
  const { arn, id } = await trent.key(...locked.Statement);
  const refused = trent.kms().send(new GetKeyPolicyCommand({ KeyId: id }));
  await expect(refused).rejects.toThrow("is not authorized");

  const sha256 = createHash("sha256").update(JSON.stringify(locked)).digest("hex");
  const expected = defaultKeyPolicy(ACCOUNT, "aws");
  const replaced = { policy: JSON.stringify(locked), sha256 };
  expect(await unlockKey(trent.deps, arn)).toEqual({ key: arn, changed: true, policy: expected, replaced });
  expect((await trent.kms().send(new GetKeyPolicyCommand({ KeyId: id }))).Policy).toBe(expected);
  await trent.kms().send(new PutKeyPolicyCommand({ KeyId: id, Policy: expected }));
});

it("unlock is written down before and after: with the digest of the policy that it replaced, and not the policy", async () => {
  const { arn } = await trent.key(allow("kms:*", { Sid: "Secret words", ...to(OTHER) }));
  const { replaced } = await unlockKey(trent.deps, arn);
  const rows = (await unlocks(arn)).sort((one, other) => one.number - other.number);
  const c = { k: "service", a: "AWS Internal", i: ACCOUNT };
  const d = { replacedPolicySha256: replaced?.sha256, policySha256: expect.stringMatching(/^[0-9a-f]{64}$/), version: 3 };
  const w = [{ table: "keys", pk: `K#${arn.split("/")[1]}`, sk: "KEY", version: 3, mac: expect.any(String) }];
  expect(rows.map(({ record }) => record)).toEqual([
    { i: 1, s: "trent", e: "UnlockKey", c, r: [arn], d },
    { s: "trent", e: "UnlockKey", y: "AwsServiceEvent", t: expect.any(Number), c, ip: "AWS Internal", ua: "AWS Internal", r: [arn], d, w },
  ]);
  expect(JSON.stringify(rows)).not.toContain("Secret words");
});

it("unlock leaves alone, and records nothing of, a key that has the default policy", async () => {
  const { arn, id } = await trent.key();
  expect(await unlockKey(trent.deps, id)).toEqual({ key: arn, changed: false, policy: defaultKeyPolicy(ACCOUNT, "aws") });
  expect(await unlocks(arn)).toEqual([]);
});

it("unlock of one key by many at once: one does it, and each of the others is told", async () => {
  const { arn } = await trent.key(allow("kms:*", to(OTHER)));
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => unlockKey(trent.deps, arn)));
  const refused = all.filter(({ status }) => status === "rejected").map((each) => (each as PromiseRejectedResult).reason.message);
  const changed = all.filter((each) => each.status === "fulfilled" && each.value.changed);
  expect(changed).toHaveLength(1);
  for (const message of refused) expect(message).toBe("Somebody else has changed the key meanwhile: look, and try again.");
  // Whoever was refused has a record of it.
  expect((await unlocks(arn)).filter(({ record }) => record.x?.[0] === "Refusal")).toHaveLength(refused.length);
});

it("unlock takes a key that is to be deleted, and leaves it so", async () => {
  const { arn, id } = await trent.key();
  await trent.put(id, allow("kms:ScheduleKeyDeletion", to(`arn:aws:iam::${ACCOUNT}:user/administrator`)));
  await trent.kms().send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
  expect(await unlockKey(trent.deps, arn)).toMatchObject({ changed: true });
});

it.each([
  "00000000-0000-4000-8000-000000000000",
  `arn:aws:kms:eu-west-1:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`,
  "alias/none",
  "nonsense",
])("unlock refuses %s", async (named) => {
  await expect(unlockKey(trent.deps, named)).rejects.toThrow(`There is no key ${named} in us-east-1.`);
});

it("unlock refuses a Region that nobody has called", async () => {
  const deps = { ...trent.deps, region: "eu-west-1" };
  await expect(unlockKey(deps, "00000000-0000-4000-8000-000000000000")).rejects.toThrow(
    "There is nothing in eu-west-1 yet: nobody has called it.",
  );
});
