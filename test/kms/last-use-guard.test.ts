/**
 * A policy may keep a key that is in use from being disabled and deleted.
 * @see AWS KMS Developer Guide, "kms:TrailingDaysWithoutKeyUsage"
 */
import {
  DisableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT } from "../service.ts";
import { allowing, policyOf, startKms, type TestKey } from "./start.ts";

const UNUSED = "kms:TrailingDaysWithoutKeyUsage";
const REFUSED = /is not authorized to perform: kms:\w+ on resource: \S+ with an explicit deny in an? \S+ policy/;
const guard = (days: number) => ({
  Effect: "Deny",
  Action: ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
  Resource: "*",
  Condition: { NumericLessThanEquals: { [UNUSED]: `${days}` } },
});

describe("A Deny of less than some days without use", () => {
  const kms = startKms();
  const use = ({ id: KeyId }: TestKey) => kms.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("text") }));
  const disable = ({ id: KeyId }: TestKey, client = kms.client) => client.send(new DisableKeyCommand({ KeyId }));
  const remove = ({ id: KeyId }: TestKey, client = kms.client) => client.send(new ScheduleKeyDeletionCommand({ KeyId }));

  /** A key whose own policy has this statement beside the one that lets its account. */
  async function guarded(statement: object): Promise<TestKey> {
    const key = await kms.key();
    const account = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [account, { Principal: "*", ...statement }] });
    await kms.client.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy }));
    return key;
  }

  it("refuses to disable a key that was used on one of them, and to delete it, and lets both be done on the day after", async () => {
    const key = await guarded(guard(30));
    await use(key);
    kms.advance({ days: 31, ms: -1 });
    for (const act of [disable, remove]) expect(await kms.refused(act(key))).toMatch(REFUSED);
    kms.advance({ ms: 1 });
    await disable(key);
    expect((await remove(key)).KeyState).toBe("PendingDeletion");
  });

  it("counts from the last use", async () => {
    const key = await guarded(guard(30));
    await use(key);
    kms.advance({ days: 20 });
    await use(key);
    kms.advance({ days: 20 });
    expect(await kms.refused(remove(key))).toMatch(REFUSED);
  });

  it("counts from when it was made for a key that was never used, whatever else is", async () => {
    const key = await guarded(guard(2));
    kms.advance({ days: 1 });
    await use(await kms.key());
    expect(await kms.refused(disable(key))).toMatch(REFUSED);
    kms.advance({ days: 2 });
    await disable(key);
  });

  it("does not count use that was refused", async () => {
    const key = await guarded(guard(30));
    kms.advance({ days: 31 });
    const stranger = await kms.someone();
    await kms.refused(stranger.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("text") })));
    await remove(key);
  });

  it("counts no more than the 90 days that uses are told of", async () => {
    const key = await guarded(guard(90));
    kms.advance({ days: 400 });
    expect(await kms.refused(remove(key))).toMatch(REFUSED);
    const other = await guarded(guard(89));
    kms.advance({ days: 90 });
    await remove(other);
  });

  it("does its work in an identity policy", async () => {
    const [fresh, old] = [await kms.key(), await kms.key()];
    const user = await kms.someone([allowing("kms:*"), policyOf(guard(7))]);
    kms.advance({ days: 8 });
    await use(fresh);
    expect(await kms.refused(remove(fresh, user.client))).toMatch(REFUSED);
    await remove(old, user.client);
  });

  it("lets an Allow wait for so many days", async () => {
    const key = await kms.key();
    const Condition = { NumericGreaterThanEquals: { [UNUSED]: "7" } };
    const user = await kms.someone([policyOf({ Effect: "Allow", Action: "kms:ScheduleKeyDeletion", Resource: "*", Condition })]);
    kms.advance({ days: 6 });
    expect(await kms.refused(remove(key, user.client))).toMatch(/because no identity-based policy allows/);
    kms.advance({ days: 1 });
    await remove(key, user.client);
  });

  it("has nothing to say of other operations, which do not tell it", async () => {
    const key = await guarded({ ...guard(30), Action: "kms:GetKeyPolicy" });
    await use(key);
    expect((await kms.client.send(new GetKeyPolicyCommand({ KeyId: key.id }))).Policy).toContain(UNUSED);
  });
});

describe("Where records are kept for 14 days", () => {
  const kms = startKms({}, { retention: { days: 14 } });

  it("a key counts as used before them, so that a Deny of more days holds, however long ago it was used", async () => {
    const user = await kms.someone([allowing("kms:*"), policyOf(guard(30))]);
    const key = await kms.key();
    await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("text") }));
    kms.advance({ days: 20 });
    expect(await kms.refused(user.client.send(new ScheduleKeyDeletionCommand({ KeyId: key.id })))).toMatch(REFUSED);
    kms.advance({ days: 100 });
    expect(await kms.refused(user.client.send(new ScheduleKeyDeletionCommand({ KeyId: key.id })))).toMatch(REFUSED);
  });

  it("a Deny of fewer days lets a key go that was not used since", async () => {
    const user = await kms.someone([allowing("kms:*"), policyOf(guard(13))]);
    const key = await kms.key();
    kms.advance({ days: 20 });
    await user.client.send(new ScheduleKeyDeletionCommand({ KeyId: key.id }));
  });
});
