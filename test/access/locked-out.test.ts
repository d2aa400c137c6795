/**
 * Who writes a key policy must be able to change it again.
 * @see AWS KMS API Reference, CreateKey and PutKeyPolicy, "BypassPolicyLockoutSafetyCheck"
 */
import { CreateKeyCommand, GetKeyPolicyCommand, ListKeysCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import { ADMINISTRATOR, allowing, OTHER_ACCOUNT, startKms, type TestUser } from "../kms/start.ts";
import { enablesIam, ROOT } from "./examples.ts";
import { SAID } from "./refusals.ts";

const LOCKED_OUT = "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.";

interface People {
  readonly author: string;
  readonly other: string;
}
type Policy = (people: People) => object[];

const allow = (AWS: string | readonly string[], Action: string | readonly string[] = "kms:*", Condition?: object) => ({
  Effect: "Allow",
  Principal: { AWS },
  Action,
  Resource: "*",
  ...(Condition && { Condition }),
});
const deny = (AWS: string | readonly string[], Action: string | readonly string[] = "kms:*", Condition?: object) => ({
  ...allow(AWS, Action, Condition),
  Effect: "Deny",
});

const ACCEPTED: Record<string, Policy> = {
  "leaves it to the account": () => [enablesIam],
  "leaves it to the account by its number": () => [allow(ROOT.split(":")[4] ?? "")],
  "leaves just that to the account": () => [allow(ROOT, "kms:PutKeyPolicy")],
  "names its author": ({ author }) => [allow(author)],
  "names its author among others": ({ author, other }) => [allow([other, author])],
  "names its author for just that": ({ author }) => [allow(author, "kms:PutKeyPolicy")],
  "names its author for what is like that": ({ author }) => [allow(author, "kms:Put*")],
  "allows everybody": () => [allow("*")],
  "allows everybody of the account by a condition": () => [
    allow("*", "kms:*", { StringEquals: { "kms:CallerAccount": ROOT.split(":")[4] } }),
  ],
  "denies others": ({ other }) => [enablesIam, deny(other)],
  "denies its author other things": ({ author }) => [enablesIam, deny(author, ["kms:Encrypt", "kms:GetKeyPolicy"])],
  "allows all but other things": ({ author }) => [{ Effect: "Allow", Principal: { AWS: author }, NotAction: "kms:Decrypt", Resource: "*" }],
  "denies to change it without the check": ({ author }) => [
    allow(author),
    deny("*", "kms:PutKeyPolicy", { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } }),
  ],
  "names the policy that it is": ({ author }) => [allow(author, "kms:PutKeyPolicy", { StringEquals: { "kms:PolicyName": "default" } })],
};

const REFUSED: Record<string, Policy> = {
  "names somebody else": ({ other }) => [allow(other)],
  "names another account": () => [allow(`arn:aws:iam::${OTHER_ACCOUNT}:root`)],
  "lets its author do other things": ({ author }) => [allow(author, ["kms:Encrypt", "kms:Get*", "kms:List*"])],
  "leaves other things to the account": () => [allow(ROOT, ["kms:Encrypt", "kms:DescribeKey"])],
  "names nobody but a service": () => [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "kms:*", Resource: "*" }],
  "denies its author all": ({ author }) => [enablesIam, deny(author)],
  "denies its author just that": ({ author }) => [enablesIam, allow(author), deny(author, "kms:PutKeyPolicy")],
  "denies everybody that": () => [enablesIam, deny("*", "kms:Put*")],
  "denies the account that": () => [enablesIam, deny(ROOT, "kms:PutKeyPolicy")],
  "denies all but somebody else": ({ author, other }) => [
    allow(author),
    { Effect: "Deny", NotPrincipal: { AWS: [other] }, Action: "kms:*", Resource: "*" },
  ],
  "allows all but that": ({ author }) => [{ Effect: "Allow", Principal: { AWS: author }, NotAction: "kms:Put*", Resource: "*" }],
  "names the policy that it is not": ({ author }) => [allow(author, "kms:PutKeyPolicy", { StringEquals: { "kms:PolicyName": "AWS_RAM" } })],
  "allows its author to change it without the check only": ({ author }) => [
    allow(author, "kms:PutKeyPolicy", { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } }),
  ],
  "denies its author and allows nothing": ({ author }) => [deny(author, "kms:Encrypt")],
};

