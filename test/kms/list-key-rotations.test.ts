import { type KMSClient, ListKeyRotationsCommand, type ListKeyRotationsCommandInput, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const list = (client: KMSClient, KeyId: string, rest: Partial<ListKeyRotationsCommandInput> = {}) =>
  client.send(new ListKeyRotationsCommand({ KeyId, ...rest }));

describe("ListKeyRotations", () => {
  const kms = startKms();
  /** The dates of its rotations, a day apart. */
  async function rotate(KeyId: string, times: number): Promise<Date[]> {
    const dates = [];
    for (let time = 1; time <= times; time += 1) {
      kms.advance({ days: 1 });
      dates.push(kms.now());
      await kms.client.send(new RotateKeyOnDemandCommand({ KeyId }));
    }
    return dates;
  }

  it("lists nothing of a key that was never rotated", async () => {
    const key = await kms.key();
    expect(members(await list(kms.client, key.id))).toEqual({ Rotations: [], Truncated: false });
  });

  it("lists the rotations with their dates, the oldest first", async () => {
    const key = await kms.key();
    const [first, second] = await rotate(key.id, 2);
    const entry = { KeyId: key.arn, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/), RotationType: "ON_DEMAND" };
    expect(members(await list(kms.client, key.id))).toEqual({
      Rotations: [
        { ...entry, KeyMaterialState: "NON_CURRENT", RotationDate: first },
        { ...entry, KeyMaterialState: "CURRENT", RotationDate: second },
      ],
      Truncated: false,
    });
  });

  it("lists all materials when asked to: the first has neither date nor type", async () => {
    const key = await kms.key();
    const IncludeKeyMaterial = "ALL_KEY_MATERIAL";
    const first = { KeyId: key.arn, KeyMaterialId: key.material };
    expect((await list(kms.client, key.id, { IncludeKeyMaterial })).Rotations).toEqual([{ ...first, KeyMaterialState: "CURRENT" }]);
    await rotate(key.id, 1);
    const { Rotations = [] } = await list(kms.client, key.id, { IncludeKeyMaterial });
    expect(Rotations).toHaveLength(2);
    expect(Rotations[0]).toEqual({ ...first, KeyMaterialState: "NON_CURRENT" });
    expect((await list(kms.client, key.id, { IncludeKeyMaterial: "ROTATIONS_ONLY" })).Rotations).toEqual([Rotations[1]]);
  });

  it("answers in pages, each rotation once", async () => {
    const key = await kms.key();
    await rotate(key.id, 5);
    const whole = (await list(kms.client, key.id)).Rotations;
    const paged = [];
    for (let Marker: string | undefined; ; ) {
      const page = await list(kms.client, key.id, { Limit: 2, ...(Marker !== undefined && { Marker }) });
      paged.push(...(page.Rotations ?? []));
      expect(page.Truncated).toBe(page.NextMarker !== undefined);
      Marker = page.NextMarker;
      if (Marker === undefined) break;
    }
    expect(paged).toEqual(whole);
  });

  it("takes a marker for the list that answered it, and for no other", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    await rotate(key.id, 2);
    const { NextMarker: Marker = "" } = await list(kms.client, key.id, { Limit: 1 });
    const others: readonly (readonly [KeyId: string, rest: Partial<ListKeyRotationsCommandInput>])[] = [
      [key.id, { Marker, IncludeKeyMaterial: "ALL_KEY_MATERIAL" }],
      [other.id, { Marker }],
      [key.id, { Marker: `${Marker}A` }],
    ];
    for (const [KeyId, rest] of others) expect(await kms.refused(list(kms.client, KeyId, rest))).toContain("InvalidMarkerException");
  });

  it.each([
    ["RSA_2048", "SIGN_VERIFY"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ] as const)("is not for keys that are never rotated: %s for %s", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    expect(await kms.refused(list(kms.client, key.id))).toBe("UnsupportedOperationException");
  });

  it("leaves a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await list(kms.client, key.id, { Limit: 7 }))).toEqual({
      event: "ListKeyRotations",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, limit: 7 },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  itTakesIdsAndArns(kms, "kms:ListKeyRotations", list);
  itFollowsKeyStates(kms, list, always);
  itNeedsPermission(kms, "kms:ListKeyRotations", list);
  itStaysInItsAccount(kms, "kms:ListKeyRotations", list);
  itRequires(kms, "keyId", (client) => client.send(new ListKeyRotationsCommand({} as never)));
});
