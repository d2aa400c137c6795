import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  SignCommand,
  VerifyCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { openHost } from "#local/host";
import { listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import { openMemory } from "#store/drivers/sqlite";
import { HOME, type Service, startService, testRoot } from "../service.ts";
import { trent } from "./command.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe("--fips", () => {
  // Node as it is shipped has no FIPS provider: what the mode does where there is one cannot be tried here.
  test("without a FIPS provider starts nothing, and says why in one line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trent-test-"));
    const { code, stdout, stderr } = await trent(["serve", "--fips", "--data", folder, "--port", "0"]).ended;
    rmSync(folder, { recursive: true, force: true });
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: "",
      stderr: "trent: --fips: the OpenSSL of this Node has no FIPS provider that works; see its manual page fips_module(7).\n",
    });
  });

  test("does not go with a passphrase", async () => {
    const { code, stderr } = await trent(["serve", "--fips", "--root", "passphrase"]).ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "trent: --fips: a passphrase protects the root by scrypt, which is not approved; use another --root.\n",
    });
  });
});

describe("in FIPS mode", () => {
  const [database, roots] = [openMemory(), testRoot()];
  let trent: Service;
  beforeAll(async () => {
    trent = await startService({ database, root: roots, fips: true });
  });
  afterAll(() => trent.stop());

  /** A server of the same store that is not in this mode. */
  async function other(): Promise<KMSClient> {
    const operator = operatorLog("warn", () => undefined);
    const host = await openHost({ database, roots, home: HOME, regions: [HOME], quotas: QUOTA_PROFILES.off, sandbox: false, operator });
    const server = await listen({ host: "127.0.0.1", port: 0, dispatch: host.dispatch, operator });
    onTestFinished(() => server.stop());
    return new KMSClient({ endpoint: server.url, region: HOME, credentials: trent.administrator, maxAttempts: 1 });
  }

  const refusal = (what: string) => ({ name: "UnsupportedOperationException", message: `${what} is not available in FIPS mode.` });

  test("no key of a curve that is not approved is made", async () => {
    const kms = trent.kms();
    const spec = "ECC_SECG_P256K1";
    await expect(kms.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: "SIGN_VERIFY" }))).rejects.toMatchObject(
      refusal(`KeySpec ${spec}`),
    );
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const pair = new GenerateDataKeyPairCommand({ KeyId: KeyMetadata?.KeyId, KeyPairSpec: spec });
    await expect(kms.send(pair)).rejects.toMatchObject(refusal(`KeySpec ${spec}`));
    await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from("approved") }));
  });

  test("one that was made before is used no more, and can be deleted", async () => {
    const made = await (await other()).send(new CreateKeyCommand({ KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY" }));
    const KeyId = made.KeyMetadata?.KeyId;
    const kms = trent.kms();
    const sign = new SignCommand({ KeyId, Message: Buffer.from("message"), SigningAlgorithm: "ECDSA_SHA_256" });
    await expect(kms.send(sign)).rejects.toMatchObject(refusal("KeySpec ECC_SECG_P256K1"));
    await kms.send(new DescribeKeyCommand({ KeyId }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  });

  test("messages are signed and verified, digests are not", async () => {
    const kms = trent.kms();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }));
    const asked = { KeyId: KeyMetadata?.KeyId, Message: Buffer.alloc(32), SigningAlgorithm: "ECDSA_SHA_256" } as const;
    const { Signature } = await kms.send(new SignCommand(asked));
    await kms.send(new VerifyCommand({ ...asked, Signature }));
    for (const command of [
      new SignCommand({ ...asked, MessageType: "DIGEST" }),
      new VerifyCommand({ ...asked, Signature, MessageType: "DIGEST" }),
    ])
      await expect(kms.send(command as SignCommand)).rejects.toMatchObject(refusal("MessageType DIGEST"));
  });
});
