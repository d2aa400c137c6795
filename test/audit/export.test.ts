import { createHash, createPublicKey, verify } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { verifyExport } from "#local/audit-exported";
import { publicKeysFrom, publicKeysIn } from "#local/audit-pub";
import { filesOf } from "#local/export-files";
import { exportAgain, exportKept, newFolder, verifyFiles } from "./kept-export.ts";
import { insert, recordsIn, remove, set } from "./kept-log.ts";

const kept = mkdtempSync(join(tmpdir(), "trent-export-"));
const DIR = join(kept, "export");
let files: readonly string[] = [];
beforeAll(async () => {
  files = await exportKept(kept);
});
afterAll(() => rmSync(kept, { recursive: true, force: true }));

const unpacked = (path: string, at = DIR): string => gunzipSync(readFileSync(join(at, path))).toString();
const logs = () => files.filter((path) => path.includes("/CloudTrail/"));
const digests = () => files.filter((path) => path.includes("/CloudTrail-Digest/") && path.endsWith(".gz"));
const chains = () => files.filter((path) => path.endsWith(".jsonl.gz"));

/** A copy of the export, changed and verified. */
async function findingsAfter(change: (folder: string) => void) {
  const folder = newFolder();
  cpSync(DIR, folder, { recursive: true });
  change(folder);
  return (await verifyFiles(folder, kept)).findings;
}

test("hours that have closed are exported in CloudTrail's layout, each call once", () => {
  expect(logs().length).toBe(2);
  for (const path of logs())
    expect(path).toMatch(
      /^AWSLogs\/(\d{12})\/CloudTrail\/us-east-1\/\d{4}\/\d\d\/\d\d\/\1_CloudTrail_us-east-1_\d{8}T\d\d59Z_[A-Za-z0-9]{16}\.json\.gz$/,
    );
  const events = logs().flatMap((path) => JSON.parse(unpacked(path)).Records);
  expect(events.map(({ eventName }) => eventName).filter((name) => name === "ListKeys")).toHaveLength(8);
  expect(events[0]).toMatchObject({ eventVersion: expect.any(String), awsRegion: "us-east-1", eventSource: "kms.amazonaws.com" });
  expect(new Set(events.map(({ eventID }) => eventID)).size).toBe(events.length);
});

test("digests name each file by its hash and the digest before, and are signed as CloudTrail's are", () => {
  const [first = "", second = ""] = digests();
  const [one, other] = [JSON.parse(unpacked(first)), JSON.parse(unpacked(second))];
  for (const { s3Object, hashValue } of [...one.logFiles, ...other.logFiles])
    expect(createHash("sha256").update(unpacked(s3Object)).digest("hex")).toBe(hashValue);
  expect(other.previousDigestS3Object).toBe(first);
  expect(other.previousDigestHashValue).toBe(createHash("sha256").update(unpacked(first)).digest("hex"));
  const statement = JSON.parse(JSON.parse(readFileSync(join(DIR, "Trent/us-east-1/export.json"), "utf8")).text);
  const key = createPublicKey({ key: Buffer.from(statement.publicKey, "base64"), format: "der", type: "spki" });
  const hash = createHash("sha256").update(unpacked(second)).digest("hex");
  const signed = [other.digestEndTime, second, hash, other.previousDigestSignature].join("\n");
  const signature = Buffer.from(readFileSync(join(DIR, `${second}.sig`), "utf8").trim(), "hex");
  expect(verify("sha256", Buffer.from(signed), key, signature)).toBe(true);
  expect(
    createHash("md5")
      .update(key.export({ type: "pkcs1", format: "der" }))
      .digest("hex"),
  ).toBe(other.digestPublicKeyFingerprint);
});

test("an export verifies without the store, and one that is repeated or was interrupted makes the same files", async () => {
  expect(await verifyFiles(DIR, kept)).toMatchObject({ findings: [], seals: 2, files: files.length });
  expect(await exportAgain(kept, "export")).toEqual(files);
  const bytes = new Map(files.map((path) => [path, readFileSync(join(DIR, path))]));
  const statement = "Trent/us-east-1/export.json";
  const again = newFolder();
  cpSync(DIR, again, { recursive: true });
  rmSync(join(again, statement));
  writeFileSync(join(again, `${logs()[0]}.part`), "half");
  expect(await exportAgain(kept, again)).toEqual(files);
  for (const path of files.filter((one) => one !== statement)) expect(readFileSync(join(again, path))).toEqual(bytes.get(path));
  expect((await verifyFiles(again, kept)).findings).toEqual([]);
});

