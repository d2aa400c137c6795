import { GenerateMacCommand, type GenerateMacCommandInput, type KMSClient, VerifyMacCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { itCanBeTried } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { MACS } from "./kinds.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Message = Buffer.from("attack at dawn");
const generate = (client: KMSClient, KeyId: string, rest: Partial<GenerateMacCommandInput> = {}) =>
  client.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm: "HMAC_SHA_256", ...rest }));

describe("GenerateMac", () => {
  const kms = startKms({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });

  it.each(MACS)("with a key of %s answers an untruncated %s, the same each time, that VerifyMac takes", async (KeySpec, MacAlgorithm) => {
    const key = await kms.key({ KeySpec });
    const answer = await generate(kms.client, key.id, { MacAlgorithm });
    expect(members(answer)).toEqual({ Mac: expect.any(Uint8Array), MacAlgorithm, KeyId: key.arn });
    expect(answer.Mac?.length).toBe(Number(MacAlgorithm.slice(-3)) / 8);
    expect((await generate(kms.client, key.id, { MacAlgorithm })).Mac).toEqual(answer.Mac);
    const verified = await kms.client.send(new VerifyMacCommand({ KeyId: key.id, Message, MacAlgorithm, Mac: answer.Mac }));
    expect(members(verified)).toEqual({ KeyId: key.arn, MacValid: true, MacAlgorithm });
  });

  it("answers another one under another key, or of another message", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    const macs = [
      await generate(kms.client, key.id),
      await generate(kms.client, other.id),
      await generate(kms.client, key.id, { Message: Buffer.from("attack at noon") }),
    ].map(({ Mac }) => Buffer.from(Mac ?? []).toString("hex"));
    expect(new Set(macs).size).toBe(3);
  });

  it("leaves a record with the algorithm, and without message and MAC", async () => {
    const key = await kms.key();
    expect(await kms.told(await generate(kms.client, key.arn))).toEqual({
      event: "GenerateMac",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn, macAlgorithm: "HMAC_SHA_256" },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it("takes a message of up to 4,096 bytes", async () => {
    const key = await kms.key();
    expect((await generate(kms.client, key.id, { Message: Buffer.alloc(4096) })).KeyId).toBe(key.arn);
    expect(await kms.refused(generate(kms.client, key.id, { Message: Buffer.alloc(4097) }))).toBe(
      "ValidationException: 1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096",
    );
  });

  it.each(MACS)("with a key of %s takes no other algorithm than %s", async (KeySpec, own) => {
    const key = await kms.key({ KeySpec });
    for (const [, MacAlgorithm] of MACS.filter(([, algorithm]) => algorithm !== own))
      expect(await kms.refused(generate(kms.client, key.id, { MacAlgorithm }))).toBe(
        `InvalidKeyUsageException: Algorithm ${MacAlgorithm} is incompatible with key spec ${KeySpec}.`,
      );
  });

  it.each([
    ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"],
    ["ECC_NIST_P256", "SIGN_VERIFY"],
  ] as const)("refuses a key of %s for %s", async (KeySpec, KeyUsage) => {
    const key = await kms.key({ KeySpec, KeyUsage });
    expect(await kms.refused(generate(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is ${KeyUsage} which is not valid for GenerateMac.`,
    );
  });

  itTakesEveryIdentifier(kms, "kms:GenerateMac", generate);
  itFollowsKeyStates(kms, generate, cryptographic);
  itNeedsPermission(kms, "kms:GenerateMac", generate);
  itWorksAcrossAccounts(kms, "kms:GenerateMac", generate);
  itMeansItsOwnAccount(kms, generate);
  itCanBeTried(kms, "kms:GenerateMac", generate);
  itRequires(kms, "macAlgorithm", (client) => client.send(new GenerateMacCommand({ KeyId: "alias/any", Message } as never)));
});
