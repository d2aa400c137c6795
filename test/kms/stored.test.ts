import { GetPublicKeyCommand, SignCommand, VerifyCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { HOME } from "../service.ts";
import { startKms } from "./start.ts";

describe("the stored half of a pair", () => {
  const kms = startKms({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const row = { sk: "KEY" } as const;

  it("that is public is in the clear; the private one is nowhere, not even as it begins", async () => {
    const { id } = await kms.key();
    const stored = await kms.database.table("keys", HOME).get({ pk: `K#${id}`, ...row });
    const [material] = JSON.parse(stored?.body ?? "{}").materials;
    const { PublicKey = new Uint8Array() } = await kms.client.send(new GetPublicKeyCommand({ KeyId: id }));
    expect(material.p).toBe(Buffer.from(PublicKey).toString("base64"));
    // Whatever PKCS #8 of this curve there is begins so.
    const pkcs8 = Buffer.from("30818702010030130607", "hex");
    expect(Buffer.from(material.w, "base64").includes(pkcs8)).toBe(false);
  });

  it("that is public cannot be replaced: a row with another's is not believed", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    const table = kms.database.table("keys", HOME);
    const [mine, theirs] = await Promise.all([key, other].map(({ id }) => table.get({ pk: `K#${id}`, ...row })));
    if (!mine || !theirs) throw new Error("A key is not stored.");
    const [p, q] = [mine, theirs].map(({ body }) => JSON.parse(body).materials[0].p as string);
    await table.put({ ...mine, version: mine.version + 1, body: mine.body.replace(p ?? "", q ?? "") }, mine.version);
    await expect(kms.client.send(new GetPublicKeyCommand({ KeyId: key.id }))).rejects.toMatchObject({ name: "KMSInternalException" });
    const signed = { KeyId: other.id, Message: Buffer.from("a"), SigningAlgorithm: "ECDSA_SHA_256" } as const;
    const { Signature } = await kms.client.send(new SignCommand(signed));
    await expect(kms.client.send(new VerifyCommand({ ...signed, KeyId: key.id, Signature }))).rejects.toMatchObject({
      name: "KMSInternalException",
    });
  });
});
