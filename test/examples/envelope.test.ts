import { createHash, randomBytes } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateAliasCommand, CreateKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BLOCK_BYTES, TAG_BYTES } from "../../examples/envelope/format.ts";
import { openFile } from "../../examples/envelope/open-file.ts";
import { sealFile } from "../../examples/envelope/seal-file.ts";
import { type Service, startService } from "../service.ts";
import { inShell, newFolder, scriptOf, variablesOf } from "./in-shell.ts";

const MB = 1_048_576;
const SEALED_BLOCK = BLOCK_BYTES + TAG_BYTES;

describe("examples/envelope", () => {
  const folder = newFolder();
  const path = (name: string): string => join(folder, name);
  let service: Service;
  let kms: KMSClient;
  let key = "";
  beforeAll(async () => {
    service = await startService();
    kms = service.kms();
    key = await newKey();
  });
  afterAll(() => service?.stop());
  const newKey = async (): Promise<string> => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";

  /** What is before the blocks of a sealed file, and the blocks. */
  async function sealed(plaintext: Uint8Array): Promise<{ readonly header: Buffer; readonly blocks: readonly Buffer[] }> {
    writeFileSync(path("plain"), plaintext);
    await sealFile(kms, key, path("plain"), path("sealed"));
    const file = readFileSync(path("sealed"));
    const length = 10 + file.readUInt16BE(8);
    const blocks: Buffer[] = [];
    for (let at = length; at < file.length; at += SEALED_BLOCK) blocks.push(file.subarray(at, at + SEALED_BLOCK));
    return { header: file.subarray(0, length), blocks };
  }
  async function opened(...parts: readonly Uint8Array[]): Promise<Buffer> {
    writeFileSync(path("altered"), Buffer.concat(parts));
    await openFile(kms, path("altered"), path("opened"));
    return readFileSync(path("opened"));
  }

  test.each([0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES])("opens what it sealed of %i bytes", async (length) => {
    const plaintext = randomBytes(length);
    const { header, blocks } = await sealed(plaintext);
    expect(blocks).toHaveLength(Math.max(1, Math.ceil(length / BLOCK_BYTES)));
    expect((await opened(header, ...blocks)).equals(plaintext)).toBe(true);
  });

  test("refuses a file that was altered, cut off, put together otherwise or lengthened, and leaves none behind", async () => {
    const { header, blocks } = await sealed(randomBytes(2 * BLOCK_BYTES + 5));
    const { header: other, blocks: others } = await sealed(randomBytes(2 * BLOCK_BYTES + 5));
    const [first, second, third] = blocks as [Buffer, Buffer, Buffer];
    const flipped = (bytes: Buffer, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const wrong: Readonly<Record<string, readonly Uint8Array[]>> = {
      "a bit of a block": [header, first, flipped(second, 77), third],
      "a bit of a tag": [header, flipped(first, SEALED_BLOCK - 1), second, third],
      "a bit of the data key": [flipped(header, header.length - 1), ...blocks],
      "a bit of the magic": [flipped(header, 0), ...blocks],
      "the last block is missing": [header, first, second],
      "all blocks are missing": [header],
      "half of the header is missing": [header.subarray(0, 40)],
      "a byte is missing": [header, first, second, third.subarray(1)],
      "a byte too many": [header, ...blocks, Buffer.of(0)],
      "blocks in another order": [header, second, first, third],
      "a block twice": [header, first, first, second, third],
      "a block of another file": [header, first, others[1] as Buffer, third],
      "the header of another file": [other, ...blocks],
    };
    for (const [what, parts] of Object.entries(wrong)) {
      writeFileSync(path("altered"), Buffer.concat(parts));
      await expect(openFile(kms, path("altered"), path("never")), what).rejects.toThrow();
      expect(readdirSync(folder).filter((name) => name.startsWith("never"))).toEqual([]);
    }
  });

  test("opens only what was sealed under the key that is named", async () => {
    await sealed(randomBytes(5));
    await openFile(kms, path("sealed"), path("opened"), key);
    const other = openFile(kms, path("sealed"), path("refused"), await newKey());
    await expect(other).rejects.toMatchObject({ name: "IncorrectKeyException" });
  });

  test("seals and opens 256 MB in the memory that 1 MB takes", { timeout: 180_000 }, async () => {
    const peak = "process.on('exit', () => console.log(process.resourceUsage().maxRSS * 1024))";
    const node = `node --max-old-space-size=48 --import 'data:text/javascript,${encodeURIComponent(peak).replaceAll("'", "%27")}'`;
    const peakOf = async (args: string) => Number(await inShell(`${node} examples/envelope/main.ts ${args}`, folder, variablesOf(service)));
    const peaks: Record<string, readonly number[]> = {};
    for (const megabytes of [1, 256]) {
      // The rest of the file is zeros, and sparse.
      writeFileSync(path("large"), randomBytes(MB));
      truncateSync(path("large"), megabytes * MB);
      const sealing = await peakOf(`seal ${key} large large.sealed`);
      const opening = await peakOf("open large.sealed large.opened");
      expect(await digestOf(path("large.opened"))).toBe(await digestOf(path("large")));
      expect(await digestOf(path("large.sealed"))).not.toBe(await digestOf(path("large")));
      peaks[megabytes] = [sealing, opening];
    }
    for (const [index, peak] of (peaks[256] ?? []).entries()) expect(peak - (peaks[1]?.[index] ?? 0)).toBeLessThan(64 * MB);
  });

  test("the README's commands seal a file, and open it", async () => {
    await kms.send(new CreateAliasCommand({ AliasName: "alias/orders", TargetKeyId: key }));
    const plaintext = randomBytes(MB);
    writeFileSync(path("backup.tar"), plaintext);
    await inShell(scriptOf("envelope"), folder, variablesOf(service));
    expect(readFileSync(path("restored.tar")).equals(plaintext)).toBe(true);
    expect(readFileSync(path("backup.sealed")).subarray(0, 8).toString()).toBe("ENVELOP1");
  });

  test("says how it is used", async () => {
    const misused = inShell(`node examples/envelope/main.ts seal ${key}`, folder, variablesOf(service));
    await expect(misused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("usage: node main.ts seal KEY FILE SEALED") });
  });
});

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest("hex");
}
