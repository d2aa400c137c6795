import {
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { HOME } from "../service.ts";
import { itRequires } from "./identifiers.ts";
import { described, learned, replicated, shownAs, soon } from "./related.ts";
import { ADMINISTRATOR, allowing, keyArn, members, OTHER_REGION, policyOf, startKms } from "./start.ts";

describe("UpdatePrimaryRegion", () => {
  const kms = startKms({ MultiRegion: true });
  const update = (client: KMSClient, KeyId: string, PrimaryRegion = OTHER_REGION) =>
    client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion }));
  const related = async () => {
    const key = await kms.key();
    return { ...key, there: await replicated(kms, key.id), arnThere: keyArn(key.id, OTHER_REGION) };
  };

  it("makes the replica the primary key, and the primary key a replica", async () => {
    const { id, there } = await related();
    expect(members(await update(kms.client, id))).toEqual({});
    const keyIn = (Region: string) => ({ Arn: keyArn(id, Region), Region });
    const shown = { PrimaryKey: keyIn(OTHER_REGION), ReplicaKeys: [keyIn(HOME)] };
    await shownAs(kms, there, id, { KeyState: "Enabled", MultiRegionConfiguration: { MultiRegionKeyType: "PRIMARY", ...shown } });
    await shownAs(kms, kms.client, id, { KeyState: "Enabled", MultiRegionConfiguration: { MultiRegionKeyType: "REPLICA", ...shown } });
  });

  it("can be done again, back to where the key was made", async () => {
    const { id, there } = await related();
    await update(kms.client, id);
    await shownAs(kms, kms.client, id, { KeyState: "Enabled" });
    await learned(kms);
    await update(there, id, HOME);
    await soon(kms, async () => (await described(kms.client, id)).MultiRegionConfiguration?.MultiRegionKeyType).toBe("PRIMARY");
    await soon(kms, async () => (await described(there, id)).MultiRegionConfiguration?.MultiRegionKeyType).toBe("REPLICA");
    await shownAs(kms, there, id, { KeyState: "Enabled" });
    await kms.client.send(new EnableKeyRotationCommand({ KeyId: id }));
  });

  it("moves what the primary key decides: rotation, and further replicas", async () => {
    const { id, arn, there } = await related();
    await kms.client.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 100 }));
    await update(kms.client, id);
    await shownAs(kms, kms.client, id, { KeyState: "Enabled" });
    expect(await kms.refused(kms.client.send(new EnableKeyRotationCommand({ KeyId: id })))).toBe(
      `UnsupportedOperationException: ${arn} is not a multi-region primary key.`,
    );
    expect(await there.send(new GetKeyRotationStatusCommand({ KeyId: id }))).toMatchObject({ RotationPeriodInDays: 100 });
    await there.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 200 }));
    const period = async () => (await kms.client.send(new GetKeyRotationStatusCommand({ KeyId: id }))).RotationPeriodInDays;
    await soon(kms, period).toBe(200);
    await there.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: "ap-south-1" }));
    await learned(kms, "ap-south-1");
    await shownAs(kms, kms.kms(kms.administrator, "ap-south-1"), id, { KeyState: "Enabled" });
  });

  it("changes nothing where the key is primary already", async () => {
    const { id } = await related();
    const answer = await update(kms.client, id, HOME);
    expect((await kms.told(answer)).changes).toEqual([]);
    expect((await described(kms.client, id)).MultiRegionConfiguration?.MultiRegionKeyType).toBe("PRIMARY");
  });

  it("is the primary key's to do, of a multi-Region key", async () => {
    const { id, there, arnThere } = await related();
    const single = await kms.key({ MultiRegion: false });
    expect(await kms.refused(update(there, id, HOME), OTHER_REGION)).toBe(
      `UnsupportedOperationException: ${arnThere} is not a multi-region primary key.`,
    );
    expect(await kms.refused(update(kms.client, single.id, HOME))).toBe(
      `UnsupportedOperationException: ${single.arn} is not a multi-region primary key.`,
    );
  });

  it("finds no key in a Region that has no replica", async () => {
    const { id } = await related();
    expect(await kms.refused(update(kms.client, id, "ap-south-1"))).toBe(
      `NotFoundException: Key '${keyArn(id, "ap-south-1")}' does not exist`,
    );
  });

  it.each(["primary", "replica"])("needs both keys to be enabled: not the %s key", async (which) => {
    const { id, arn, arnThere, there } = await related();
    const [client, bad] = which === "primary" ? [kms.client, arn] : [there, arnThere];
    await client.send(new DisableKeyCommand({ KeyId: id }));
    await learned(kms);
    expect(await kms.refused(update(kms.client, id))).toBe(`DisabledException: ${bad} is disabled.`);
    await client.send(new EnableKeyCommand({ KeyId: id }));
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    await learned(kms);
    const state = which === "primary" ? "pending replica deletion" : "pending deletion";
    expect(await kms.refused(update(kms.client, id))).toBe(`KMSInvalidStateException: ${bad} is ${state}.`);
  });

  it("needs the permission on both keys, each by its own key policy", async () => {
    const { id, arn, arnThere, there } = await related();
    const one = await kms.someone([allowing("kms:UpdatePrimaryRegion", arn)]);
    expect(await kms.refused(update(one.client, id))).toContain(
      `kms:UpdatePrimaryRegion on resource: ${arnThere} because no identity-based`,
    );
    const both = await kms.someone([allowing("kms:UpdatePrimaryRegion", [arn, arnThere])]);
    const Policy = JSON.stringify(policyOf({ Effect: "Allow", Principal: { AWS: ADMINISTRATOR }, Action: "kms:*", Resource: "*" }));
    await there.send(new PutKeyPolicyCommand({ KeyId: id, Policy }));
    await learned(kms);
    expect(await kms.refused(update(both.client, id))).toContain(`on resource: ${arnThere} because no resource-based policy allows`);
    expect((await described(kms.client, id)).MultiRegionConfiguration?.MultiRegionKeyType).toBe("PRIMARY");
  });

  it("can be confined by kms:PrimaryRegion", async () => {
    const { id } = await related();
    const Condition = { StringEquals: { "kms:PrimaryRegion": OTHER_REGION } };
    const user = await kms.someone([allowing("kms:*"), policyOf({ Effect: "Deny", Action: "kms:*", Resource: "*", Condition })]);
    expect(await kms.refused(update(user.client, id))).toContain("explicit deny");
  });

  it("encrypts all the while", async () => {
    const { id, there } = await related();
    const encrypt = new EncryptCommand({ KeyId: id, Plaintext: Buffer.from("a") });
    const moved = update(kms.client, id);
    for (let count = 0; count < 20; count += 1) for (const client of [kms.client, there]) await client.send(encrypt);
    await moved;
    for (const client of [kms.client, there]) await client.send(encrypt);
  });

  it("leaves a record in each of the two Regions, of one request", async () => {
    const { id, arn, arnThere, there } = await related();
    const answer = await update(kms.client, id);
    expect(await kms.told(answer)).toMatchObject({
      event: "UpdatePrimaryRegion",
      caller: ADMINISTRATOR,
      parameters: { keyId: id, primaryRegion: OTHER_REGION },
      resources: [arn, arnThere],
      intents: [expect.stringContaining(`keys/K#${id}/KEY@`)],
      changes: [expect.stringContaining(`keys/K#${id}/KEY@`)],
    });
    await soon(kms, async () => (await described(there, id)).MultiRegionConfiguration?.MultiRegionKeyType).toBe("PRIMARY");
    await learned(kms);
    const other = (await kms.log(OTHER_REGION)).map(({ record }) => record).filter(({ e, r, i }) => e === "UpdatePrimaryRegion" && r && !i);
    expect(other.filter(({ r }) => r[0] === arnThere)).toMatchObject([
      { c: { a: ADMINISTRATOR }, g: answer.$metadata.requestId, q: { primaryRegion: OTHER_REGION } },
    ]);
  });

  itRequires(kms, "keyId", (client) => client.send(new UpdatePrimaryRegionCommand({ PrimaryRegion: HOME } as never)));
  itRequires(kms, "primaryRegion", async (client) => client.send(new UpdatePrimaryRegionCommand({ KeyId: (await kms.key()).id } as never)));
});
