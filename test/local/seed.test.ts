import { generateKeyPairSync, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, test, vi } from "vitest";
import { REGIONS } from "#domain/regions";
import { readSeed } from "#local/seed";
import { UsageError } from "#local/usage-error";
import { newFolder, serve, trent } from "./command.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

const [A, B, C, D] = ["a", "b", "c", "d"].map((digit) => `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`);
const HEX = "5cdaead27fe7da2de47945d73cd6d79e36494e73802f3cd3869f1d2cb0b5d7a9";
const SIGNING = generateKeyPairSync("ec", { namedCurve: "P-256" });
const PEM = SIGNING.privateKey.export({ type: "pkcs8", format: "pem" }) as string;

/** The path of a file with this text. */
function file(text: string, name = "seed.yaml"): string {
  const path = `${newFolder()}-${name}`;
  writeFileSync(path, text);
  return path;
}
const sandbox = (path: string, ...args: string[]) => serve(newFolder(), ["--sandbox", "--seed", path, ...args]).ready;
const at = (endpoint: string, region = "us-east-1", account = "test") =>
  new KMSClient({ endpoint, region, credentials: { accessKeyId: account, secretAccessKey: "any" } });
const indented = (text: string, by: number) => text.trim().replaceAll("\n", `\n${" ".repeat(by)}`);

const OWN = `
keys:
  - id: ${A}
    material: ${HEX}
    description: orders
    tags: { team: payments, empty: "" }
    aliases: [alias/orders, alias/old/orders]
  - id: ${B}
    account: 012345678901
    region: eu-west-1
    spec: HMAC_256
    enabled: false
    material: ${HEX}
    policy:
      Version: 2012-10-17
      Statement: [{ Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*" }]
  - id: ${C}
    spec: ECC_NIST_P256
    usage: SIGN_VERIFY
    material: |
      ${indented(PEM, 6)}
  - id: ${D}
    materials: [${"1".repeat(64)}, ${HEX}]
`;

