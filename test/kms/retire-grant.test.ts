import { type KMSClient, RetireGrantCommand, type RetireGrantCommandInput } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ACCOUNT, HOME } from "../service.ts";
import { WOULD_HAVE_SUCCEEDED } from "./dry-run.ts";
import { create, grantIds, grantItem, newGrantId, storedGrant } from "./granting.ts";
import { setPolicy, sharedKey } from "./permissions.ts";
import { ADMINISTRATOR, allowing, denying, members, OTHER_ACCOUNT, OTHER_REGION, startKms } from "./start.ts";

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const retire = (client: KMSClient, input: RetireGrantCommandInput) => client.send(new RetireGrantCommand(input));
const DENIED = /^AccessDeniedException: .*kms:RetireGrant/;

describe("RetireGrant", () => {
  const kms = startKms();
  /** A grant with this user as the one who may retire it. */
  const retirable = async (arn: string, rest = {}) => {
    const key = await kms.key();
    const { GrantId = "", GrantToken = "" } = await create(kms.client, key.id, { RetiringPrincipal: arn, ...rest });
    return { key, GrantId, GrantToken, named: { KeyId: key.arn, GrantId } };
  };

  describe("lets", () => {
    it("the retiring principal retire the grant, by its token, without any policy", async () => {
      const alice = await kms.someone();
      const { key, GrantToken } = await retirable(alice.arn);
      expect(members(await retire(alice.client, { GrantToken }))).toEqual({});
      expect(await grantIds(kms.client, key.id)).toEqual([]);
    });

    it.each(["id", "arn"] as const)("the retiring principal retire the grant, by its id and the %s of its key", async (form) => {
      const alice = await kms.someone();
      const { key, GrantId } = await retirable(alice.arn);
      await retire(alice.client, { KeyId: key[form], GrantId });
      expect(await grantIds(kms.client, key.id)).toEqual([]);
    });

    it("the grantee, if the grant says so", async () => {
      const alice = await kms.someone();
      const { key, named } = await retirable(ROOT, { GranteePrincipal: alice.arn, Operations: ["Encrypt", "RetireGrant"] });
      await retire(alice.client, named);
      expect(await grantIds(kms.client, key.id)).toEqual([]);
    });

    it("those of the account in which it was made who have kms:RetireGrant", async () => {
      const { key, named } = await retirable(ROOT);
      const admin = await kms.someone([allowing("kms:RetireGrant", key.arn)]);
      await retire(admin.client, named);
      expect(await grantIds(kms.client, key.id)).toEqual([]);
    });

    it("the retiring principal of another account", async () => {
      const theirs = await kms.someone([allowing("kms:RetireGrant")], OTHER_ACCOUNT);
      const { key, GrantToken } = await retirable(theirs.arn);
      await retire(theirs.client, { GrantToken });
      expect(await grantIds(kms.client, key.id)).toEqual([]);
    });
  });

  describe("refuses", () => {
    it("who is neither, whatever the key policy allows", async () => {
      const { key, named, GrantToken } = await retirable(ADMINISTRATOR);
      const mallory = await kms.someone();
      const policy = [
        { Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" },
        { Effect: "Allow", Principal: { AWS: mallory.arn }, Action: "kms:RetireGrant", Resource: "*" },
      ];
      await setPolicy(kms, key.id, policy);
      expect(await kms.refused(retire(mallory.client, named))).toMatch(DENIED);
      expect(await kms.refused(retire(mallory.client, { GrantToken }))).toMatch(DENIED);
      expect(await grantIds(kms.client, key.id)).toEqual([named.GrantId]);
    });

    it("the grantee, if the grant does not say so", async () => {
      const alice = await kms.someone();
      const { named } = await retirable(ROOT, { GranteePrincipal: alice.arn });
      expect(await kms.refused(retire(alice.client, named))).toMatch(DENIED);
    });

    it("another user under the name of the retiring principal", async () => {
      const alice = await kms.someone();
      const { named } = await retirable(alice.arn);
      const namesake = await kms.namesake(alice);
      expect(await kms.refused(retire(namesake.client, named))).toMatch(DENIED);
    });

    it("to whom it is denied, by an identity policy or by the key policy", async () => {
      const [alice, bob] = [await kms.someone([denying("kms:RetireGrant")]), await kms.someone()];
      const [of, other] = [await retirable(alice.arn), await retirable(bob.arn)];
      expect(await kms.refused(retire(alice.client, of.named))).toMatch(DENIED);
      await setPolicy(kms, other.key.id, [
        { Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" },
        { Effect: "Deny", Principal: { AWS: bob.arn }, Action: "kms:RetireGrant", Resource: "*" },
      ]);
      expect(await kms.refused(retire(bob.client, other.named))).toMatch(DENIED);
    });

    it("the owner of the key, when the grant was made in another account", async () => {
      const key = await sharedKey(kms);
      const theirs = await kms.someone([allowing("kms:*")], OTHER_ACCOUNT);
      const { GrantId } = await create(theirs.client, key.arn, { GranteePrincipal: theirs.arn });
      expect(await kms.refused(retire(kms.client, { KeyId: key.arn, GrantId }))).toMatch(DENIED);
      await retire(theirs.client, { KeyId: key.arn, GrantId });
      expect(await grantIds(kms.client, key.id)).toEqual([]);
    });

    it("a grant that is not there, or is another key's", async () => {
      const [key, other] = [await kms.key(), await kms.key()];
      const { GrantId: theirs } = await create(kms.client, other.id);
      for (const GrantId of [newGrantId(), theirs])
        expect(await kms.refused(retire(kms.client, { KeyId: key.arn, GrantId }))).toBe(`NotFoundException: Grant ID ${GrantId} not found`);
    });

    it("a grant that was retired, by its token too", async () => {
      const { named, GrantId, GrantToken } = await retirable(ADMINISTRATOR);
      await retire(kms.client, named);
      for (const input of [named, { GrantToken }])
        expect(await kms.refused(retire(kms.client, input))).toBe(`NotFoundException: Grant ID ${GrantId} not found`);
    });

    it("what is no grant id", async () => {
      const key = await kms.key();
      expect(await kms.refused(retire(kms.client, { KeyId: key.id, GrantId: "a" }))).toBe("InvalidGrantIdException: Invalid grant ID 'a'");
    });

    it("an alias, and a malformed ARN", async () => {
      const GrantId = newGrantId();
      expect(await kms.refused(retire(kms.client, { KeyId: "alias/a", GrantId }))).toBe(
        "InvalidArnException: Key Aliases are not supported for this operation.",
      );
      expect(await kms.refused(retire(kms.client, { KeyId: "arn:aws:kms", GrantId }))).toBe("InvalidArnException: Invalid arn arn:aws:kms");
    });

    it("a token that was changed, is none, or is of another Region", async () => {
      const { GrantToken } = await retirable(ADMINISTRATOR);
      const bytes = Buffer.from(GrantToken, "base64");
      for (let at = 0; at < bytes.length; at += 7) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ 1;
        expect(await kms.refused(retire(kms.client, { GrantToken: changed.toString("base64") }))).toBe("InvalidGrantTokenException");
      }
      for (const other of ["a", `${GrantToken} `, GrantToken.slice(4), bytes.toString("base64url")])
        expect(await kms.refused(retire(kms.client, { GrantToken: other }))).toBe("InvalidGrantTokenException");
      const elsewhere = retire(kms.kms(kms.administrator, OTHER_REGION), { GrantToken });
      expect(await kms.refused(elsewhere, OTHER_REGION)).toBe("InvalidGrantTokenException");
    });

    it("a grant that is named in no way, by half, or in two ways", async () => {
      const { named, GrantToken } = await retirable(ADMINISTRATOR);
      const { KeyId, GrantId } = named;
      for (const input of [{}, { KeyId }, { GrantId }, { ...named, GrantToken }, { KeyId, GrantToken }])
        expect(await kms.refused(retire(kms.client, input))).toBe(
          "ValidationException: Grant token OR (grant ID, key ID) must be specified",
        );
    });
  });

  it.each(["Enabled", "Disabled", "PendingDeletion"] as const)("works on a key that is %s", async (state) => {
    const key = await kms.keyIn(state);
    const { id: GrantId } = await storedGrant(kms, key.id);
    expect((await retire(kms.client, { KeyId: key.id, GrantId })).$metadata.httpStatusCode).toBe(200);
  });

  it("finds no grant on a key that is gone", async () => {
    const key = await kms.keyIn("Gone");
    const { id: GrantId } = await storedGrant(kms, key.id);
    expect(await kms.refused(retire(kms.client, { KeyId: key.id, GrantId }))).toBe(`NotFoundException: Key '${key.arn}' does not exist`);
  });

  it("leaves an intent, and a record without the token", async () => {
    const { key, GrantId, GrantToken } = await retirable(ADMINISTRATOR);
    expect(await kms.told(await retire(kms.client, { GrantToken }), HOME)).toEqual({
      event: "RetireGrant",
      caller: ADMINISTRATOR,
      parameters: {},
      resources: [key.arn],
      readOnly: false,
      intents: [grantItem(key.id, GrantId, 0)],
      changes: [grantItem(key.id, GrantId, 0)],
    });
  });

  it("with DryRun says that it would have succeeded, and removes nothing", async () => {
    const [alice, mallory] = [await kms.someone(), await kms.someone()];
    const { key, named, GrantId } = await retirable(alice.arn);
    expect(await kms.refused(retire(alice.client, { ...named, DryRun: true }))).toBe(WOULD_HAVE_SUCCEEDED);
    expect(await kms.refused(retire(mallory.client, { ...named, DryRun: true }))).toMatch(DENIED);
    expect(await grantIds(kms.client, key.id)).toEqual([GrantId]);
  });
});
