import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  type PutKeyPolicyCommandInput,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT } from "../service.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, allowing, keyItem, members, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const allow = (AWS: string | readonly string[], Action = "kms:*") => ({ Effect: "Allow", Principal: { AWS }, Action, Resource: "*" });
const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const open = policy(allow(ROOT));
const LOCKOUT = "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.";
const UNKNOWN = "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.";

const put = (client: KMSClient, KeyId: string, Policy = open, rest: Partial<PutKeyPolicyCommandInput> = {}) =>
  client.send(new PutKeyPolicyCommand({ KeyId, Policy, ...rest }));

describe("PutKeyPolicy", () => {
  const kms = startKms();
  const policyOf = async (KeyId: string) => JSON.parse((await kms.client.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? "");
  const describeKey = (client: KMSClient, KeyId: string) => client.send(new DescribeKeyCommand({ KeyId }));

  it("replaces the policy, and answers nothing", async () => {
    const key = await kms.key();
    const next = policy(allow(ROOT), allow(ADMINISTRATOR, "kms:Encrypt"));
    expect(members(await put(kms.client, key.id, next))).toEqual({});
    expect(await policyOf(key.id)).toEqual(JSON.parse(next));
    expect(members(await put(kms.client, key.id, open, { PolicyName: "default" }))).toEqual({});
    expect(await policyOf(key.id)).toEqual(JSON.parse(open));
  });

  it("takes effect at once, for those whom it names and those whom it names no longer", async () => {
    const [key, user] = [await kms.key(), await kms.someone()];
    await put(kms.client, key.id, policy(allow(ROOT), allow(user.arn, "kms:DescribeKey")));
    expect((await describeKey(user.client, key.id)).KeyMetadata?.KeyId).toBe(key.id);
    await put(kms.client, key.id, open);
    expect(await kms.refused(describeKey(user.client, key.id))).toMatch(/^AccessDeniedException: /);
  });

  it("can deny what identity policies allow", async () => {
    const [key, user] = [await kms.key(), await kms.someone([allowing("kms:*")])];
    await put(kms.client, key.id, policy(allow(ROOT), { ...allow(user.arn, "kms:DescribeKey"), Effect: "Deny" }));
    expect(await kms.refused(describeKey(user.client, key.id))).toBe(
      `AccessDeniedException: User: ${user.arn} is not authorized to perform: kms:DescribeKey on resource: ${key.arn} with an explicit deny in a resource-based policy`,
    );
  });

  it("leaves an intent, and a record with the policy as it was sent", async () => {
    const key = await kms.key();
    expect(await kms.told(await put(kms.client, key.id))).toEqual({
      event: "PutKeyPolicy",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, policyName: "default", policy: open, bypassPolicyLockoutSafetyCheck: false },
      resources: [key.arn],
      readOnly: false,
      intents: [keyItem(key.id, 2)],
      changes: [keyItem(key.id, 2)],
    });
  });

  describe("refuses a policy", () => {
    it("that locks its author out, unless told not to check", async () => {
      const key = await kms.key();
      const user = await kms.someone([allowing("kms:PutKeyPolicy")]);
      const without = policy(allow(ADMINISTRATOR));
      expect(await kms.refused(put(user.client, key.id, without))).toBe(LOCKOUT);
      expect(await policyOf(key.id)).not.toEqual(JSON.parse(without));
      const told = await kms.told(await put(user.client, key.id, without, { BypassPolicyLockoutSafetyCheck: true }));
      expect(told.parameters).toMatchObject({ bypassPolicyLockoutSafetyCheck: true });
      expect(await policyOf(key.id)).toEqual(JSON.parse(without));
      expect(await kms.refused(put(user.client, key.id))).toMatch(/^AccessDeniedException: /);
    });

    it.each([
      ["that denies its author what it allows", policy(allow(ROOT), { ...allow("*", "kms:PutKeyPolicy"), Effect: "Deny" })],
      ["that allows others, and other things", policy(allow(ROOT, "kms:Encrypt"))],
    ])("%s", async (_, text) => {
      const key = await kms.key();
      expect(await kms.refused(put(kms.client, key.id, text))).toBe(LOCKOUT);
    });

    it.each([
      ["a user that does not exist", `arn:aws:iam::${ACCOUNT}:user/nobody`],
      ["a role that does not exist", `arn:aws:iam::${ACCOUNT}:role/nobody`],
      ["a user of an account that does not exist", "arn:aws:iam::999988887777:user/somebody"],
      ["a group", `arn:aws:iam::${ACCOUNT}:group/all`],
      ["the remains of a principal", "AIDAQQQQQQQQQQQQQQQQQ"],
      ["a wildcard", `arn:aws:iam::${ACCOUNT}:user/*`],
    ])("that names %s", async (_, arn) => {
      const key = await kms.key();
      expect(await kms.refused(put(kms.client, key.id, policy(allow(ROOT), allow(arn))))).toBe(UNKNOWN);
    });

    it("that names one who does not exist, even if told not to check for lockout", async () => {
      const key = await kms.key();
      const text = policy(allow(`arn:aws:iam::${ACCOUNT}:user/nobody`));
      expect(await kms.refused(put(kms.client, key.id, text, { BypassPolicyLockoutSafetyCheck: true }))).toBe(UNKNOWN);
    });

    it.each([
      ["no JSON", "policy"],
      ["an empty object", "{}"],
      [
        "a statement without an action",
        JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Resource: "*" }] }),
      ],
      [
        "a statement without a resource",
        JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "*" }] }),
      ],
      ["a version of its own", open.replace("2012-10-17", "2026-01-01")],
    ])("that is %s", async (_, text) => {
      const key = await kms.key();
      expect(await kms.refused(put(kms.client, key.id, text))).toMatch(/^MalformedPolicyDocumentException: /);
    });

    it("of more than 32,768 bytes", async () => {
      const key = await kms.key();
      await put(kms.client, key.id, open + " ".repeat(32_768 - open.length));
      expect(await kms.refused(put(kms.client, key.id, open + " ".repeat(32_769 - open.length)))).toMatch(/^LimitExceededException: /);
    });

    it("of no length, of more than 131,072 characters, or with characters that no policy has", async () => {
      const at = (value: string, rule: string) => `Value '${value}' at 'policy' failed to satisfy constraint: Member must ${rule}`;
      expect(await kms.refused(put(kms.client, "alias/any", ""))).toContain(at("", "have length greater than or equal to 1"));
      const long = "x".repeat(131_073);
      expect(await kms.refused(put(kms.client, "alias/any", long))).toBe(
        `ValidationException: 1 validation error detected: ${at(long.slice(0, 2048), "have length less than or equal to 131072")}`,
      );
      expect(await kms.refused(put(kms.client, "alias/any", "€"))).toBe(
        `ValidationException: 1 validation error detected: ${at("€", "satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")}`,
      );
    });
  });

  it.each([
    ["backup", "NotFoundException: No such policy exists"],
    ["AWS_RAM", "ValidationException: The AWS_RAM policy can only be managed by the RAM service."],
    [
      "invalid-name",
      "ValidationException: 1 validation error detected: Value 'invalid-name' at 'policyName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]+",
    ],
  ])("puts no policy of the name %s", async (PolicyName, refusal) => {
    const key = await kms.key();
    expect(await kms.refused(put(kms.client, key.id, open, { PolicyName }))).toBe(refusal);
  });

  it("means the user who had the name then, not who takes it later", async () => {
    const [key, user] = [await kms.key(), await kms.someone()];
    await put(kms.client, key.id, policy(allow(ROOT), allow(user.arn)));
    expect((await describeKey(user.client, key.id)).KeyMetadata?.KeyId).toBe(key.id);
    const namesake = await kms.namesake(user);
    expect(await kms.refused(describeKey(namesake.client, key.id))).toMatch(/^AccessDeniedException: /);
  });

  itTakesIdsAndArns(kms, "kms:PutKeyPolicy", put);
  itFollowsKeyStates(kms, put, always);
  itNeedsPermission(kms, "kms:PutKeyPolicy", put);
  itStaysInItsAccount(kms, "kms:PutKeyPolicy", put);
  itRequires(kms, "keyId", (client) => client.send(new PutKeyPolicyCommand({ Policy: open } as never)));
  itRequires(kms, "policy", (client) => client.send(new PutKeyPolicyCommand({ KeyId: "alias/any" } as never)));
});
