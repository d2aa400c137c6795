/** @see AWS KMS API Reference, "GrantConstraints" */
import { CreateGrantCommand, type CreateGrantCommandInput, DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { beforeEach, describe, expect, it } from "vitest";
import { startKms, type TestKey, type TestUser } from "../kms/start.ts";
import { type Act, type Context, dataKey, decrypt, describeKey, encrypt } from "./acts.ts";
import { SAID } from "./refusals.ts";

describe("a grant gives access within its constraint", () => {
  const kms = startKms();
  let key: TestKey;
  let alice: TestUser;

  beforeEach(async () => {
    [key, alice] = [await kms.key(), await kms.someone()];
  });

  const grant = (rest: Partial<CreateGrantCommandInput> = {}) =>
    kms.client.send(new CreateGrantCommand({ KeyId: key.arn, GranteePrincipal: alice.arn, Operations: ["Encrypt"], ...rest }));
  const may = async (who: TestUser, act: Act) => expect((await kms.told(await act.by(who.client, key, who))).caller).toBe(who.arn);
  const mayNot = async (who: TestUser, act: Act) =>
    expect(await kms.refused(act.by(who.client, key, who))).toBe(
      SAID["no identity policy"]({ who: who.arn, action: act.action, on: key.arn }),
    );

  const cases: [
    kind: string,
    Constraints: CreateGrantCommandInput["Constraints"],
    yes: (Context | undefined)[],
    no: (Context | undefined)[],
  ][] = [
    [
      "EncryptionContextEquals",
      { EncryptionContextEquals: { Department: "IT", Stage: "Test" } },
      [
        { Department: "IT", Stage: "Test" },
        { Stage: "Test", Department: "IT" },
        { DEPARTMENT: "IT", stage: "Test" },
      ],
      [
        undefined,
        {},
        { Department: "IT" },
        { Department: "IT", Stage: "test" },
        { Department: "IT", Stage: "Test", more: "1" },
        { Department: "IT", Stage: "Test", STAGE: "Test" },
        { Department: "Test", Stage: "IT" },
      ],
    ],
    [
      "EncryptionContextSubset",
      { EncryptionContextSubset: { Department: "IT" } },
      [{ Department: "IT" }, { department: "IT" }, { Stage: "Test", Department: "IT" }],
      [undefined, {}, { Department: "it" }, { Department: "IT " }, { Dept: "IT" }, { IT: "Department" }],
    ],
  ];

  it.each(cases)("%s: names in any letters, values exactly", async (_, Constraints, yes, no) => {
    await grant({ Constraints, Operations: ["Encrypt", "Decrypt", "GenerateDataKey"] });
    for (const context of yes) for (const act of [encrypt(context), dataKey(context), decrypt(kms, context)]) await may(alice, act);
    for (const context of no) for (const act of [encrypt(context), dataKey(context), decrypt(kms, context)]) await mayNot(alice, act);
  });

  it("which is nothing to operations that take no context", async () => {
    await grant({ Constraints: { EncryptionContextEquals: { a: "1" } }, Operations: ["DescribeKey", "Encrypt"] });
    await may(alice, describeKey());
    await mayNot(alice, encrypt());
  });

  it("but the context of a ciphertext is compared exactly when it is decrypted", async () => {
    await grant({ Constraints: { EncryptionContextSubset: { a: "1" } }, Operations: ["Encrypt", "Decrypt"] });
    const made = await alice.client.send(
      new EncryptCommand({ KeyId: key.arn, Plaintext: Buffer.from("a"), EncryptionContext: { A: "1" } }),
    );
    const decrypted = (EncryptionContext: Context) =>
      alice.client.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }));
    expect((await decrypted({ A: "1" })).KeyId).toBe(key.arn);
    expect(await kms.refused(decrypted({ a: "1" }))).toBe("InvalidCiphertextException");
  });

  it("which another grant may widen", async () => {
    await grant({ Constraints: { EncryptionContextEquals: { a: "1" } } });
    await grant({ Constraints: { EncryptionContextEquals: { a: "2" } } });
    for (const a of ["1", "2"]) await may(alice, encrypt({ a }));
    await mayNot(alice, encrypt({ a: "3" }));
    await grant();
    await may(alice, encrypt({ a: "3" }));
  });
});
