import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DecryptCommand, DescribeKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Service, startService } from "../service.ts";
import { inShell, lacks, newFolder, scriptOf, variablesOf } from "./in-shell.ts";

describe.skipIf(lacks("aws"))("examples/manual-rotation", { timeout: 60_000 }, () => {
  const folder = newFolder();
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service?.stop());

  test("the README's commands put a new key behind an alias, and what was encrypted before still opens", async () => {
    const kms = service.kms();
    const printed = await inShell(scriptOf("manual-rotation"), folder, variablesOf(service));
    const [, before = "", after = "", plaintext] = /^(\S+) (\S+)\n(.*)$/.exec(printed) ?? [];
    expect(plaintext).toBe("hello");

    const described = (KeyId: string) => kms.send(new DescribeKeyCommand({ KeyId })).then(({ KeyMetadata }) => KeyMetadata);
    expect(await described("alias/orders")).toMatchObject({ KeyId: after, KeyState: "Enabled", Description: `takes over from ${before}` });
    expect(await described(before)).toMatchObject({ KeyState: "Disabled" });

    const moved = await kms.send(new DecryptCommand({ CiphertextBlob: readFileSync(join(folder, "hello.sealed")) }));
    expect(moved.KeyId).toContain(after);
    const encrypted = await kms.send(new EncryptCommand({ KeyId: "alias/orders", Plaintext: Buffer.from("next") }));
    expect(encrypted.KeyId).toBe(moved.KeyId);
  });

  test("a ciphertext from before opens without a key id, and by the alias no more", async () => {
    const kms = service.kms();
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: "alias/orders", Plaintext: Buffer.from("before") }));
    const script = "cp hello.sealed another.sealed\nexamples/manual-rotation/run.sh alias/orders another.sealed";
    const [before = ""] = (await inShell(script, folder, variablesOf(service))).split(" ");
    await inShell(`aws kms enable-key --key-id ${before}`, folder, variablesOf(service));
    expect(Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext ?? []).toString()).toBe("before");
    const byAlias = kms.send(new DecryptCommand({ CiphertextBlob, KeyId: "alias/orders" }));
    await expect(byAlias).rejects.toMatchObject({ name: "IncorrectKeyException" });
  });
});
