import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, DisableKeyCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { underKmsKey } from "#roots/aws-kms";
import { ensureRootFile, rootFromFile } from "#roots/file";
import { passphraseIn, underPassphrase } from "#roots/passphrase";
import { RootUnusable } from "#roots/root";
import { type Service, startService } from "../service.ts";
import { newFolder, serve, stop } from "./command.ts";

// scrypt takes some tenths of a second each time, on purpose; and processes are started.
vi.setConfig({ testTimeout: 60_000 });

const PASSPHRASE = "correct horse battery staple";
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trent-root-"));
  path = join(folder, "root.key");
});
afterEach(() => rmSync(folder, { recursive: true }));

const stored = () => JSON.parse(readFileSync(path, "utf8"));
const store = (value: object) => writeFileSync(path, JSON.stringify(value));

describe("a root under a passphrase", () => {
  test("is the same each time, and the file tells neither half", async () => {
    await ensureRootFile(path, underPassphrase(PASSPHRASE));
    const root = await rootFromFile(path, underPassphrase(PASSPHRASE));
    expect((await rootFromFile(path, underPassphrase(PASSPHRASE))).fingerprint).toBe(root.fingerprint);
    const bytes = readFileSync(path);
    for (const half of [await root.control(), await root.material()])
      for (const form of ["base64", "hex"] as const) expect(bytes.includes(half.export().toString(form))).toBe(false);
    expect(stored()).toMatchObject({ version: 1, protection: "passphrase", scrypt: { cost: 131_072, blockSize: 8, parallelization: 1 } });
    expect(readdirSync(folder)).toEqual(["root.key"]);
  });

  test("opens by a passphrase that is composed otherwise", async () => {
    await ensureRootFile(path, underPassphrase("a-caf\u00e9-at-the-corner"));
    await expect(rootFromFile(path, underPassphrase("a-cafe\u0301-at-the-corner"))).resolves.toBeDefined();
  });

  test("is not made under a short one", async () => {
    await expect(ensureRootFile(path, underPassphrase("secret"))).rejects.toThrow("The passphrase has fewer than 12 characters");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("does not open by another, nor with its halves swapped, nor changed, nor as another kind of file", async () => {
    await ensureRootFile(path, underPassphrase(PASSPHRASE));
    const right = stored();
    const opened = () => rootFromFile(path, underPassphrase(PASSPHRASE));
    await expect(rootFromFile(path, underPassphrase(`${PASSPHRASE}!`))).rejects.toThrow("The passphrase does not open the root key.");
    await expect(rootFromFile(path)).rejects.toThrow(/root\.key is protected by "passphrase": use --root passphrase\./);
    store({ ...right, control: right.material, material: right.control });
    await expect(opened()).rejects.toThrow("The passphrase does not open the root key.");
    const wrapped = Buffer.from(right.material, "base64");
    wrapped[20] = (wrapped[20] as number) ^ 1;
    store({ ...right, material: wrapped.toString("base64") });
    await expect(opened()).rejects.toThrow("The passphrase does not open the root key.");
  });

  test.each([
    { cost: 2 ** 16 },
    { cost: 2 ** 21 },
    { cost: 131_073 },
    { cost: "131072" },
    { blockSize: 1 },
    { parallelization: 64 },
    { salt: "AA==" },
    { salt: 5 },
  ])("asks no other work of scrypt: %j", async (change) => {
    await ensureRootFile(path, underPassphrase(PASSPHRASE));
    const right = stored();
    store({ ...right, scrypt: { ...right.scrypt, ...change } });
    await expect(rootFromFile(path, underPassphrase(PASSPHRASE))).rejects.toThrow(
      "The root key file does not say how its passphrase was used.",
    );
  });

  test("is taken from a variable or from a file, which not everybody may read", () => {
    const file = join(folder, "passphrase");
    writeFileSync(file, `${PASSPHRASE}\n`, { mode: 0o600 });
    expect(passphraseIn({ TRENT_PASSPHRASE: PASSPHRASE })).toBe(PASSPHRASE);
    expect(passphraseIn({ TRENT_PASSPHRASE_FILE: file })).toBe(PASSPHRASE);
    chmodSync(file, 0o604);
    expect(() => passphraseIn({ TRENT_PASSPHRASE_FILE: file })).toThrow("passphrase can be read by everybody (mode 604): chmod 600 it.");
    expect(() => passphraseIn({ TRENT_PASSPHRASE_FILE: join(folder, "none") })).toThrow(/none cannot be read: ENOENT/);
    writeFileSync(file, "\n", { mode: 0o600 });
    chmodSync(file, 0o600);
    expect(() => passphraseIn({ TRENT_PASSPHRASE_FILE: file })).toThrow(/The passphrase in .*passphrase is empty\.$/);
    expect(() => passphraseIn({ TRENT_PASSPHRASE: "" })).toThrow("The passphrase in TRENT_PASSPHRASE is empty.");
    expect(() => passphraseIn({})).toThrow("There is no passphrase: set TRENT_PASSPHRASE_FILE, or TRENT_PASSPHRASE.");
  });

  test("starts a server, which without it does not start", async () => {
    const data = newFolder();
    const env = { TRENT_PASSPHRASE: PASSPHRASE, TRENT_ROOT: "passphrase" };
    const first = serve(data, [], { env });
    await first.ready;
    const { stdout } = await stop(first);
    const again = serve(data, [], { env });
    await again.ready;
    expect((await stop(again)).stdout.split("\n")[0]).toBe(stdout.split("\n")[0]);
    for (const [args, environment, line] of [
      [["--root", "passphrase"], {}, /There is no passphrase/],
      [["--root", "passphrase"], { TRENT_PASSPHRASE: "another passphrase" }, /The passphrase does not open the root key/],
      [["--root", "file"], {}, /use --root passphrase/],
    ] as const) {
      const { code, stderr } = await serve(data, args, { env: environment }).ended;
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(line) });
    }
  });
});

