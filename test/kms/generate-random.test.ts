import { GenerateRandomCommand, type GenerateRandomCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itNeedsPermissionOnEverything } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";

const generate = (client: KMSClient, input: GenerateRandomCommandInput = { NumberOfBytes: 32 }) =>
  client.send(new GenerateRandomCommand(input));

describe("GenerateRandom", () => {
  const kms = startKms();

  it.each([1, 32, 1024])("answers %i random bytes and nothing else", async (NumberOfBytes) => {
    const answer = await generate(kms.client, { NumberOfBytes });
    expect(members(answer)).toEqual({ Plaintext: expect.any(Uint8Array) });
    expect(answer.Plaintext?.length).toBe(NumberOfBytes);
  });

  it("answers other bytes each time", async () => {
    expect((await generate(kms.client)).Plaintext).not.toEqual((await generate(kms.client)).Plaintext);
  });

  it("leaves a record without the bytes, and about no key", async () => {
    expect(await kms.told(await generate(kms.client))).toEqual({
      event: "GenerateRandom",
      caller: ADMINISTRATOR,
      parameters: { numberOfBytes: 32 },
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("refuses a request without a number", async () => {
    expect(await kms.refused(generate(kms.client, {}))).toBe("ValidationException: NumberOfBytes is required.");
  });

  it.each([
    [0, "greater than or equal to 1"],
    [-1, "greater than or equal to 1"],
    [1025, "less than or equal to 1024"],
  ])("refuses %i bytes", async (NumberOfBytes, rule) => {
    expect(await kms.refused(generate(kms.client, { NumberOfBytes }))).toBe(
      `ValidationException: 1 validation error detected: Value '${NumberOfBytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${rule}`,
    );
  });

  it.each([
    ["CustomKeyStoreId", { CustomKeyStoreId: "cks-1234567890abcdef0" }],
    ["Recipient", { Recipient: { KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256", AttestationDocument: Buffer.from("document") } }],
  ] as const)("takes no %s in this version", async (member, input) => {
    expect(await kms.refused(generate(kms.client, { NumberOfBytes: 32, ...input }))).toBe(
      `UnsupportedOperationException: ${member} is not available in this version.`,
    );
  });

  itNeedsPermissionOnEverything(kms, "kms:GenerateRandom", generate);
});
