import {
  type KeySpec,
  type KMSClient,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
  type VerifyCommandInput,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { WOULD_HAVE_SUCCEEDED } from "./dry-run.ts";
import { itRequires, itTakesEveryIdentifier } from "./identifiers.ts";
import { SIGNING, typeOf } from "./kinds.ts";
import { itMeansItsOwnAccount, itNeedsPermission, itWorksAcrossAccounts } from "./permissions.ts";
import { ADMINISTRATOR, type Answered, members, startKms, type TestKey } from "./start.ts";
import { cryptographic, itFollowsKeyStates } from "./states.ts";

const Message = Buffer.alloc(64, "attack at dawn");
const SigningAlgorithm = "ECDSA_SHA_256";

describe("Verify", () => {
  const kms = startKms({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const made = new Map<string, Promise<TestKey>>();
  const keyOf = (spec: KeySpec): Promise<TestKey> => {
    const key = made.get(spec) ?? kms.key({ KeySpec: spec });
    made.set(spec, key);
    return key;
  };
  async function signatureOf(KeyId: string, algorithm: SigningAlgorithmSpec = SigningAlgorithm): Promise<Uint8Array> {
    const { Signature } = await kms.client.send(
      new SignCommand({ KeyId, Message, MessageType: typeOf(algorithm), SigningAlgorithm: algorithm }),
    );
    return Signature as Uint8Array;
  }
  const verify = (client: KMSClient, KeyId: string, rest: Partial<VerifyCommandInput> = {}) =>
    client.send(new VerifyCommand({ KeyId, Message, SigningAlgorithm, Signature: Buffer.alloc(70), ...rest }));

  /** What is asked of a key of which there is no signature: the caller is let in, and the signature is none. */
  const asked = (client: KMSClient, KeyId: string, rest: Partial<VerifyCommandInput> = {}): Promise<Answered> =>
    verify(client, KeyId, rest).catch((cause: Error & Answered) => {
      if (cause.name !== "KMSInvalidSignatureException") throw cause;
      return { $metadata: { ...cause.$metadata, httpStatusCode: 200 } };
    });

  it("answers that the signature is the key's, and leaves a record", async () => {
    const key = await kms.key();
    const answer = await verify(kms.client, key.id, { Signature: await signatureOf(key.id) });
    expect(members(answer)).toEqual({ KeyId: key.arn, SignatureValid: true, SigningAlgorithm });
    expect(await kms.told(answer)).toEqual({
      event: "Verify",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.id, messageType: "RAW", signingAlgorithm: SigningAlgorithm },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  describe.each(SIGNING)("with a key of %s by %s", (spec, algorithm) => {
    const how = { MessageType: typeOf(algorithm), SigningAlgorithm: algorithm } as const;

    it("refuses, without a word, a signature of another message, by another key, altered, cut or extended", async () => {
      const [key, other] = [await keyOf(spec), spec.startsWith("RSA_") ? await keyOf("RSA_2048") : await kms.key({ KeySpec: spec })];
      const Signature = await signatureOf(key.id, algorithm);
      const altered = Buffer.from(Signature);
      altered[altered.length - 2] = (altered.at(-2) ?? 0) ^ 1;
      const refused: Partial<VerifyCommandInput>[] = [
        { Signature, Message: Buffer.alloc(64, "attack at noon") },
        ...(other.id === key.id ? [] : [{ Signature: await signatureOf(other.id, algorithm) }]),
        { Signature: altered },
        { Signature: Signature.subarray(1) },
        { Signature: Signature.subarray(0, -1) },
        { Signature: Buffer.concat([Signature, Buffer.of(0)]) },
        { Signature: Buffer.of(0x30) },
      ];
      for (const each of refused)
        expect(await kms.refused(verify(kms.client, key.id, { ...how, ...each }))).toBe("KMSInvalidSignatureException");
      expect((await verify(kms.client, key.id, { ...how, Signature })).SignatureValid).toBe(true);
    });
  });

  it.each(["RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256"] as const)(
    "refuses a signature by another algorithm of the key than %s",
    async (algorithm) => {
      const key = await keyOf("RSA_2048");
      for (const other of ["RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_512"] as const) {
        const call = verify(kms.client, key.id, { SigningAlgorithm: algorithm, Signature: await signatureOf(key.id, other) });
        if (other === algorithm) expect((await call).SignatureValid).toBe(true);
        else expect(await kms.refused(call)).toBe("KMSInvalidSignatureException");
      }
    },
  );

  it("refuses a digest of the wrong length, and an algorithm that the key has not, as Sign does", async () => {
    const key = await kms.key();
    const digest = { Message: Buffer.alloc(33), MessageType: "DIGEST" } as const;
    expect(await kms.refused(verify(kms.client, key.id, digest))).toBe(
      "ValidationException: Digest is invalid length for algorithm ECDSA_SHA_256.",
    );
    expect(await kms.refused(verify(kms.client, key.id, { ...digest, SigningAlgorithm: "RSASSA_PSS_SHA_256" }))).toBe(
      "InvalidKeyUsageException: Algorithm RSASSA_PSS_SHA_256 is incompatible with key spec ECC_NIST_P256.",
    );
    const ed25519 = await keyOf("ECC_NIST_EDWARDS25519");
    expect(await kms.refused(verify(kms.client, ed25519.id, { SigningAlgorithm: "ED25519_PH_SHA_512" }))).toBe(
      "ValidationException: MessageType RAW is not valid for algorithm ED25519_PH_SHA_512.",
    );
  });

  it.each([
    ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"],
    ["RSA_2048", "ENCRYPT_DECRYPT"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ] as const)("refuses a key of %s for %s", async (spec, KeyUsage) => {
    const key = await kms.key({ KeySpec: spec, KeyUsage });
    expect(await kms.refused(verify(kms.client, key.id))).toBe(
      `InvalidKeyUsageException: ${key.arn} key usage is ${KeyUsage} which is not valid for Verify.`,
    );
  });

  it("can be tried, which tells of a wrong signature too", async () => {
    const key = await kms.key();
    const Signature = await signatureOf(key.id);
    expect(await kms.refused(verify(kms.client, key.id, { Signature, DryRun: true }))).toBe(WOULD_HAVE_SUCCEEDED);
    expect(await kms.refused(verify(kms.client, key.id, { DryRun: true }))).toBe("KMSInvalidSignatureException");
  });

  itTakesEveryIdentifier(kms, "kms:Verify", asked);
  itFollowsKeyStates(kms, asked, cryptographic);
  itNeedsPermission(kms, "kms:Verify", async (client, id) => verify(client, id, { Signature: await signatureOf(id) }));
  itWorksAcrossAccounts(kms, "kms:Verify", async (client, arn) => verify(client, arn, { Signature: await signatureOf(arn) }));
  itMeansItsOwnAccount(kms, asked);
  itRequires(kms, "signature", (client) => client.send(new VerifyCommand({ KeyId: "alias/any", Message, SigningAlgorithm } as never)));
});
