import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, test } from "vitest";
import { eventOf } from "#domain/event";
import { type Answered, OTHER_ACCOUNT, startKms } from "../kms/start.ts";
import { ACCOUNT, HOME } from "../service.ts";

const kms = startKms();
const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "kms:*", Resource: "*" } };
const open = { Version: "2012-10-17", Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" } };

async function eventIn(account: string, { $metadata: { requestId = "" } }: Answered) {
  const row = (await kms.records(requestId, HOME, account)).find(({ id }) => id === requestId);
  return row && eventOf({ region: HOME, account, id: row.id, record: row.record });
}
const refusal = (call: Promise<unknown>): Promise<Answered & Error> =>
  call.then(
    () => Promise.reject(new Error("The call was not refused.")),
    (cause: Answered & Error) => cause,
  );
const sharedKey = () => kms.key({ Policy: JSON.stringify(open), BypassPolicyLockoutSafetyCheck: true });

describe("a call on another account's key", () => {
  test("is in both accounts, under one shared id; the owner sees which account it was, and not who", async () => {
    const { arn } = await sharedKey();
    const stranger = await kms.someone([everything], OTHER_ACCOUNT);
    const done = await stranger.client.send(
      new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from("a"), EncryptionContext: { tenant: "theirs" } }),
    );
    const [theirs = {}, ours] = [await eventIn(OTHER_ACCOUNT, done), await eventIn(ACCOUNT, done)];
    const { userIdentity, eventID, recipientAccountId, ...same } = theirs as Readonly<Record<string, unknown>>;
    expect(userIdentity).toMatchObject({ type: "IAMUser", arn: stranger.arn, accountId: OTHER_ACCOUNT });
    expect(recipientAccountId).toBe(OTHER_ACCOUNT);
    expect(ours).toEqual({
      ...same,
      userIdentity: { type: "AWSAccount", principalId: stranger.id, accountId: OTHER_ACCOUNT },
      eventID: expect.any(String),
      recipientAccountId: ACCOUNT,
    });
    expect(ours?.eventID).not.toBe(eventID);
    expect(ours?.["sharedEventID"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ours?.["resources"]).toEqual([{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: arn }]);
    expect(JSON.stringify(ours)).not.toContain(stranger.accessKeyId);
  });

  describe("and one of somebody else, as a ReEncrypt may be,", () => {
    const reEncrypt = async (destination: { readonly arn: string }) => {
      const source = await sharedKey();
      const EncryptionContext = { tenant: "theirs" };
      const encrypted = await kms.client.send(new EncryptCommand({ KeyId: source.arn, Plaintext: Buffer.from("a"), EncryptionContext }));
      const call = (client: KMSClient) =>
        client.send(
          new ReEncryptCommand({
            ...{ CiphertextBlob: encrypted.CiphertextBlob, SourceEncryptionContext: EncryptionContext, SourceKeyId: source.arn },
            ...{ DestinationKeyId: destination.arn, DestinationEncryptionContext: { secret: "of another" } },
          }),
        );
      return { source, call };
    };

    test("is told to each owner without what concerns the other's key", async () => {
      const stranger = await kms.someone([everything], OTHER_ACCOUNT);
      const destination = await kms.key({}, stranger.client);
      const { source, call } = await reEncrypt(destination);
      const done = await call(stranger.client);
      expect(await eventIn(OTHER_ACCOUNT, done)).toMatchObject({
        requestParameters: { sourceEncryptionContext: { tenant: "theirs" }, destinationEncryptionContext: { secret: "of another" } },
        additionalEventData: { sourceKeyMaterialId: source.material, destinationKeyMaterialId: destination.material },
      });
      const ours = await eventIn(ACCOUNT, done);
      expect(ours?.["requestParameters"]).toEqual({
        sourceKeyId: source.arn,
        sourceEncryptionContext: { tenant: "theirs" },
        sourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      });
      expect(ours?.["additionalEventData"]).toEqual({ sourceKeyMaterialId: source.material });
      expect(ours?.["resources"]).toEqual([{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: source.arn }]);
      for (const untold of [destination.id, destination.material]) expect(JSON.stringify(ours)).not.toContain(untold);
    });

    test("nor is it told what is wrong with that", async () => {
      const stranger = await kms.someone([everything], OTHER_ACCOUNT);
      const destination = await kms.key({}, stranger.client);
      await stranger.client.send(new DisableKeyCommand({ KeyId: destination.id }));
      const { call } = await reEncrypt(destination);
      const error = await refusal(call(stranger.client));
      expect(await eventIn(OTHER_ACCOUNT, error)).toMatchObject({ errorMessage: `${destination.arn} is disabled.` });
      const ours = await eventIn(ACCOUNT, error);
      expect(ours).toMatchObject({ errorCode: "DisabledException" });
      expect(ours).not.toHaveProperty("errorMessage");
    });

    test("is told whole to the owner of both", async () => {
      const stranger = await kms.someone([everything], OTHER_ACCOUNT);
      const destination = await sharedKey();
      const { source, call } = await reEncrypt(destination);
      const done = await call(stranger.client);
      const [theirs, ours] = [await eventIn(OTHER_ACCOUNT, done), await eventIn(ACCOUNT, done)];
      for (const member of ["requestParameters", "additionalEventData", "resources"]) expect(ours?.[member]).toEqual(theirs?.[member]);
      const materials = { sourceKeyMaterialId: source.material, destinationKeyMaterialId: destination.material };
      expect(ours?.["additionalEventData"]).toEqual(materials);
    });
  });

  test("that changes something too, and the change is named where its intent stands", async () => {
    const { arn } = await sharedKey();
    const stranger = await kms.someone([everything], OTHER_ACCOUNT);
    const done = await stranger.client.send(
      new CreateGrantCommand({ KeyId: arn, GranteePrincipal: stranger.arn, Operations: ["Decrypt"] }),
    );
    const rows = (account: string) => kms.records(done.$metadata.requestId, HOME, account);
    expect((await rows(OTHER_ACCOUNT)).map(({ record }) => record.w?.length)).toEqual([undefined, 1]);
    expect((await rows(ACCOUNT)).map(({ record }) => record.w)).toEqual([undefined]);
    expect(await eventIn(ACCOUNT, done)).toMatchObject({ eventName: "CreateGrant", responseElements: { keyId: arn } });
  });

  test("that fails once it is let in is in both", async () => {
    const { arn, id } = await sharedKey();
    await kms.client.send(new DisableKeyCommand({ KeyId: id }));
    const stranger = await kms.someone([everything], OTHER_ACCOUNT);
    const error = await refusal(stranger.client.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from("a") })));
    expect(await eventIn(OTHER_ACCOUNT, error)).toMatchObject({ errorCode: "DisabledException" });
    expect(await eventIn(ACCOUNT, error)).toMatchObject({ errorCode: "DisabledException", userIdentity: { type: "AWSAccount" } });
  });

  test("that is refused is in the caller's account alone, which does not learn of the key", async () => {
    const { arn } = await kms.key();
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from("a") }));
    const stranger = await kms.someone([everything], OTHER_ACCOUNT);
    for (const call of [new DescribeKeyCommand({ KeyId: arn }), new DecryptCommand({ CiphertextBlob })]) {
      const error = await refusal(stranger.client.send(call as DescribeKeyCommand));
      expect(await eventIn(OTHER_ACCOUNT, error)).toMatchObject({ errorCode: "AccessDenied", resources: [] });
      expect(await eventIn(OTHER_ACCOUNT, error)).not.toHaveProperty("sharedEventID");
      expect(await eventIn(ACCOUNT, error)).toBeUndefined();
    }
  });
});

test("a call within one account is in no other, and has no shared id", async () => {
  const done = await kms.client.send(new CreateKeyCommand({}));
  expect(await eventIn(ACCOUNT, done)).not.toHaveProperty("sharedEventID");
  expect(await kms.records(done.$metadata.requestId, HOME, OTHER_ACCOUNT)).toEqual([]);
});
