import { GenerateMacCommand, type KMSClient, VerifyMacCommand, type VerifyMacCommandInput } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { WOULD_HAVE_SUCCEEDED } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { MACS } from "./kinds.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, type Answered, members, startKms } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Message = Buffer.from("attack at dawn");

describe("VerifyMac", () => {
  const kms = startKms({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
  const verify = (client: KMSClient, KeyId: string, rest: Partial<VerifyMacCommandInput> = {}) =>
    client.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm: "HMAC_SHA_256", Mac: Buffer.alloc(32), ...rest }));
  async function macOf(KeyId: string, MacAlgorithm = "HMAC_SHA_256" as VerifyMacCommandInput["MacAlgorithm"]): Promise<Uint8Array> {
    return (await kms.client.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }))).Mac as Uint8Array;
  }

  /** The caller is let in, and the MAC is none. */
  const asked = (client: KMSClient, KeyId: string): Promise<Answered> =>
    verify(client, KeyId).catch((cause: Error & Answered) => {
      if (cause.name !== "KMSInvalidMacException") throw cause;
      return { $metadata: { ...cause.$metadata, httpStatusCode: 200 } };
    });

  it("answers that the MAC is the message's, and leaves a record", async () => {
    const key = await kms.key();
    const answer = await verify(kms.client, key.id, { Mac: await macOf(key.id) });
    expect(members(answer)).toEqual({ KeyId: key.arn, MacValid: true, MacAlgorithm: "HMAC_SHA_256" });
    expect(await kms.told(answer)).toEqual({
      event: "VerifyMac",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, macAlgorithm: "HMAC_SHA_256" },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  it.each(MACS)("with a key of %s by %s refuses any other, without a word", async (KeySpec, MacAlgorithm) => {
    const [key, other] = [await kms.key({ KeySpec }), await kms.key({ KeySpec })];
    const Mac = await macOf(key.id, MacAlgorithm);
    const altered = Buffer.from(Mac);
    altered[0] = (altered[0] ?? 0) ^ 0x80;
    const refused: Partial<VerifyMacCommandInput>[] = [
      { Mac, Message: Buffer.from("attack at noon") },
      { Mac: await macOf(other.id, MacAlgorithm) },
      { Mac: altered },
      { Mac: Mac.subarray(0, -1) },
      { Mac: Buffer.concat([Mac, Buffer.of(0)]) },
      { Mac: Buffer.of(0) },
    ];
    for (const each of refused)
      expect(await kms.refused(verify(kms.client, key.id, { MacAlgorithm, ...each }))).toBe("KMSInvalidMacException");
  });

  it("refuses an algorithm that the key has not, and a key of another usage", async () => {
    const [key, encrypts] = [await kms.key(), await kms.key({ KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT" })];
    expect(await kms.refused(verify(kms.client, key.id, { MacAlgorithm: "HMAC_SHA_512" }))).toBe(
      "InvalidKeyUsageException: Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.",
    );
    expect(await kms.refused(verify(kms.client, encrypts.id))).toBe(
      `InvalidKeyUsageException: ${encrypts.arn} key usage is ENCRYPT_DECRYPT which is not valid for VerifyMac.`,
    );
  });

  it("can be tried, which tells of a wrong MAC too", async () => {
    const key = await kms.key();
    expect(await kms.refused(verify(kms.client, key.id, { Mac: await macOf(key.id), DryRun: true }))).toBe(WOULD_HAVE_SUCCEEDED);
    expect(await kms.refused(verify(kms.client, key.id, { DryRun: true }))).toBe("KMSInvalidMacException");
  });

  itTakesEveryIdentifier(kms, "kms:VerifyMac", asked);
  itFollowsKeyStates(kms, asked, cryptographic);
  itNeedsPermission(kms, "kms:VerifyMac", async (client, id) => verify(client, id, { Mac: await macOf(id) }));
  itWorksAcrossAccounts(kms, "kms:VerifyMac", async (client, arn) => verify(client, arn, { Mac: await macOf(arn) }));
  itMeansItsOwnAccount(kms, asked);
  itRequires(kms, "mac", (client) =>
    client.send(new VerifyMacCommand({ KeyId: "alias/any", Message, MacAlgorithm: "HMAC_SHA_256" } as never)),
  );
});
