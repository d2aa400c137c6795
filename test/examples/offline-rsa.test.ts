import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Service, startService } from "../service.ts";
import { inShell, lacks, newFolder, scriptOf, variablesOf } from "./in-shell.ts";

describe.skipIf(lacks("aws", "openssl"))("examples/offline-rsa", { timeout: 60_000 }, () => {
  const folder = newFolder();
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service?.stop());

  test("the README's commands encrypt by OpenSSL what Trent decrypts", async () => {
    expect(await inShell(scriptOf("offline-rsa"), folder, variablesOf(service))).toBe("meet at dawn");
    // The block of an RSA key, and nothing around it.
    expect(readFileSync(join(folder, "message.sealed"))).toHaveLength(384);
  });

  test("what is longer than the key takes is refused by OpenSSL, where it is encrypted", async () => {
    const { KeyMetadata } = await service.kms().send(new CreateKeyCommand({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" }));
    const encrypt = (length: number) => {
      writeFileSync(join(folder, "message.txt"), randomBytes(length).toString("hex").slice(0, length));
      return inShell(`examples/offline-rsa/run.sh ${KeyMetadata?.KeyId} message.txt`, folder, variablesOf(service));
    };
    expect(await encrypt(190)).toHaveLength(190);
    await expect(encrypt(191)).rejects.toMatchObject({ stderr: expect.stringMatching(/too large/) });
  });
});
