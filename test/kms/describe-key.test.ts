import { CreateAliasCommand, DescribeKeyCommand, type DescribeKeyCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, keyArn, OTHER_REGION, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const describeKey = (client: KMSClient, KeyId: string, rest: Partial<DescribeKeyCommandInput> = {}) =>
  client.send(new DescribeKeyCommand({ KeyId, ...rest }));

describe("DescribeKey", () => {
  const kms = startKms();

  it("answers the metadata of the key, by its bare id and its ARN", async () => {
    const key = await kms.key({ Description: "orders" });
    const { KeyMetadata } = await describeKey(kms.client, key.id);
    expect(KeyMetadata).toMatchObject({ KeyId: key.id, Arn: key.arn, Description: "orders", CurrentKeyMaterialId: key.material });
    expect(Object.keys(KeyMetadata ?? {}).sort()).toEqual([
      "AWSAccountId",
      "Arn",
      "CreationDate",
      "CurrentKeyMaterialId",
      "CustomerMasterKeySpec",
      "Description",
      "Enabled",
      "EncryptionAlgorithms",
      "KeyId",
      "KeyManager",
      "KeySpec",
      "KeyState",
      "KeyUsage",
      "MultiRegion",
      "Origin",
    ]);
  });

  it.each([
    ["Enabled", true],
    ["Disabled", false],
    ["PendingDeletion", false],
  ] as const)("shows the state %s", async (state, Enabled) => {
    const key = await kms.keyIn(state);
    const { KeyMetadata } = await describeKey(kms.client, key.id);
    expect(KeyMetadata).toMatchObject({ KeyState: state, Enabled });
    const inSevenDays = new Date(kms.now().getTime() + 7 * 86_400_000);
    expect(KeyMetadata?.DeletionDate).toEqual(state === "PendingDeletion" ? inSevenDays : undefined);
  });

  it("leaves a record with the identifier as it was sent", async () => {
    const key = await kms.key();
    await kms.client.send(new CreateAliasCommand({ AliasName: "alias/orders", TargetKeyId: key.id }));
    expect(await kms.told(await describeKey(kms.client, "alias/orders"))).toEqual({
      event: "DescribeKey",
      caller: ADMINISTRATOR,
      parameters: { keyId: "alias/orders" },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("knows the keys of the Region that is called only", async () => {
    const key = await kms.key();
    const elsewhere = kms.kms(kms.administrator, OTHER_REGION);
    expect(await kms.refused(describeKey(elsewhere, key.id), OTHER_REGION)).toBe(
      `NotFoundException: Key '${keyArn(key.id, OTHER_REGION)}' does not exist`,
    );
    expect(await kms.refused(describeKey(elsewhere, key.arn), OTHER_REGION)).toBe("NotFoundException: Invalid arn us-east-1");
  });

  it("finds no key by the alias of one that is gone", async () => {
    const key = await kms.key();
    await kms.client.send(new CreateAliasCommand({ AliasName: "alias/outlived", TargetKeyId: key.id }));
    await kms.schedule(key.id);
    expect((await describeKey(kms.client, "alias/outlived")).KeyMetadata?.KeyState).toBe("PendingDeletion");
    kms.advance({ days: 7 });
    expect(await kms.refused(describeKey(kms.client, "alias/outlived"))).toMatch(
      /^NotFoundException: Alias .*alias\/outlived is not found\.$/,
    );
  });

  itTakesEveryIdentifier(kms, "kms:DescribeKey", describeKey);
  itFollowsKeyStates(kms, describeKey, always);
  itNeedsPermission(kms, "kms:DescribeKey", describeKey);
  itWorksAcrossAccounts(kms, "kms:DescribeKey", describeKey);
  itMeansItsOwnAccount(kms, describeKey);
  itRequires(kms, "keyId", (client) => client.send(new DescribeKeyCommand({} as never)));
});
