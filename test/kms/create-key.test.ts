import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  ListResourceTagsCommand,
  type Tag,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT, HOME } from "../service.ts";
import { itNeedsPermissionOnEverything } from "./permissions.ts";
import { ADMINISTRATOR, allowing, keyArn, keyItem, members, OTHER_REGION, policyOf, startKms } from "./start.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const tagged = (count: number): Tag[] => Array.from({ length: count }, (_, number) => ({ TagKey: `tag-${number}`, TagValue: "1" }));
const LOCKOUT = "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.";

describe("CreateKey", () => {
  const kms = startKms();
  const create = (input: CreateKeyCommandInput = {}, client = kms.client) => client.send(new CreateKeyCommand(input));

  it("without arguments makes an enabled symmetric encryption key, and answers exactly what there is to say of it", async () => {
    const answer = await create();
    const id = answer.KeyMetadata?.KeyId as string;
    expect(id).toMatch(UUID);
    expect(members(answer)).toEqual({
      KeyMetadata: {
        AWSAccountId: ACCOUNT,
        KeyId: id,
        Arn: `arn:aws:kms:${HOME}:${ACCOUNT}:key/${id}`,
        CreationDate: kms.now(),
        Enabled: true,
        Description: "",
        KeyUsage: "ENCRYPT_DECRYPT",
        KeyState: "Enabled",
        Origin: "AWS_KMS",
        KeyManager: "CUSTOMER",
        CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
        KeySpec: "SYMMETRIC_DEFAULT",
        EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
        MultiRegion: false,
        CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    const described = await kms.client.send(new DescribeKeyCommand({ KeyId: id }));
    expect(described.KeyMetadata).toEqual(answer.KeyMetadata);
    expect((await kms.client.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from("a") }))).KeyId).toBe(keyArn(id));
  });

  it("leaves an intent before the key is there, and a record after", async () => {
    const Tags = [{ TagKey: "team", TagValue: "sales" }];
    const { KeyMetadata, $metadata } = await create({ Description: "orders", Tags, KeySpec: "SYMMETRIC_DEFAULT" });
    const id = KeyMetadata?.KeyId as string;
    expect(await kms.told({ $metadata })).toMatchObject({
      event: "CreateKey",
      caller: ADMINISTRATOR,
      parameters: {
        description: "orders",
        tags: [{ tagKey: "team", tagValue: "sales" }],
        keySpec: "SYMMETRIC_DEFAULT",
        origin: "AWS_KMS",
        multiRegion: false,
        bypassPolicyLockoutSafetyCheck: false,
      },
      response: {
        keyMetadata: { aWSAccountId: ACCOUNT, keyId: id, arn: keyArn(id), keyState: "Enabled", creationDate: kms.now().getTime() },
      },
      readOnly: false,
      intents: [keyItem(id, 1)],
      changes: [keyItem(id, 1)],
    });
  });

  it("makes another key each time, with material of its own", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => kms.key()));
    expect(new Set(made.map(({ id }) => id)).size).toBe(8);
    expect(new Set(made.map(({ material }) => material)).size).toBe(8);
  });

  it("makes a key in the Region that is called, and in no other", async () => {
    const elsewhere = kms.kms(kms.administrator, OTHER_REGION);
    const { id, arn } = await kms.key({}, elsewhere);
    expect(arn).toBe(keyArn(id, OTHER_REGION));
    expect((await elsewhere.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata?.Arn).toBe(arn);
    expect(await kms.refused(kms.client.send(new DescribeKeyCommand({ KeyId: id })))).toBe(
      `NotFoundException: Key '${keyArn(id)}' does not exist`,
    );
  });

  describe("keeps", () => {
    it("the description, of up to 8,192 characters", async () => {
      const Description = "ü".repeat(8192);
      expect((await create({ Description })).KeyMetadata?.Description).toBe(Description);
      expect(await kms.refused(create({ Description: `${Description}!` }))).toBe(
        `ValidationException: 1 validation error detected: Value '${Description.slice(0, 2048)}' at 'description' failed to satisfy constraint: Member must have length less than or equal to 8192`,
      );
    });

    it("the tags, up to fifty", async () => {
      const { id } = await kms.key({ Tags: tagged(50) });
      expect((await kms.client.send(new ListResourceTagsCommand({ KeyId: id }))).Tags).toHaveLength(50);
    });

    it("CustomerMasterKeySpec, the old name of KeySpec, as both", async () => {
      const { KeyMetadata } = await create({ CustomerMasterKeySpec: "SYMMETRIC_DEFAULT" });
      expect(KeyMetadata).toMatchObject({ KeySpec: "SYMMETRIC_DEFAULT", CustomerMasterKeySpec: "SYMMETRIC_DEFAULT" });
      expect(await kms.refused(create({ CustomerMasterKeySpec: "SYMMETRIC_DEFAULT", KeySpec: "SYMMETRIC_DEFAULT" }))).toMatch(
        /^ValidationException: /,
      );
    });

    it("the policy, or the default one, which leaves the decision to the account", async () => {
      const Policy = JSON.stringify(policyOf({ Effect: "Allow", Principal: { AWS: ADMINISTRATOR }, Action: "kms:*", Resource: "*" }));
      const policyOfKey = async (KeyId: string) => JSON.parse((await kms.client.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? "");
      expect(await policyOfKey((await kms.key({ Policy })).id)).toEqual(JSON.parse(Policy));
      expect(await policyOfKey((await kms.key()).id)).toEqual({
        Version: "2012-10-17",
        Id: "key-default-1",
        Statement: [
          {
            Sid: "Enable IAM User Permissions",
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
            Action: "kms:*",
            Resource: "*",
          },
        ],
      });
    });
  });

  describe("refuses", () => {
    it.each([
      ["the same key twice", [...tagged(1), ...tagged(1)], "Duplicate tag keys"],
      ["the reserved prefix", [{ TagKey: "aws:team", TagValue: "1" }], "Tags beginning with aws: are reserved"],
      ["the reserved prefix in any case", [{ TagKey: "AwS:team", TagValue: "1" }], "Tags beginning with aws: are reserved"],
      ["more than fifty", tagged(51), "Too many tags"],
    ])("tags with %s", async (_, Tags, text) => {
      expect(await kms.refused(create({ Tags }))).toBe(`TagException: ${text}`);
    });

    it("tags whose key or value is too long, all of them in one message", async () => {
      const Tags = [
        { TagKey: "k".repeat(129), TagValue: "" },
        { TagKey: "k", TagValue: "v".repeat(257) },
      ];
      expect(await kms.refused(create({ Tags }))).toBe(
        `ValidationException: 2 validation errors detected: Value '${"k".repeat(129)}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128; ` +
          `Value '${"v".repeat(257)}' at 'tags.2.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256`,
      );
    });

    it.each(["SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"] as const)(
      "the usage %s for a symmetric key",
      async (KeyUsage) => {
        expect(await kms.refused(create({ KeyUsage }))).toBe(
          `ValidationException: KeyUsage ${KeyUsage} is not compatible with KeySpec SYMMETRIC_DEFAULT`,
        );
      },
    );

    it.each([
      ["KeySpec", "keySpec", "AES_256"],
      ["CustomerMasterKeySpec", "customerMasterKeySpec", "ML_DSA_44"],
      ["KeyUsage", "keyUsage", "SIGN"],
      ["Origin", "origin", "AWS"],
    ])("a %s that there is not", async (name, member, value) => {
      expect(await kms.refused(create({ [name]: value } as CreateKeyCommandInput))).toContain(
        `ValidationException: 1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [`,
      );
    });
  });

  describe("with material from elsewhere", () => {
    it("waits for it, with the metadata of its kind and no material", async () => {
      const { KeyMetadata } = await create({ Origin: "EXTERNAL" });
      expect(KeyMetadata).toMatchObject({ Origin: "EXTERNAL", KeyState: "PendingImport", Enabled: false, KeySpec: "SYMMETRIC_DEFAULT" });
      for (const member of ["CurrentKeyMaterialId", "ExpirationModel", "ValidTo"]) expect(KeyMetadata).not.toHaveProperty(member);
    });

    it.each([
      ["ML_DSA_65", "SIGN_VERIFY"],
      ["ML_KEM_768", "ENCAPSULATE_DECAPSULATE"],
    ] as const)("is no key of %s", async (KeySpec, KeyUsage) => {
      expect(await kms.refused(create({ Origin: "EXTERNAL", KeySpec, KeyUsage }))).toBe(
        `UnsupportedOperationException: Origin EXTERNAL is not compatible with KeySpec ${KeySpec}.`,
      );
    });
  });

  it("makes a multi-Region primary key, which has no replicas yet", async () => {
    const { KeyMetadata: made } = await create({ MultiRegion: true });
    expect(made?.KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(made).toMatchObject({
      KeyState: "Enabled",
      MultiRegion: true,
      MultiRegionConfiguration: {
        MultiRegionKeyType: "PRIMARY",
        PrimaryKey: { Arn: keyArn(made?.KeyId ?? ""), Region: HOME },
        ReplicaKeys: [],
      },
    });
  });

  describe("has not in this version", () => {
    it.each([
      ["KeySpec", "SM2"] as const,
      ["CustomerMasterKeySpec", "SM2"] as const,
      ["Origin", "AWS_CLOUDHSM"] as const,
      ["Origin", "EXTERNAL_KEY_STORE"] as const,
    ])("%s %s", async (member, value) => {
      expect(await kms.refused(create({ [member]: value }))).toBe(
        `UnsupportedOperationException: ${member} ${value} is not available in this version.`,
      );
    });

    it.each([
      ["CustomKeyStoreId", "cks-1234567890abcdef0"],
      ["XksKeyId", "bb8562717f809024"],
    ])("%s", async (member, value) => {
      expect(await kms.refused(create({ [member]: value }))).toBe(
        `UnsupportedOperationException: ${member} is not available in this version.`,
      );
    });
  });

  describe("with a policy", () => {
    const allow = (AWS: string | readonly string[]) =>
      JSON.stringify(policyOf({ Effect: "Allow", Principal: { AWS }, Action: "kms:*", Resource: "*" }));

    it("refuses one that locks its author out, unless told not to check", async () => {
      const { arn, client } = await kms.someone([policyOf({ Effect: "Allow", Action: "kms:CreateKey", Resource: "*" })]);
      expect(await kms.refused(create({ Policy: allow(ADMINISTRATOR) }, client))).toBe(LOCKOUT);
      expect((await kms.key({ Policy: allow(ADMINISTRATOR), BypassPolicyLockoutSafetyCheck: true }, client)).id).toMatch(UUID);
      expect((await kms.key({ Policy: allow(arn) }, client)).id).toMatch(UUID);
    });

    it.each([
      ["a user that does not exist", `arn:aws:iam::${ACCOUNT}:user/nobody`],
      ["what is no ARN", "nobody"],
    ])("refuses one that names %s", async (_, AWS) => {
      expect(await kms.refused(create({ Policy: allow([ADMINISTRATOR, AWS]) }))).toBe(
        "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.",
      );
    });

    it("means the users who have their names now, not who takes them later", async () => {
      const user = await kms.someone();
      const { id } = await kms.key({ Policy: allow([ADMINISTRATOR, user.arn]) });
      expect((await user.client.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata?.KeyId).toBe(id);
      const { client } = await kms.namesake(user);
      expect(await kms.refused(client.send(new DescribeKeyCommand({ KeyId: id })))).toMatch(/^AccessDeniedException: /);
    });

    it("refuses one that is no policy", async () => {
      expect(await kms.refused(create({ Policy: "{}" }))).toMatch(/^MalformedPolicyDocumentException: /);
      expect(await kms.refused(create({ Policy: "policy" }))).toMatch(/^MalformedPolicyDocumentException: /);
    });

    it("refuses one of more than 32,768 bytes", async () => {
      const policy = allow(ADMINISTRATOR);
      const room = 32_768 - policy.length;
      expect((await kms.key({ Policy: policy + " ".repeat(room) })).id).toMatch(UUID);
      expect(await kms.refused(create({ Policy: policy + " ".repeat(room + 1) }))).toMatch(/^LimitExceededException: /);
    });
  });

  itNeedsPermissionOnEverything(kms, "kms:CreateKey", (client) => create({}, client));

  it("needs kms:TagResource too, when it is to have tags", async () => {
    const user = await kms.someone([allowing("kms:CreateKey")]);
    const tagged = { Tags: [{ TagKey: "team", TagValue: "sales" }] };
    expect(await kms.refused(create(tagged, user.client))).toBe(
      `AccessDeniedException: User: ${user.arn} is not authorized to perform: kms:TagResource on resource: * because no identity-based policy allows the kms:TagResource action`,
    );
    expect((await kms.key({}, user.client)).id).toMatch(UUID);
    const both = await kms.someone([allowing(["kms:CreateKey", "kms:TagResource"])]);
    expect((await kms.key(tagged, both.client)).id).toMatch(UUID);
  });

  it("records the new key as a resource", async () => {
    const answered = await create({});
    expect((await kms.told(answered)).resources).toEqual([answered.KeyMetadata?.Arn]);
  });
});
