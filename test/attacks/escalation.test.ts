/** More rights than one was given: by handing them on to oneself, by renaming, by tagging, by naming what is somebody else's. */
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  TagResourceCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { beforeEach, describe, expect, test } from "vitest";
import { aliasArn, OTHER_ACCOUNT, OTHER_REGION, policyOf, startKms, type TestKey } from "../kms/start.ts";

const kms = startKms();
const Plaintext = Buffer.from("secret");
let victim: TestKey;
let blob: Uint8Array | undefined;

beforeEach(async () => {
  victim = await kms.key();
  blob = (await kms.client.send(new EncryptCommand({ KeyId: victim.id, Plaintext }))).CiphertextBlob;
});

const allowed = (Action: string | readonly string[], rest: object = {}) => policyOf({ Effect: "Allow", Action, Resource: "*", ...rest });
const DENIED = /^AccessDeniedException/;
const decrypts = () => new DecryptCommand({ CiphertextBlob: blob });

describe("escalation", () => {
  test("by a chain of grants: the last link has no operation that the first had not", async () => {
    const links = [await kms.someone(), await kms.someone(), await kms.someone()] as const;
    const grant = (GranteePrincipal: string, more: readonly "Decrypt"[] = []) =>
      new CreateGrantCommand({ KeyId: victim.arn, GranteePrincipal, Operations: ["CreateGrant", "Encrypt", ...more] });
    await kms.client.send(grant(links[0].arn));
    await links[0].client.send(grant(links[1].arn));
    await links[1].client.send(grant(links[2].arn));
    for (const from of links)
      for (const to of links) expect(await kms.refused(from.client.send(grant(to.arn, ["Decrypt"])))).toMatch(DENIED);
    for (const { client } of links) expect(await kms.refused(client.send(decrypts()))).toMatch(DENIED);
  });

  test("by PutKeyPolicy, with every other permission", async () => {
    const who = await kms.someone([allowed(["kms:Create*", "kms:TagResource", "kms:UpdateAlias", "kms:GetKeyPolicy", "kms:Encrypt"])]);
    const Policy = JSON.stringify(allowed("kms:*", { Principal: { AWS: who.arn } }));
    const put = { KeyId: victim.id, Policy, BypassPolicyLockoutSafetyCheck: true };
    expect(await kms.refused(who.client.send(new PutKeyPolicyCommand(put)))).toMatch(DENIED);
    expect(await kms.refused(who.client.send(decrypts()))).toMatch(DENIED);
  });

  test("by an alias that is moved to a key, when the alias has the permission", async () => {
    const AliasName = kms.newName("alias/mine");
    const byAlias = allowed("kms:Decrypt", { Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": AliasName } } });
    const own = await kms.key();
    const ofOwn = { Effect: "Allow", Action: ["kms:CreateAlias", "kms:UpdateAlias"], Resource: [own.arn, aliasArn(AliasName)] };
    const who = await kms.someone([byAlias, policyOf(ofOwn)]);
    expect(await kms.refused(who.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: victim.id })))).toMatch(DENIED);
    await who.client.send(new CreateAliasCommand({ AliasName, TargetKeyId: own.id }));
    expect(await kms.refused(who.client.send(new UpdateAliasCommand({ AliasName, TargetKeyId: victim.id })))).toMatch(DENIED);
    expect(await kms.refused(who.client.send(decrypts()))).toMatch(DENIED);
  });

  test("by a tag that one may not set, and by its name in other letters", async () => {
    const byTag = allowed("kms:Decrypt", { Condition: { StringEquals: { "aws:ResourceTag/team": "red" } } });
    const tags = allowed("kms:TagResource", { Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["note"] } } });
    const who = await kms.someone([byTag, tags]);
    const tag = (...keys: string[]) =>
      new TagResourceCommand({ KeyId: victim.id, Tags: keys.map((TagKey) => ({ TagKey, TagValue: "red" })) });
    await who.client.send(tag("note"));
    for (const keys of [["team"], ["note", "team"], ["TEAM"], ["__proto__"]])
      expect(await kms.refused(who.client.send(tag(...keys)))).toMatch(DENIED);
    expect(await kms.refused(who.client.send(decrypts()))).toMatch(DENIED);
  });

  test("by the permissions on a key that one makes oneself: re-encryption from the victim's to it", async () => {
    const who = await kms.someone([allowed(["kms:CreateKey", "kms:ReEncryptTo"])]);
    const { KeyMetadata } = await who.client.send(new CreateKeyCommand({}));
    const DestinationKeyId = KeyMetadata?.KeyId;
    expect(await kms.refused(who.client.send(new ReEncryptCommand({ CiphertextBlob: blob, DestinationKeyId })))).toMatch(DENIED);
  });
});

test("cross-account by id: whoever may everything over there has nothing of a key here, by id, ARN or ciphertext", async () => {
  const who = await kms.someone([allowed("*")], OTHER_ACCOUNT);
  const refused = (call: Promise<unknown>) => kms.refused(call, undefined, OTHER_ACCOUNT);
  expect(await refused(who.client.send(new EncryptCommand({ KeyId: victim.id, Plaintext })))).toMatch(/^NotFoundException/);
  expect(await refused(who.client.send(new EncryptCommand({ KeyId: victim.arn, Plaintext })))).toMatch(DENIED);
  expect(await refused(who.client.send(decrypts()))).toMatch(DENIED);
});

test("cross-Region by blob: a ciphertext of one Region is nothing in another, with its key named or not", async () => {
  const elsewhere = kms.kms(kms.administrator, OTHER_REGION);
  expect(await kms.refused(elsewhere.send(decrypts()), OTHER_REGION)).toMatch(DENIED);
  const named = new DecryptCommand({ CiphertextBlob: blob, KeyId: victim.arn });
  expect(await kms.refused(elsewhere.send(named), OTHER_REGION)).toMatch(/^NotFoundException/);
});
