import {
  CreateGrantCommand,
  DecryptCommand,
  EncryptCommand,
  GetKeyLastUsageCommand,
  type KMSClient,
  ReEncryptCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { eventIdOf } from "#domain/event-id";
import { ACCOUNT } from "../service.ts";
import { itRequires, itTakesIdsAndArns } from "./identifiers.ts";
import { itNeedsPermission, itStaysInItsAccount } from "./permissions.ts";
import { ADMINISTRATOR, members, OTHER_ACCOUNT, startKms } from "./start.ts";
import { always, itFollowsKeyStates } from "./states.ts";

const get = (client: KMSClient, KeyId: string) => client.send(new GetKeyLastUsageCommand({ KeyId }));
const Plaintext = Buffer.from("text");

describe("GetKeyLastUsage", () => {
  const kms = startKms();

  /** As an answer tells of this call. */
  const told = (Operation: string, { $metadata: { requestId = "" } }: { readonly $metadata: { readonly requestId?: string } }) => ({
    Operation,
    Timestamp: kms.now(),
    CloudTrailEventId: eventIdOf(requestId, ACCOUNT),
    KmsRequestId: requestId,
  });

  it("answers nothing of a key that was never used, and since when that is known: since it was made", async () => {
    const key = await kms.key();
    await kms.client.send(new EncryptCommand({ KeyId: (await kms.key()).id, Plaintext }));
    const created = kms.now();
    kms.advance({ days: 2 });
    const answer = { KeyId: key.arn, KeyLastUsage: {}, TrackingStartDate: created, KeyCreationDate: created };
    expect(members(await get(kms.client, key.id))).toEqual(answer);
  });

  it("answers the last of several uses, and of no other key's", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext }));
    kms.advance({ days: 1 });
    const decrypted = await kms.client.send(new DecryptCommand({ CiphertextBlob }));
    const last = told("Decrypt", decrypted);
    kms.advance({ days: 1 });
    await kms.client.send(new EncryptCommand({ KeyId: other.id, Plaintext }));
    expect(members(await get(kms.client, key.arn)).KeyLastUsage).toEqual(last);
  });

  it("knows of both keys of a ReEncrypt", async () => {
    const [from, to] = [await kms.key(), await kms.key()];
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: from.id, Plaintext }));
    kms.advance({ days: 1 });
    const last = told("ReEncrypt", await kms.client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.id })));
    for (const { id } of [from, to]) expect((await get(kms.client, id)).KeyLastUsage).toEqual(last);
  });

  it("counts successful cryptographic operations alone", async () => {
    const key = await kms.key({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const wrong = new SignCommand({ KeyId: key.id, Message: Plaintext, SigningAlgorithm: "RSASSA_PSS_SHA_256" });
    await expect(kms.client.send(wrong)).rejects.toThrow();
    await get(kms.client, key.id);
    expect((await get(kms.client, key.id)).KeyLastUsage).toEqual({});
    const signed = await kms.client.send(new SignCommand({ KeyId: key.id, Message: Plaintext, SigningAlgorithm: "ECDSA_SHA_256" }));
    expect((await get(kms.client, key.id)).KeyLastUsage).toEqual(told("Sign", signed));
  });

  it("knows of a use by another account, under the event id of the key's own", async () => {
    const key = await kms.key();
    const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "kms:*", Resource: "*" } };
    const stranger = await kms.someone([everything], OTHER_ACCOUNT);
    await kms.client.send(new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: stranger.arn, Operations: ["Encrypt"] }));
    const used = await stranger.client.send(new EncryptCommand({ KeyId: key.arn, Plaintext }));
    expect((await get(kms.client, key.id)).KeyLastUsage).toEqual(told("Encrypt", used));
  });

  it("goes back as far as records are kept", async () => {
    const key = await kms.key();
    await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext }));
    kms.advance({ days: 91 });
    const { KeyLastUsage, TrackingStartDate } = await get(kms.client, key.id);
    expect({ KeyLastUsage, TrackingStartDate }).toEqual({
      KeyLastUsage: {},
      TrackingStartDate: new Date(kms.now().getTime() - 90 * 86_400_000),
    });
  });

  it("leaves a record", async () => {
    const key = await kms.key();
    expect(await kms.told(await get(kms.client, key.arn))).toEqual({
      event: "GetKeyLastUsage",
      caller: ADMINISTRATOR,
      parameters: { keyId: key.arn },
      resources: [key.arn],
      readOnly: true,
      intents: [],
      changes: [],
    });
  });

  itTakesIdsAndArns(kms, "kms:GetKeyLastUsage", get);
  itFollowsKeyStates(kms, get, always);
  itNeedsPermission(kms, "kms:GetKeyLastUsage", get);
  itStaysInItsAccount(kms, "kms:GetKeyLastUsage", get);
  itRequires(kms, "keyId", (client) => client.send(new GetKeyLastUsageCommand({} as never)));
});

describe("GetKeyLastUsage, where records are kept for 14 days", () => {
  const kms = startKms({}, { retention: { days: 14 } });

  it("goes back no further", async () => {
    const key = await kms.key();
    await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext }));
    kms.advance({ days: 20 });
    const { KeyLastUsage, TrackingStartDate } = await get(kms.client, key.id);
    expect({ KeyLastUsage, TrackingStartDate }).toEqual({
      KeyLastUsage: {},
      TrackingStartDate: new Date(kms.now().getTime() - 14 * 86_400_000),
    });
  });
});
