import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureRootFile, rootFromFile } from "#roots/file";
import { RootUnusable } from "#roots/root";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trent-root-"));
  path = join(folder, "root.key");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a root is made once, for its owner only, and read as it was written", async () => {
  await ensureRootFile(path);
  const made = readFileSync(path, "utf8");
  const { fingerprint } = await rootFromFile(path);
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
  expect(fingerprint).toMatch(/^[0-9a-f]{16}-[0-9a-f]{16}$/);
  await ensureRootFile(path);
  expect(readFileSync(path, "utf8")).toBe(made);
  expect((await rootFromFile(path)).fingerprint).toBe(fingerprint);
  expect(readdirSync(folder)).toEqual(["root.key"]);
});

test("what a crash left behind is cleared away, and nothing else", async () => {
  await ensureRootFile(path);
  linkSync(path, `${path}.0123456789abcdef`);
  writeFileSync(`${path}.fedcba9876543210`, "half a r");
  writeFileSync(`${path}.backup`, readFileSync(path));
  await ensureRootFile(path);
  expect(readdirSync(folder).sort()).toEqual(["root.key", "root.key.backup"]);
});

describe("a root is refused", () => {
  test.each(["644", "640", "604", "660", "601", "777"])("that has mode %s", async (mode) => {
    await ensureRootFile(path);
    chmodSync(path, Number.parseInt(mode, 8));
    await expect(rootFromFile(path)).rejects.toThrow(`root.key can be read by others (mode ${mode}): chmod 600 it`);
  });

  const half = Buffer.alloc(32, 1).toString("base64");
  test.each([
    "",
    "null",
    "[]",
    "5",
    "{",
    "{}",
    JSON.stringify({ version: 2, control: half, material: Buffer.alloc(32, 2).toString("base64") }),
    JSON.stringify({ version: 1, control: half, material: half }),
    JSON.stringify({ version: 1, control: half, material: "AA==" }),
    JSON.stringify({ version: 1, control: half }),
    JSON.stringify({ version: 1, control: half, material: 7 }),
  ])("that holds %j", async (text) => {
    writeFileSync(path, text, { mode: 0o600 });
    await expect(rootFromFile(path)).rejects.toThrow(RootUnusable);
  });

  test("that is not there, or a folder", async () => {
    await expect(rootFromFile(path)).rejects.toThrow(RootUnusable);
    expect(existsSync(path)).toBe(false);
    mkdirSync(path, { mode: 0o700 });
    await expect(rootFromFile(path)).rejects.toThrow("root.key is not a file.");
  });

  test("without a byte of it in the message", async () => {
    writeFileSync(path, `{"version":1,"control":"${half}","material":"${half}`, { mode: 0o600 });
    await expect(rootFromFile(path)).rejects.toThrow(expect.not.objectContaining({ message: expect.stringContaining(half.slice(0, 8)) }));
  });
});
