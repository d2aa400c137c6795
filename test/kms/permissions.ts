/** Who may call, as tests that operations share. */
import { type KMSClient, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT, HOME } from "../service.ts";
import type { OnKey } from "./identifiers.ts";
import { learned } from "./related.ts";
import { ADMINISTRATOR, type Answered, allowing, denying, type Kms, keyArn, OTHER_ACCOUNT } from "./start.ts";

const unauthorized = (arn: string, action: string) => `AccessDeniedException: User: ${arn} is not authorized to perform: ${action}`;
const HIDDEN =
  "on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";

/** @param action the permission on the key. @param others policies for what else a caller needs. */
export function itNeedsPermission(kms: Kms, action: string, call: OnKey, others: readonly object[] = []): void {
  describe(`needs ${action}`, () => {
    it("refuses a user without it, and records the refusal", async () => {
      const key = await kms.key();
      const user = await kms.someone(others);
      const { said, told } = await kms.refusal(call(user.client, key.id));
      expect(said).toBe(
        `${unauthorized(user.arn, action)} on resource: ${key.arn} because no identity-based policy allows the ${action} action`,
      );
      expect(told).toMatchObject({ caller: user.arn, resources: expect.arrayContaining([key.arn]), error: said, intents: [], changes: [] });
    });

    it("takes a user who has it for this key by an identity policy", async () => {
      const key = await kms.key();
      const user = await kms.someone([...others, allowing(action, key.arn)]);
      const { caller, error } = await kms.told(await call(user.client, key.id));
      expect({ caller, error }).toEqual({ caller: user.arn });
    });

    it("refuses a user to whom it is denied, whatever else allows it", async () => {
      const key = await kms.key();
      const user = await kms.someone([allowing("kms:*"), denying(action, key.arn)]);
      const said = await kms.refused(call(user.client, key.id));
      expect(said).toBe(`${unauthorized(user.arn, action)} on resource: ${key.arn} with an explicit deny in an identity-based policy`);
    });

    it("asks the key policy first: where it does not name the account, identity policies count for nothing", async () => {
      const key = await kms.key();
      await setPolicy(kms, key.id, [{ Effect: "Allow", Principal: { AWS: ADMINISTRATOR }, Action: "kms:*", Resource: "*" }]);
      const user = await kms.someone([allowing("kms:*")]);
      const said = await kms.refused(call(user.client, key.id));
      expect(said).toBe(
        `${unauthorized(user.arn, action)} on resource: ${key.arn} because no resource-based policy allows the ${action} action`,
      );
    });
  });
}

/** An operation whose permission is not on a key. */
export function itNeedsPermissionOnEverything(kms: Kms, action: string, call: (client: KMSClient) => Promise<Answered>): void {
  describe(`needs ${action}`, () => {
    it("refuses a user without it, and records the refusal", async () => {
      const user = await kms.someone();
      const { said, told } = await kms.refusal(call(user.client));
      expect(said).toBe(`${unauthorized(user.arn, action)} on resource: * because no identity-based policy allows the ${action} action`);
      expect(told).toMatchObject({ caller: user.arn, error: said, intents: [], changes: [] });
      expect(told.resources).toBeUndefined();
    });

    it("takes a user who has it", async () => {
      const user = await kms.someone([allowing(action)]);
      expect((await kms.told(await call(user.client))).caller).toBe(user.arn);
    });

    it("refuses a user to whom it is denied", async () => {
      const user = await kms.someone([allowing("*"), denying(action)]);
      expect(await kms.refused(call(user.client))).toBe(
        `${unauthorized(user.arn, action)} on resource: * with an explicit deny in an identity-based policy`,
      );
    });
  });
}

/** An operation that takes keys of other accounts, when both sides allow it. */
export function itWorksAcrossAccounts(kms: Kms, action: string, call: OnKey): void {
  describe("across accounts", () => {
    it("works when the key policy and the caller's identity policy both allow it", async () => {
      const key = await sharedKey(kms);
      const user = await kms.someone([allowing(action, key.arn)], OTHER_ACCOUNT);
      const told = await kms.told(await call(user.client, key.arn), undefined, OTHER_ACCOUNT);
      expect(told).toMatchObject({ caller: user.arn, resources: [key.arn] });
    });

    it("is refused when one of the two does not, without a word about the key", async () => {
      const [shared, unshared] = [await sharedKey(kms), await kms.key()];
      const without = await kms.someone([], OTHER_ACCOUNT);
      const allowed = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
      expect(await kms.refused(call(without.client, shared.arn), undefined, OTHER_ACCOUNT)).toBe(
        `${unauthorized(without.arn, action)} ${HIDDEN}`,
      );
      expect(await kms.refused(call(allowed.client, unshared.arn), undefined, OTHER_ACCOUNT)).toBe(
        `${unauthorized(allowed.arn, action)} ${HIDDEN}`,
      );
    });
  });
}

/** An operation on keys of the caller's account only. */
export function itStaysInItsAccount(kms: Kms, action: string, call: OnKey): void {
  it("refuses a key of another account, even if both sides would allow it", async () => {
    const key = await sharedKey(kms);
    const user = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
    expect(await kms.refused(call(user.client, key.arn), undefined, OTHER_ACCOUNT)).toBe(`${unauthorized(user.arn, action)} ${HIDDEN}`);
  });

  itMeansItsOwnAccount(kms, call);
}

/** A bare id means a key of the caller's account. */
export function itMeansItsOwnAccount(kms: Kms, call: OnKey): void {
  it("finds no key of another account by its bare id", async () => {
    const key = await sharedKey(kms);
    const user = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
    const own = keyArn(key.id, undefined, OTHER_ACCOUNT);
    for (const named of [key.id, own]) {
      expect(await kms.refused(call(user.client, named), undefined, OTHER_ACCOUNT)).toBe(`NotFoundException: Key '${own}' does not exist`);
    }
  });
}

/** A key whose policy lets another account use it. */
export async function sharedKey(kms: Kms) {
  const key = await kms.key();
  await setPolicy(kms, key.id, [{ Effect: "Allow", Principal: { AWS: [ACCOUNT, OTHER_ACCOUNT] }, Action: "kms:*", Resource: "*" }]);
  return key;
}

export async function setPolicy(kms: Kms, KeyId: string, Statement: readonly object[]): Promise<void> {
  // The ARN may be that of a replica.
  const region = KeyId.startsWith("arn:") ? KeyId.split(":")[3] : HOME;
  const client = region === HOME ? kms.client : kms.kms(kms.administrator, region);
  await client.send(new PutKeyPolicyCommand({ KeyId, Policy: JSON.stringify({ Version: "2012-10-17", Statement }) }));
  if (region !== HOME) await learned(kms);
}
