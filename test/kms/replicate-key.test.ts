import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT, HOME } from "../service.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { described, learned, replicated, shownAs } from "./related.ts";
import { ADMINISTRATOR, allowing, keyArn, keyItem, members, OTHER_REGION, policyOf, startKms } from "./start.ts";
import { itFollowsKeyStates } from "./states.ts";

describe("ReplicateKey", () => {
  const kms = startKms({ MultiRegion: true });
  const replicate = (client: KMSClient, KeyId: string, more: Partial<ReplicateKeyCommandInput> = {}) =>
    client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: OTHER_REGION, ...more }));

  it("answers a replica that is being made: of the same id, and nothing of the primary key's own", async () => {
    const key = await kms.key({ Description: "the primary's", Tags: [{ TagKey: "a", TagValue: "b" }] });
    expect(key.id).toMatch(/^mrk-[0-9a-f]{32}$/);
    const primary = { Arn: key.arn, Region: HOME };
    const replica = { Arn: keyArn(key.id, OTHER_REGION), Region: OTHER_REGION };
    expect(members(await replicate(kms.client, key.id))).toEqual({
      ReplicaKeyMetadata: {
        AWSAccountId: ACCOUNT,
        KeyId: key.id,
        Arn: replica.Arn,
        CreationDate: kms.now(),
        Enabled: false,
        Description: "",
        KeyUsage: "ENCRYPT_DECRYPT",
        KeyState: "Creating",
        Origin: "AWS_KMS",
        KeyManager: "CUSTOMER",
        CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
        KeySpec: "SYMMETRIC_DEFAULT",
        EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
        MultiRegion: true,
        MultiRegionConfiguration: { MultiRegionKeyType: "REPLICA", PrimaryKey: primary, ReplicaKeys: [replica] },
      },
      ReplicaPolicy: expect.stringContaining(`arn:aws:iam::${ACCOUNT}:root`),
    });
  });

  it("answers description, policy and tags that the replica is given, and gives them to it", async () => {
    const key = await kms.key();
    const Policy = JSON.stringify(policyOf({ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "kms:*", Resource: "*" }));
    const Tags = [{ TagKey: "a", TagValue: "b" }];
    const answer = await replicate(kms.client, key.id, { Description: "there", Policy, Tags });
    expect(answer).toMatchObject({ ReplicaKeyMetadata: { Description: "there" }, ReplicaTags: Tags });
    expect(JSON.parse(answer.ReplicaPolicy ?? "")).toEqual(JSON.parse(Policy));
    const there = kms.kms(kms.administrator, OTHER_REGION);
    await shownAs(kms, there, key.id, { KeyState: "Enabled", Description: "there" });
    expect((await there.send(new GetKeyPolicyCommand({ KeyId: key.id }))).Policy).toBe(answer.ReplicaPolicy);
    expect((await there.send(new ListResourceTagsCommand({ KeyId: key.id }))).Tags).toEqual(Tags);
  });

  it("makes a key in the other Region that decrypts what the primary encrypts, and the other way round", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    const encrypt = async (client: KMSClient) =>
      (await client.send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") }))).CiphertextBlob;
    for (const [from, to, region] of [
      [kms.client, there, OTHER_REGION],
      [there, kms.client, HOME],
    ] as const) {
      const answer = await to.send(new DecryptCommand({ CiphertextBlob: await encrypt(from) }));
      expect(answer).toMatchObject({ KeyId: keyArn(key.id, region), KeyMaterialId: key.material });
      expect(Buffer.from(answer.Plaintext as Uint8Array).toString()).toBe("a");
    }
  });

  it("shares the material of pairs and of HMAC keys", async () => {
    const pair = await kms.key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const there = await replicated(kms, pair.id);
    const publicKey = async (client: KMSClient) => (await client.send(new GetPublicKeyCommand({ KeyId: pair.id }))).PublicKey;
    expect(await publicKey(there)).toEqual(await publicKey(kms.client));

    const secret = await kms.key({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    await replicated(kms, secret.id);
    const mac = async (client: KMSClient) =>
      (await client.send(new GenerateMacCommand({ KeyId: secret.id, MacAlgorithm: "HMAC_SHA_256", Message: Buffer.from("a") }))).Mac;
    expect(await mac(there)).toEqual(await mac(kms.client));
  });

  it("shows all related keys to each of them", async () => {
    const key = await kms.key();
    const first = await replicated(kms, key.id);
    const second = await replicated(kms, key.id, { ReplicaRegion: "ap-south-1" });
    const keyIn = (Region: string) => ({ Arn: keyArn(key.id, Region), Region });
    const related = { PrimaryKey: keyIn(HOME), ReplicaKeys: [keyIn(OTHER_REGION), keyIn("ap-south-1")] };
    expect((await described(kms.client, key.id)).MultiRegionConfiguration).toEqual({ MultiRegionKeyType: "PRIMARY", ...related });
    for (const there of [first, second])
      expect((await described(there, key.id)).MultiRegionConfiguration).toEqual({ MultiRegionKeyType: "REPLICA", ...related });
  });

  it("leaves state, policy, tags, aliases and grants to each key", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    await kms.client.send(new DisableKeyCommand({ KeyId: key.id }));
    await kms.client.send(new TagResourceCommand({ KeyId: key.id, Tags: [{ TagKey: "only", TagValue: "here" }] }));
    const AliasName = `alias/${kms.newName()}`;
    await kms.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }));
    const other = await kms.key();
    await replicated(kms, other.id);
    await kms.client.send(new CreateGrantCommand({ KeyId: other.id, GranteePrincipal: ADMINISTRATOR, Operations: ["Encrypt"] }));
    await learned(kms);
    expect((await described(there, key.id)).KeyState).toBe("Enabled");
    expect((await there.send(new ListResourceTagsCommand({ KeyId: key.id }))).Tags).toEqual([]);
    expect((await there.send(new ListAliasesCommand({ KeyId: key.id }))).Aliases).toEqual([]);
    expect((await there.send(new ListGrantsCommand({ KeyId: other.id }))).Grants).toEqual([]);
    expect((await there.send(new ListKeysCommand({}))).Keys?.map(({ KeyId }) => KeyId)).toContain(key.id);
  });

  it("refuses a second replica in a Region, and one in the primary key's own", async () => {
    const key = await kms.key();
    await replicate(kms.client, key.id);
    for (const ReplicaRegion of [OTHER_REGION, HOME])
      expect(await kms.refused(replicate(kms.client, key.id, { ReplicaRegion }))).toBe(
        `AlreadyExistsException: ${keyArn(key.id, ReplicaRegion)} already exists.`,
      );
  });

  it("refuses to replicate a replica, and a key of one Region", async () => {
    const [key, single] = [await kms.key(), await kms.key({ MultiRegion: false })];
    const there = await replicated(kms, key.id);
    expect(await kms.refused(replicate(there, key.id, { ReplicaRegion: "ap-south-1" }), OTHER_REGION)).toBe(
      `UnsupportedOperationException: ${keyArn(key.id, OTHER_REGION)} is not a multi-region primary key.`,
    );
    expect(await kms.refused(replicate(kms.client, single.id))).toBe(
      `UnsupportedOperationException: ${single.arn} is not a multi-region primary key.`,
    );
  });

  it.each(["us-east-9", "cn-north-1"])("refuses a Region that there is not, or not in this partition: %s", async (ReplicaRegion) => {
    const key = await kms.key();
    expect(await kms.refused(replicate(kms.client, key.id, { ReplicaRegion }))).toBe(
      `UnsupportedOperationException: The Region ${ReplicaRegion} is not enabled for replica keys.`,
    );
  });

  it("refuses a policy that locks its author out, and tags that cannot be", async () => {
    const key = await kms.key();
    const Policy = JSON.stringify(
      policyOf({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::999988887777:root" }, Action: "kms:*", Resource: "*" }),
    );
    expect(await kms.refused(replicate(kms.client, key.id, { Policy }))).toBe(
      "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.",
    );
    expect(await kms.refused(replicate(kms.client, key.id, { Tags: [{ TagKey: "aws:a", TagValue: "" }] }))).toBe(
      "TagException: Tags beginning with aws: are reserved",
    );
  });

  it("needs kms:CreateKey too, and kms:TagResource for tags", async () => {
    const key = await kms.key();
    const Tags = [{ TagKey: "a", TagValue: "b" }];
    const without = await kms.someone([allowing("kms:ReplicateKey")]);
    expect(await kms.refused(replicate(without.client, key.id))).toContain("not authorized to perform: kms:CreateKey on resource: *");
    const creator = await kms.someone([allowing(["kms:ReplicateKey", "kms:CreateKey"])]);
    expect(await kms.refused(replicate(creator.client, key.id, { Tags }))).toContain("perform: kms:TagResource");
    await replicate(creator.client, key.id);
  });

  it("asks for kms:CreateKey in the Region of the replica: who is kept out of it by aws:RequestedRegion is", async () => {
    const key = await kms.key();
    const Condition = { StringEquals: { "aws:RequestedRegion": OTHER_REGION } };
    const user = await kms.someone([allowing("kms:*"), policyOf({ Effect: "Deny", Action: "kms:*", Resource: "*", Condition })]);
    expect(await kms.refused(replicate(user.client, key.id))).toContain("kms:CreateKey on resource: * with an explicit deny");
    await replicate(user.client, key.id, { ReplicaRegion: "ap-south-1" });
  });

  it("can be confined to Regions by kms:ReplicaRegion", async () => {
    const key = await kms.key();
    const Condition = { StringEquals: { "kms:ReplicaRegion": "ap-south-1" } };
    const user = await kms.someone([allowing("kms:*"), policyOf({ ...STATEMENT, Effect: "Deny", Condition })]);
    expect(await kms.refused(replicate(user.client, key.id, { ReplicaRegion: "ap-south-1" }))).toContain("explicit deny");
    await replicate(user.client, key.id);
  });

  it("tells of replicas as policies ask: kms:MultiRegionKeyType", async () => {
    const key = await kms.key();
    await replicated(kms, key.id);
    const Condition = { StringEquals: { "kms:MultiRegionKeyType": "REPLICA" }, Bool: { "kms:MultiRegion": "true" } };
    const user = await kms.someone([allowing("kms:*"), policyOf({ Effect: "Deny", Action: "kms:Encrypt", Resource: "*", Condition })]);
    const encrypt = new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("a") });
    await user.client.send(encrypt);
    expect(await kms.refused(kms.kms(user, OTHER_REGION).send(encrypt), OTHER_REGION)).toContain("explicit deny");
  });

  it("leaves records in both Regions: the call, and who made a key there", async () => {
    const key = await kms.key();
    const answer = await replicate(kms.client, key.id, { Description: "there" });
    const told = await kms.told(answer);
    expect(told).toMatchObject({
      event: "ReplicateKey",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, replicaRegion: OTHER_REGION, description: "there", bypassPolicyLockoutSafetyCheck: false },
      response: { replicaKeyMetadata: { keyId: key.id, keyState: "Creating" } },
      resources: [key.arn],
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
    await shownAs(kms, kms.kms(kms.administrator, OTHER_REGION), key.id, { KeyState: "Enabled" });
    await learned(kms);
    const made = (await kms.log(OTHER_REGION)).filter(({ record }) => record.e === "CreateKey" && record.r?.[0]?.endsWith(key.id));
    expect(made.map(({ record }) => record).filter(({ i }) => !i)).toMatchObject([
      {
        c: { k: "user", a: ADMINISTRATOR },
        g: answer.$metadata.requestId,
        q: { description: "there", multiRegion: true, keySpec: "SYMMETRIC_DEFAULT" },
        a: { keyId: keyArn(key.id, OTHER_REGION) },
      },
    ]);
  });

  it("lets a Region have a replica again when the one before is gone", async () => {
    const key = await kms.key();
    const there = await replicated(kms, key.id);
    await there.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
    expect(await kms.refused(replicate(kms.client, key.id))).toContain("AlreadyExistsException");
    await there.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    await shownAs(kms, there, key.id, { KeyState: "Disabled" });
  });

  itTakesIdsAndArns(kms, "kms:ReplicateKey", replicate);
  itFollowsKeyStates(kms, replicate, {
    Enabled: "works",
    Disabled: "DisabledException: <arn> is disabled.",
    PendingDeletion: "KMSInvalidStateException: <arn> is pending deletion.",
  });
  itNeedsPermission(kms, "kms:ReplicateKey", replicate, [allowing("kms:CreateKey")]);
  itStaysInItsAccount(kms, "kms:ReplicateKey", replicate);
  itRequires(kms, "keyId", (client) => client.send(new ReplicateKeyCommand({ ReplicaRegion: OTHER_REGION } as never)));
  itRequires(kms, "replicaRegion", async (client) => client.send(new ReplicateKeyCommand({ KeyId: (await kms.key()).id } as never)));
});

const STATEMENT = { Action: "kms:ReplicateKey", Resource: "*" };
