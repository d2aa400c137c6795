import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Service, startService } from "../service.ts";
import { inShell, lacks, newFolder, scriptOf, variablesOf } from "./in-shell.ts";

const VERIFIED = "Signature Verified Successfully\n";

describe.skipIf(lacks("aws", "openssl"))("examples/container-digest", { timeout: 60_000 }, () => {
  const folder = newFolder();
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service?.stop());
  const shell = (script: string) => inShell(script, folder, variablesOf(service));

  test("the README's commands sign a digest, verify it without the KMS, and refuse another one", async () => {
    expect(await shell(scriptOf("container-digest"))).toBe(VERIFIED);
    const other = `sha256:${createHash("sha256").update("another manifest").digest("hex")}`;
    const script = scriptOf("container-digest").replace(/^examples\/container-digest\/verify\.sh .*$/m, (line) =>
      [line, line.replace('"$image"', other)].join("\n"),
    );
    await expect(shell(script)).rejects.toMatchObject({ code: 1, stdout: `${VERIFIED}Signature Verification Failure\n` });
  });

  test("signs the manifest itself: whoever has it verifies the signature over it", async () => {
    const manifest = '{"schemaVersion":2}';
    const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
    const script = scriptOf("container-digest").replace(/^image=.*$/m, `image=${digest}`);
    const dgst = `openssl dgst -sha256 -verify image-signing.pem -signature <(base64 --decode <<< "$signature") <(printf '%s' '${manifest}')`;
    expect(await shell(`${script}\n${dgst}`)).toBe(`${VERIFIED}Verified OK\n`);
  });

  test.each(["latest", "sha512:00", `sha256:${"g".repeat(64)}`])("refuses to sign %s, which is no digest of an image", async (name) => {
    await expect(shell(`examples/container-digest/sign.sh any ${name}`)).rejects.toMatchObject({
      code: 2,
      stderr: `not the digest of an image: ${name}\n`,
    });
  });
});
