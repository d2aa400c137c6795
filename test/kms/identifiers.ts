/** The ways to name a key, as tests that operations share. */
import { CreateAliasCommand, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT, HOME } from "../service.ts";
import { ADMINISTRATOR, type Answered, aliasArn, type Kms, keyArn, OTHER_ACCOUNT } from "./start.ts";

export type OnKey = (client: KMSClient, keyId: string) => Promise<Answered>;

const UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab";
const tooLong = "a".repeat(2049);

/** @param action the permission on the key. @param member the identifier's, as messages write it. */
export function itTakesEveryIdentifier(kms: Kms, action: string, call: OnKey, member = "keyId"): void {
  describe("names its key", () => {
    it.each(["id", "ARN", "alias name", "alias ARN"])("by %s", async (form) => {
      const key = await kms.key();
      const name = kms.newName("alias/form");
      await kms.client.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: key.id }));
      const forms: Record<string, string> = { id: key.id, ARN: key.arn, "alias name": name, "alias ARN": aliasArn(name) };
      const answer = await call(kms.client, forms[form] as string);
      expect((await kms.told(answer)).resources).toContain(key.arn);
    });

    it.each(["alias/missing", aliasArn("alias/missing")])("and refuses an alias that does not exist: %s", async (named) => {
      expect(await kms.refused(call(kms.client, named))).toBe(`NotFoundException: Alias ${aliasArn("alias/missing")} is not found.`);
    });

    it("and refuses an alias ARN of another Region", async () => {
      expect(await kms.refused(call(kms.client, aliasArn("alias/any", "us-west-2")))).toBe("NotFoundException: Invalid arn us-west-2");
    });

    itRefusesWhatNamesNoKey(kms, action, call, member);
  });
}

const NO_ALIASES = "InvalidArnException: Key Aliases are not supported for this operation.";

/**
 * @param action the permission on the key.
 * @param member the identifier's, as messages write it.
 * @param refusal what is said to an alias.
 */
export function itTakesIdsAndArns(kms: Kms, action: string, call: OnKey, member = "keyId", refusal = NO_ALIASES): void {
  describe("names its key", () => {
    it.each(["id", "ARN"] as const)("by %s", async (form) => {
      const key = await kms.key();
      const answer = await call(kms.client, form === "id" ? key.id : key.arn);
      expect((await kms.told(answer)).resources).toContain(key.arn);
    });

    it.each(["alias/any", aliasArn("alias/any"), aliasArn("alias/any", "us-west-2")])(
      "and takes no alias, there or not: %s",
      async (named) => {
        expect(await kms.refused(call(kms.client, named))).toBe(refusal);
      },
    );

    itRefusesWhatNamesNoKey(kms, action, call, member);
  });
}

function itRefusesWhatNamesNoKey(kms: Kms, action: string, call: OnKey, member: string): void {
  it.each([UNKNOWN, keyArn(UNKNOWN)])("and refuses one that does not exist: %s", async (named) => {
    expect(await kms.refused(call(kms.client, named))).toBe(`NotFoundException: Key '${keyArn(UNKNOWN)}' does not exist`);
  });

  it("and refuses a multi-Region id that has no key here", async () => {
    const id = `mrk-${"0123456789abcdef".repeat(2)}`;
    expect(await kms.refused(call(kms.client, id))).toBe(`NotFoundException: Key '${keyArn(id)}' does not exist`);
  });

  it.each(["fake-key-id", UNKNOWN.replaceAll("-", ""), "mrk-fake-key-id"])("and refuses what is no id: %s", async (named) => {
    expect(await kms.refused(call(kms.client, named))).toBe(`NotFoundException: Invalid keyId '${named}'`);
  });

  it("and refuses the ARN of another Region, or of another partition", async () => {
    const elsewhere = keyArn(UNKNOWN).replace("arn:aws:", "arn:aws-cn:");
    expect(await kms.refused(call(kms.client, keyArn(UNKNOWN, "us-west-2")))).toBe("NotFoundException: Invalid arn us-west-2");
    expect(await kms.refused(call(kms.client, elsewhere))).toBe(`NotFoundException: Invalid arn ${HOME}`);
  });

  it.each([
    `arn:aws:kms:${HOME}:${ACCOUNT}:keys/${UNKNOWN}`,
    `arn:aws:s3:${HOME}:${ACCOUNT}:key/${UNKNOWN}`,
    `arn:aws:kms:${HOME}:account:key/${UNKNOWN}`,
    "arn:aws:kms",
  ])("and refuses a malformed ARN: %s", async (named) => {
    expect(await kms.refused(call(kms.client, named))).toBe(`InvalidArnException: Invalid arn ${named}`);
  });

  it("and does not tell whether a key of another account exists", async () => {
    expect(await kms.refused(call(kms.client, keyArn(UNKNOWN, HOME, OTHER_ACCOUNT)))).toBe(
      `AccessDeniedException: User: ${ADMINISTRATOR} is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    );
  });

  it("and refuses an identifier of no length, or of too many characters", async () => {
    const broken = (text: string, rule: string) =>
      `ValidationException: 1 validation error detected: Value '${text}' at '${member}' failed to satisfy constraint: Member must have length ${rule}`;
    expect(await kms.refused(call(kms.client, ""))).toBe(broken("", "greater than or equal to 1"));
    expect(await kms.refused(call(kms.client, tooLong))).toBe(broken(tooLong.slice(0, 2048), "less than or equal to 2048"));
  });
}

/** @param member as messages write it. @param call without the member. */
export function itRequires(kms: Kms, member: string, call: (client: KMSClient) => Promise<unknown>): void {
  it(`refuses a request without ${member}`, async () => {
    expect(await kms.refused(call(kms.client))).toBe(
      `ValidationException: 1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  });
}