describe("an export goes on", () => {
  const spoilt = (spoil: (folder: string) => void) => {
    const folder = newFolder();
    cpSync(DIR, folder, { recursive: true });
    spoil(folder);
    return folder;
  };

  test("not from a statement that this store did not sign, and leaves all files as they are", async () => {
    const statement = "Trent/us-east-1/export.json";
    const folder = spoilt((to) => writeFileSync(join(to, statement), "{}"));
    const [path = ""] = chains();
    writeFileSync(join(folder, path), "kept");
    await expect(exportAgain(kept, folder)).rejects.toThrow(`${statement} is not what this store signed`);
    expect(readFileSync(join(folder, path), "utf8")).toBe("kept");
  });

  test("not over a file that says something else", async () => {
    for (const path of [...chains(), ...logs(), ...digests()]) {
      const folder = spoilt((to) => {
        rmSync(join(to, "Trent/us-east-1/export.json"));
        writeFileSync(join(to, path), gzipSync("other"));
      });
      await expect(exportAgain(kept, folder), path).rejects.toThrow(`${path} is not what would be exported`);
      expect(unpacked(path, folder)).toBe("other");
    }
  });
});

test("nothing is exported of a log that is not what was written, unless that is asked for: then verify names it", async () => {
  const sql = new DatabaseSync(join(kept, "log.db"));
  const [first, second] = recordsIn(sql);
  if (!first || !second) throw new Error("There are no records.");
  onTestFinished(() => {
    set(sql, "body", first.body, first);
    remove(sql, second);
    insert(sql, second);
    sql.close();
  });
  const to = newFolder();
  set(sql, "body", first.body.replace("ListKeys", "Decrypt"), first);
  await expect(exportAgain(kept, to)).rejects.toThrow(
    /^The log of us-east-1 is not what was written, .*: changed, record 1 .* is not what was written there/,
  );
  set(sql, "body", first.body, first);
  remove(sql, second);
  await expect(exportAgain(kept, to)).rejects.toThrow(/: missing, record 2 of/);
  expect(filesOf(to)).toEqual([]);
  // What is behind it is asked for no more.
  expect(await exportAgain(kept, "export")).toEqual(files);
  await exportAgain(kept, to, true);
  expect((await verifyFiles(to, kept)).findings).toContainEqual(expect.objectContaining({ kind: "missing" }));
});