describe("a seed", () => {
  test("gives a sandbox keys with ids, material, aliases, tags, policy and state, in accounts and Regions", async () => {
    const url = await sandbox(file(OWN));
    const kms = at(url);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/orders" }));
    expect(KeyMetadata).toMatchObject({ KeyId: A, AWSAccountId: "000000000000", Description: "orders", KeyState: "Enabled" });
    expect((await kms.send(new ListKeysCommand({}))).Keys?.map(({ KeyId }) => KeyId)).toEqual([A, C, D]);
    expect((await kms.send(new ListAliasesCommand({ KeyId: A }))).Aliases?.map(({ AliasName }) => AliasName)).toEqual([
      "alias/old/orders",
      "alias/orders",
    ]);
    expect((await kms.send(new ListResourceTagsCommand({ KeyId: A }))).Tags).toEqual([
      { TagKey: "empty", TagValue: "" },
      { TagKey: "team", TagValue: "payments" },
    ]);

    const other = at(url, "eu-west-1", "012345678901");
    expect((await other.send(new DescribeKeyCommand({ KeyId: B }))).KeyMetadata).toMatchObject({
      Arn: `arn:aws:kms:eu-west-1:012345678901:key/${B}`,
      KeyState: "Disabled",
      KeySpec: "HMAC_256",
      KeyUsage: "GENERATE_VERIFY_MAC",
    });
    expect(JSON.parse((await other.send(new GetKeyPolicyCommand({ KeyId: B }))).Policy ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
    });

    const Message = Buffer.from("hello");
    const { Signature = new Uint8Array() } = await kms.send(new SignCommand({ KeyId: C, Message, SigningAlgorithm: "ECDSA_SHA_256" }));
    expect(verify("sha256", Message, SIGNING.publicKey, Signature)).toBe(true);
    expect(Buffer.from((await kms.send(new GetPublicKeyCommand({ KeyId: C }))).PublicKey ?? "")).toEqual(
      SIGNING.publicKey.export({ type: "spki", format: "der" }),
    );
  });

  test("makes the same keys each time: one sandbox decrypts what another has encrypted", async () => {
    const path = file(JSON.stringify({ keys: [{ id: A, material: HEX }] }), "seed.json");
    const [one, two] = await Promise.all([sandbox(path), sandbox(path)]);
    const { CiphertextBlob } = await at(one).send(new EncryptCommand({ KeyId: A, Plaintext: Buffer.from("hello") }));
    const { Plaintext } = await at(two).send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? "").toString()).toBe("hello");
  });

  test("can be a file of local-kms", async () => {
    const url = await sandbox(
      file(`
Keys:
  Symmetric:
    Aes:
      - Metadata: { KeyId: ${A}, Description: orders }
        BackingKeys:
          - ${"0123456789".repeat(6)}0123
          - ${HEX.toUpperCase()}
  Asymmetric:
    Ecc:
      - Metadata: { KeyId: ${C}, KeyUsage: SIGN_VERIFY }
        PrivateKeyPem: |
          ${indented(SIGNING.privateKey.export({ type: "sec1", format: "pem" }) as string, 10)}
Aliases:
  - { AliasName: alias/testing, TargetKeyId: ${A} }
`),
      "--account",
      "111122223333",
      "--region",
      "eu-west-2",
    );
    const kms = at(url, "eu-west-2", "111122223333");
    expect((await kms.send(new DescribeKeyCommand({ KeyId: "alias/testing" }))).KeyMetadata).toMatchObject({
      Arn: `arn:aws:kms:eu-west-2:111122223333:key/${A}`,
      Description: "orders",
    });
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: A, Plaintext: Buffer.from("hello") }));
    expect(Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? "").toString()).toBe("hello");
    const { Signature } = await kms.send(new SignCommand({ KeyId: C, Message: Buffer.from("hi"), SigningAlgorithm: "ECDSA_SHA_256" }));
    expect(verify("sha256", Buffer.from("hi"), SIGNING.publicKey, Signature ?? new Uint8Array())).toBe(true);
  });

  test.each([
    ["keys:\n  - id: x", "keys[0].id has to be a UUID, in lower case."],
    ["keys:\n  - {}", "keys[0].id is missing."],
    ["keys: 1", "keys has to be a list."],
    ["- keys", "the file has to be a mapping of keys."],
    [`keys:\n  - { id: ${A}, colour: red }`, "keys[0].colour is not known here; there are id, account, "],
    [`keys:\n  - { id: ${A}, region: eu-north-9 }`, "keys[0].region has to be one of "],
    [`keys:\n  - { id: ${A}, account: 1 }`, "keys[0].account has to be 12 digits."],
    [`keys:\n  - { id: ${A}, spec: RSA_2048 }`, "keys[0] needs a usage: one of ENCRYPT_DECRYPT, SIGN_VERIFY."],
    [`keys:\n  - { id: ${A}, material: secret }`, "keys[0].material has to be 64 hexadecimal digits."],
    [`keys:\n  - { id: ${A}, spec: RSA_2048, usage: SIGN_VERIFY, material: ${HEX} }`, "keys[0].material has to be a private key in PEM."],
    [`keys:\n  - { id: ${A}, policy: { Version: 1 } }`, "keys[0].policy is refused: MalformedPolicyDocumentException"],
    [`keys:\n  - { id: ${A}, tags: { "aws:x": y } }`, "keys[0].tags is refused: TagException: Tags beginning with aws: are reserved"],
    [`keys:\n  - { id: ${A}, aliases: [orders] }`, "keys[0].aliases[0] has to be a name such as alias/orders"],
    [`keys:\n  - { id: ${A} }\n  - { id: ${A} }`, `keys[1] repeats ${A}.`],
    [`keys:\n  - { id: ${A}`, "at line 2"],
    [`Aliases:\n  - { AliasName: alias/a, TargetKeyId: ${A} }`, "Aliases[0].TargetKeyId points to a key that is not in the file."],
    [
      `Keys: { Symmetric: { Aes: [{ Metadata: { KeyId: ${A}, Origin: EXTERNAL } }] } }`,
      "Keys.Symmetric.Aes[0].Metadata.Origin has to be AWS_KMS",
    ],
  ])("that is wrong is refused with one line that names the place: %j", async (text, said) => {
    const path = file(text);
    const refusal = await readSeed(path, { account: "000000000000", region: "us-east-1", regions: REGIONS }).catch(
      (cause: unknown) => cause as Error,
    );
    expect(refusal).toBeInstanceOf(UsageError);
    const { message } = refusal as Error;
    expect(message.startsWith(`--seed ${path}: `)).toBe(true);
    expect(message).toContain(said);
    expect(message).not.toMatch(/\n|secret/);
  });

  test("that is wrong keeps the sandbox from starting", async () => {
    const path = file("keys:\n  - id: x");
    expect(await trent(["serve", "--sandbox", "--port", "0", "--seed", path]).ended).toEqual({
      code: 2,
      stdout: "",
      stderr: `trent: --seed ${path}: keys[0].id has to be a UUID, in lower case.\n`,
    });
  });

  test("is for a sandbox only, and has to be there", async () => {
    const path = file("keys: []");
    expect(await trent(["serve", "--seed", path]).ended).toMatchObject({ code: 2, stderr: expect.stringContaining("is for a --sandbox") });
    const { code, stderr } = await trent(["serve", "--sandbox"], { env: { TRENT_SEED: `${path}.not` } }).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining("there is no such file")]);
  });
});