describe("the lockout safety check", () => {
  const kms = startKms();
  let author: TestUser;
  let other: TestUser;
  const text = (policy: Policy) => JSON.stringify({ Version: "2012-10-17", Statement: policy({ author: author.arn, other: other.arn }) });
  const keyCount = async () => (await kms.client.send(new ListKeysCommand({ Limit: 1000 }))).Keys?.length;
  const policyOf = async (KeyId: string) => JSON.parse((await kms.client.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? "");
  const create = (Policy: string, BypassPolicyLockoutSafetyCheck?: boolean) =>
    author.client.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck }));
  const put = (KeyId: string, Policy: string, BypassPolicyLockoutSafetyCheck?: boolean) =>
    author.client.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck }));

  beforeAll(async () => {
    [author, other] = [await kms.someone([allowing(["kms:CreateKey", "kms:PutKeyPolicy"])]), await kms.someone([allowing("kms:*")])];
  });

  describe.each(Object.entries(ACCEPTED))("takes a policy that %s", (_, policy) => {
    it("for a new key", async () => {
      expect((await create(text(policy))).KeyMetadata?.KeyState).toBe("Enabled");
    });

    it("for a key that there is, whose policy its author then changes again", async () => {
      const { id } = await kms.key();
      await put(id, text(policy));
      await put(id, JSON.stringify({ Version: "2012-10-17", Statement: [enablesIam] }));
      expect((await policyOf(id)).Statement).toEqual([enablesIam]);
    });
  });

  describe.each(Object.entries(REFUSED))("refuses a policy that %s", (_, policy) => {
    it("for a new key, which is not made", async () => {
      const before = await keyCount();
      for (const bypass of [undefined, false]) expect(await kms.refused(create(text(policy), bypass))).toBe(LOCKED_OUT);
      expect(await keyCount()).toBe(before);
    });

    it("for a key that there is, whose policy stays", async () => {
      const { id } = await kms.key();
      const before = await policyOf(id);
      for (const bypass of [undefined, false]) expect(await kms.refused(put(id, text(policy), bypass))).toBe(LOCKED_OUT);
      expect(await policyOf(id)).toEqual(before);
    });

    it("unless the check is bypassed", async () => {
      expect((await create(text(policy), true)).KeyMetadata?.KeyState).toBe("Enabled");
      const { id } = await kms.key();
      expect((await put(id, text(policy), true)).$metadata.httpStatusCode).toBe(200);
    });
  });

  it("bypassed, it leaves a key that its author does not govern any more", async () => {
    const { id, arn } = await kms.key();
    await put(
      id,
      text(({ other }) => [allow(other)]),
      true,
    );
    for (const bypass of [undefined, true])
      expect(
        await kms.refused(
          put(
            id,
            text(() => [enablesIam]),
            bypass,
          ),
        ),
      ).toBe(SAID["no key policy"]({ who: author.arn, action: "kms:PutKeyPolicy", on: arn }));
    await other.client.send(new PutKeyPolicyCommand({ KeyId: id, Policy: text(({ other }) => [allow([other, ADMINISTRATOR])]) }));
    expect((await policyOf(id)).Statement[0].Principal.AWS).toEqual([other.arn, ADMINISTRATOR]);
  });

  it("bypassing it bypasses nothing else", async () => {
    const { id, arn } = await kms.key();
    const nobody = await kms.someone();
    const Policy = text(() => [enablesIam]);
    const call = nobody.client.send(new PutKeyPolicyCommand({ KeyId: id, Policy, BypassPolicyLockoutSafetyCheck: true }));
    expect(await kms.refused(call)).toBe(SAID["no identity policy"]({ who: nobody.arn, action: "kms:PutKeyPolicy", on: arn }));
    const making = nobody.client.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }));
    expect(await kms.refused(making)).toBe(SAID["no identity policy"]({ who: nobody.arn, action: "kms:CreateKey", on: "*" }));
    expect(await kms.refused(put(id, "{}", true))).toMatch(/^MalformedPolicyDocumentException: /);
    expect(
      await kms.refused(
        put(
          id,
          text(() => [allow(`${ROOT.replace("root", "user")}/nobody`)]),
          true,
        ),
      ),
    ).toBe("MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.");
  });

  it("asks the policy, not what identity policies say today: who has the right from the account alone passes", async () => {
    const maker = await kms.someone([allowing("kms:CreateKey")]);
    const made = await maker.client.send(new CreateKeyCommand({ Policy: text(() => [enablesIam]) }));
    expect(made.KeyMetadata?.KeyState).toBe("Enabled");
    const { KeyMetadata } = await maker.client.send(new CreateKeyCommand({}));
    expect((await policyOf(KeyMetadata?.KeyId ?? "")).Statement).toEqual([enablesIam]);
  });
});