describe("verify names", () => {
  test("each file that is missing, cut short, of other bytes, or of another's", async () => {
    for (const path of files) {
      const gone = await findingsAfter((folder) => rmSync(join(folder, path)));
      expect(gone.length, `${path} missing`).toBeGreaterThan(0);
      const cut = await findingsAfter((folder) => writeFileSync(join(folder, path), readFileSync(join(folder, path)).subarray(0, -9)));
      expect(cut.length, `${path} cut`).toBeGreaterThan(0);
      if (!path.includes("/Trent") && path.includes("AWSLogs")) {
        expect(gone.map(({ what }) => what).join(" ")).toContain(path);
        expect(cut.map(({ what }) => what).join(" ")).toContain(path);
      }
    }
  });

  test("an event that was changed, left out or added", async () => {
    const [path = ""] = logs();
    const changes: ((records: object[]) => object[])[] = [
      ([first, ...rest]) => [{ ...first, eventName: "Encrypt" }, ...rest],
      (records) => records.slice(1),
      (records) => [...records, ...records.slice(0, 1)],
      (records) => records.toReversed(),
    ];
    for (const change of changes) {
      const Records = change(JSON.parse(unpacked(path)).Records);
      const findings = await findingsAfter((folder) => writeFileSync(join(folder, path), gzipSync(JSON.stringify({ Records }))));
      expect(findings).toEqual([{ region: "us-east-1", kind: "changed", what: path }]);
    }
  });

  test("a row of the chain that was changed, left out, added or swapped, wherever it stands", async () => {
    for (const path of chains()) {
      const lines = unpacked(path).trim().split("\n");
      const write = (changed: readonly string[]) =>
        findingsAfter((folder) => writeFileSync(join(folder, path), gzipSync(`${changed.join("\n")}\n`)));
      for (const [at, line] of lines.entries()) {
        const [pk, sk, body] = JSON.parse(line);
        const isSeal = pk === "SEAL";
        const named = isSeal ? /^seals? \d/ : /^records? \d/;
        const other = JSON.stringify([
          pk,
          sk,
          isSeal ? body.replace(/\d/, "x") : body.replace("ListKeys", "Decrypt").replace('"r":{', '"r":{"z":1,'),
        ]);
        expect(await write(lines.with(at, other)), `${at} changed`).toContainEqual(
          expect.objectContaining({ kind: "changed", what: expect.stringMatching(named) }),
        );
        expect(await write(lines.toSpliced(at, 1)), `${at} left out`).toContainEqual(
          expect.objectContaining({ kind: "missing", what: expect.stringMatching(named) }),
        );
      }
      const rows = lines.map((line) => JSON.parse(line)).filter(([pk]) => pk !== "SEAL");
      const [one, two] = rows;
      const swapped = lines.map((line) => {
        const [pk, sk, body] = JSON.parse(line);
        return JSON.stringify([pk, sk, sk === one[1] ? two[2] : sk === two[1] ? one[2] : body]);
      });
      expect((await write(swapped)).length, "swapped").toBeGreaterThan(0);
      const [pk, sk, body] = rows.at(-1);
      const forged = [pk, sk.replace(/....$/, "ffff"), body.replace(/"w":"[^"]*","n":\d+,"p":"[^"]*"/, '"w":"nobody","n":1,"p":""')];
      expect(await write([...lines, JSON.stringify(forged)])).toContainEqual(
        expect.objectContaining({ kind: "unsealed", what: expect.stringMatching("record 1 of nobody") }),
      );
    }
  });

  test("a second row under a name that is taken, and a row of what is not exported", async () => {
    for (const path of chains()) {
      const lines = unpacked(path).trim().split("\n");
      const [pk, sk, body] = JSON.parse(lines.at(-1) ?? "");
      const added = (...rows: readonly unknown[]) =>
        findingsAfter((folder) => {
          const text = [...lines, ...rows.map((row) => JSON.stringify(row))].join("\n");
          writeFileSync(join(folder, path), gzipSync(`${text}\n`));
        });
      const found = { region: "us-east-1", kind: "added", what: expect.stringContaining(path) };
      expect(await added([pk, sk, body.replace("ListKeys", "Decrypt").replace('"n":', '"n": ')])).toEqual([found]);
      expect(await added(["HEALTH", "x", "anything"], ["111122223333#DAYS", "20260101", ""])).toEqual([found, found]);
      expect(await added([pk, sk, body])).toEqual([]);
    }
  });

  test("a Region of which nothing is left, though the witness tells of its seals or its key is known", async () => {
    const missing = { region: "us-east-1", kind: "missing", what: "Trent/us-east-1/export.json" };
    const removed = await findingsAfter((folder) => {
      for (const part of ["Trent/us-east-1", "AWSLogs"]) rmSync(join(folder, part), { recursive: true });
    });
    expect(removed).toEqual([missing]);
    const told = { at: Date.now() - 6 * 3_600_000, region: "eu-west-1", seal: 1, digest: "" };
    const keys = publicKeysFrom(publicKeysIn(kept));
    const { findings } = await verifyExport({ folder: DIR, publicKeys: keys, witness: [told] });
    expect(findings).toEqual([{ region: "eu-west-1", kind: "missing", what: "Trent/eu-west-1/export.json" }]);
  });

  test("a file that nobody exported, a file under another name, and a statement that another key signed", async () => {
    const [path = ""] = logs();
    const extra = path.replace("59Z_", "58Z_");
    expect(await findingsAfter((folder) => cpSync(join(folder, path), join(folder, extra)))).toEqual([
      { region: "us-east-1", kind: "added", what: extra },
    ]);
    expect(await findingsAfter((folder) => renameSync(join(folder, path), join(folder, extra)))).toHaveLength(2);
    const forged = await findingsAfter((folder) => {
      const file = join(folder, "Trent/us-east-1/export.json");
      writeFileSync(file, readFileSync(file, "utf8").replace(/"signature":"..../, '"signature":"AAAA'));
    });
    expect(forged).toContainEqual({
      region: "us-east-1",
      kind: "changed",
      what: "Trent/us-east-1/export.json is not what was signed there",
    });
  });
});