describe("a root under a KMS key", () => {
  let kms: Service;
  let keyId: string;
  let settings: { readonly endpoint: string; readonly credentials: { accessKeyId: string; secretAccessKey: string } };
  beforeEach(async () => {
    kms = await startService();
    const { KeyMetadata } = await kms.kms().send(new CreateKeyCommand({}));
    keyId = KeyMetadata?.Arn ?? "";
    settings = { endpoint: kms.url, credentials: kms.administrator };
  });
  afterEach(() => kms.stop());

  test("is the same each time, by two calls that the KMS has recorded, and the file tells neither half", async () => {
    await ensureRootFile(path, underKmsKey(keyId, settings));
    const root = await rootFromFile(path, underKmsKey(keyId, settings));
    expect((await rootFromFile(path, underKmsKey(keyId, settings))).fingerprint).toBe(root.fingerprint);
    const bytes = readFileSync(path);
    for (const half of [await root.control(), await root.material()]) expect(bytes.includes(half.export().toString("base64"))).toBe(false);
  });

  test("is not made by a KMS that answers without a ciphertext", async () => {
    const empty = createServer((_, response) => response.end("{}"));
    await new Promise<void>((resolve) => empty.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(empty.address() as AddressInfo).port}`;
    await expect(ensureRootFile(path, underKmsKey(keyId, { ...settings, endpoint }))).rejects.toThrow(/without a CiphertextBlob/);
    empty.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("does not open when the key does not serve, or for the other half", async () => {
    await ensureRootFile(path, underKmsKey(keyId, settings));
    const right = stored();
    store({ ...right, control: right.material, material: right.control });
    await expect(rootFromFile(path, underKmsKey(keyId, settings))).rejects.toThrow(/does not serve as root: InvalidCiphertextException/);
    store(right);
    await kms.kms().send(new DisableKeyCommand({ KeyId: keyId }));
    await expect(rootFromFile(path, underKmsKey(keyId, settings))).rejects.toThrow(RootUnusable);
    await expect(rootFromFile(path, underKmsKey(keyId, settings))).rejects.toThrow(
      /does not serve as root: DisabledException: .* is disabled\./,
    );
    await expect(rootFromFile(path)).rejects.toThrow(/use --root aws-kms:KEY\./);
  });

  test("starts a server, which without it does not start", async () => {
    const data = newFolder();
    const { endpoint, credentials } = settings;
    const env = {
      AWS_ENDPOINT_URL_KMS: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    const first = serve(data, ["--root", `aws-kms:${keyId}`], { env });
    await first.ready;
    await stop(first);
    await kms.kms().send(new DisableKeyCommand({ KeyId: keyId }));
    const { code, stderr } = await serve(data, ["--root", `aws-kms:${keyId}`], { env }).ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^trent: The KMS key .+ does not serve as root: [^\n]+\n$/),
    });
  });
});
