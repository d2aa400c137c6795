import { type KMSClient, RevokeGrantCommand, type RevokeGrantCommandInput } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { WOULD_HAVE_SUCCEEDED } from "./dry-run.ts";
import { create, grantIds, grantItem, newGrantId, storedGrant } from "./granting.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const revoke = (client: KMSClient, KeyId: string, GrantId: string | undefined, rest: Partial<RevokeGrantCommandInput> = {}) =>
  client.send(new RevokeGrantCommand({ KeyId, GrantId, ...rest }));

/** Of what is no key there can be no grant; a table refuses the row of one whose id is as long as they come. */
const KEY = /^(arn:.*:key\/)?[\da-f-]{36}$/;

describe("RevokeGrant", () => {
  const kms = startKms();
  /** Of a grant that is there, in whatever state the key is. */
  const revokeOne = async (client: KMSClient, KeyId: string) =>
    revoke(client, KeyId, KEY.test(KeyId) ? (await storedGrant(kms, KeyId)).id : newGrantId());

  it("removes one grant, answers nothing, and leaves the others", async () => {
    const key = await kms.key();
    const [gone, kept] = [await create(kms.client, key.id), await create(kms.client, key.id)];
    expect(members(await revoke(kms.client, key.id, gone.GrantId))).toEqual({});
    expect(await grantIds(kms.client, key.id)).toEqual([kept.GrantId]);
  });

  it("leaves an intent, and a record", async () => {
    const key = await kms.key();
    const { GrantId } = await create(kms.client, key.id);
    expect(await kms.told(await revoke(kms.client, key.arn, GrantId))).toEqual({
      event: "RevokeGrant",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, grantId: GrantId },
      resources: [key.arn],
      readOnly: false,
      intents: [grantItem(key.id, GrantId, 0)],
      changes: [grantItem(key.id, GrantId, 0)],
    });
  });

  it("lets a named grant be made again afterwards, under the same id", async () => {
    const key = await kms.key();
    const { GrantId } = await create(kms.client, key.id, { Name: "again" });
    await revoke(kms.client, key.id, GrantId);
    expect((await create(kms.client, key.id, { Name: "again" })).GrantId).toBe(GrantId);
    expect(await grantIds(kms.client, key.id)).toEqual([GrantId]);
  });

  it("removes it once, however often it is told at the same time", async () => {
    const key = await kms.key();
    const { GrantId } = await create(kms.client, key.id);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => revoke(kms.client, key.id, GrantId)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", ...Array(4).fill("rejected")]);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ name: "NotFoundException" });
  });

  it("refuses a grant that is not there, was revoked, or is another key's", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    const [{ GrantId: revoked }, { GrantId: theirs }] = [await create(kms.client, key.id), await create(kms.client, other.id)];
    await revoke(kms.client, key.id, revoked);
    for (const id of [newGrantId(), revoked, theirs])
      expect(await kms.refused(revoke(kms.client, key.id, id))).toBe(`NotFoundException: Grant ID ${id} not found`);
    expect(await grantIds(kms.client, other.id)).toEqual([theirs]);
  });

  it.each(["a", "0".repeat(63), "G".repeat(64), "../KEY"])("refuses what is no grant id: %s", async (id) => {
    const key = await kms.key();
    expect(await kms.refused(revoke(kms.client, key.id, id))).toBe(`InvalidGrantIdException: Invalid grant ID '${id}'`);
  });

  it("with DryRun says that it would have succeeded, and removes nothing", async () => {
    const key = await kms.key();
    const { GrantId } = await create(kms.client, key.id);
    expect(await kms.refused(revoke(kms.client, key.id, GrantId, { DryRun: true }))).toBe(WOULD_HAVE_SUCCEEDED);
    expect(await grantIds(kms.client, key.id)).toEqual([GrantId]);
    const missing = newGrantId();
    expect(await kms.refused(revoke(kms.client, key.id, missing, { DryRun: true }))).toBe(
      `NotFoundException: Grant ID ${missing} not found`,
    );
  });

  itTakesIdsAndArns(kms, "kms:RevokeGrant", revokeOne);
  itFollowsKeyStates(kms, revokeOne, always);
  itNeedsPermission(kms, "kms:RevokeGrant", revokeOne);
  itWorksAcrossAccounts(kms, "kms:RevokeGrant", revokeOne);
  itRequires(kms, "keyId", (client) => client.send(new RevokeGrantCommand({ GrantId: newGrantId() } as never)));
  itRequires(kms, "grantId", (client) => client.send(new RevokeGrantCommand({ KeyId: "a" } as never)));
});
