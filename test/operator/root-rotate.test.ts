import { chmodSync, cpSync, existsSync, linkSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { backup } from "#local/backup";
import { optionsOf } from "#local/options";
import { regionsIn } from "#local/regions-in";
import { rootFileOf } from "#local/root";
import { exported } from "#local/root-command";
import { type RotatedRoot, rotateRoot } from "#operator/root-rotate";
import { operatorLog } from "#pipeline/operator-log";
import { endReplacing, followedRoot, plain, replaceRootFile } from "#roots/file";
import type { Keeping } from "#roots/root";
import { GLOBAL, rewrapDomainKeys } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { requestId } from "#wire/request-id";
import { type Ended, newFolder, profileOf, serve, stop, trent } from "../local/command.ts";
import { call } from "../pipeline/signed-request.ts";
import { anotherServer } from "./another-server.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

/** A folder with a key in each of two Regions, and what was encrypted under them. */
async function made(afterwards = onTestFinished) {
  const folder = newFolder(afterwards);
  const running = serve(folder, [], {}, afterwards);
  const ask = asking(await running.ready, folder);
  const kept = [];
  for (const region of ["us-east-1", "eu-west-1"]) {
    const { KeyId } = JSON.parse((await ask("CreateKey", {}, region)).text).KeyMetadata;
    const { CiphertextBlob } = JSON.parse((await ask("Encrypt", { KeyId, Plaintext: "a2VwdA==" }, region)).text);
    kept.push({ region, CiphertextBlob });
  }
  return { folder, running, ask, kept };
}

const asking = (url: string, folder: string) => (operation: string, input: object, region: string) =>
  call({ url, administrator: profileOf(folder) }, operation, input, { region });
type Made = Awaited<ReturnType<typeof made>>;

/** Where nobody is at work any more. */
let begun: Made;
beforeAll(async () => {
  begun = await made(afterAll);
  await stop(begun.running);
});

function copyOfBegun(): string {
  const folder = newFolder();
  cpSync(begun.folder, folder, { recursive: true });
  chmodSync(folder, 0o700);
  return folder;
}

async function requireAllDecrypts({ kept }: Pick<Made, "kept">, ask: Made["ask"]): Promise<void> {
  for (const { region, CiphertextBlob } of kept)
    expect(JSON.parse((await ask("Decrypt", { CiphertextBlob }, region)).text)).toMatchObject({ Plaintext: "a2VwdA==" });
}

/** As `requireRestarts`, by a server in this process. */
async function requireWorks(folder: string): Promise<void> {
  const database = openSqlite({ folder });
  const roots = await followedRoot(join(folder, "root.key"), plain);
  const stops: (() => Promise<void>)[] = [() => database.close()];
  const standing = { database, roots, regions: ["us-east-1", "eu-west-1"], administrator: profileOf(folder) };
  const server = await anotherServer(standing, (stop) => void stops.push(stop));
  for (const { region, CiphertextBlob } of begun.kept) {
    const input = { CiphertextBlob: Buffer.from(CiphertextBlob, "base64") };
    const { Plaintext } = await server.kms(region).send(new DecryptCommand(input));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe("kept");
  }
  for (const stop of stops.reverse()) await stop();
}

async function requireRestarts(site: Made): Promise<void> {
  const again = serve(site.folder);
  await requireAllDecrypts(site, asking(await again.ready, site.folder));
  await stop(again);
}

const rotate = (folder: string) => trent(["root", "rotate", "--data", folder, "--json"]).ended;

/** As the command does it, but for the wait: there is no server whose writes are waited for. */
async function rotateHere(folder: string, keeping: Keeping = plain): Promise<RotatedRoot> {
  const path = join(folder, "root.key");
  const database = openSqlite({ folder });
  const now = () => new Date();
  const place = { region: "us-east-1", home: "us-east-1", shards: 1 };
  const parts = { now, newId: () => requestId(now()), operator: operatorLog("error") };
  try {
    return await rotateRoot(
      { database, roots: await followedRoot(path, keeping), ...place, ...parts },
      {
        begin: () => replaceRootFile(path, keeping),
        settle: async () => undefined,
        end: () => endReplacing(path),
        regions: () => regionsIn(folder),
      },
    );
  } finally {
    await database.close();
  }
}

const rootIn = (folder: string) => readFileSync(join(folder, "root.key"), "utf8");

test("a server goes on while its root is rotated by one of two, in Regions old and new, and what was encrypted decrypts after a restart", async () => {
  const site = await made();
  const { folder, running, ask } = site;
  const before = rootIn(folder);
  const ended = await Promise.all([rotate(folder), rotate(folder)]);
  const [done, refused] = ended.sort((a, b) => Number(a.code) - Number(b.code));
  const { code, stdout, stderr } = done as Ended;
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("Another rotation is going on: wait until it has ended.") });
  // Four that all Regions share, and two of each Region.
  expect({ code, stderr, answer: JSON.parse(stdout) }).toEqual({
    code: 0,
    stderr: "",
    answer: { domainKeys: 8, begunBefore: false },
  });
  expect(rootIn(folder)).not.toBe(before);
  expect(existsSync(join(folder, "root.key.former"))).toBe(false);
  expect((statSync(join(folder, "root.key")).mode & 0o777).toString(8)).toBe("600");
  await requireAllDecrypts(site, ask);
  expect(await ask("CreateKey", {}, "ap-south-1")).toMatchObject({ status: 200 });
  await stop(running);
  await requireRestarts(site);
  expect((await trent(["doctor", "--data", folder]).ended).code).toBe(0);

  writeFileSync(join(folder, "root.key"), before);
  expect((await serve(folder).ended).stderr).toMatch(/The root does not open the domain key/);
});

test("a Region that is served by another name than AWS's is under the new root too", async () => {
  const folder = newFolder();
  const first = serve(folder, ["--regions", "us-east-1,lab-north-1"]);
  expect(await asking(await first.ready, folder)("CreateKey", {}, "lab-north-1")).toMatchObject({ status: 200 });
  await stop(first);
  expect(await rotateHere(folder)).toEqual({ domainKeys: 8, begunBefore: false });
  const again = serve(folder, ["--regions", "us-east-1,lab-north-1"]);
  expect(await asking(await again.ready, folder)("CreateKey", {}, "lab-north-1")).toMatchObject({ status: 200 });
  await stop(again);
  const looked = JSON.parse((await trent(["doctor", "--data", folder, "--json"]).ended).stdout);
  expect(looked.health.map(({ region }: { region: string }) => region)).toEqual(["global", "lab-north-1", "us-east-1"]);
});

test.each([
  ["before the new root is in its place", false, async (path: string) => linkSync(path, `${path}.former`)],
  ["before that, in a folder that was copied file by file", false, async (path: string) => cpSync(path, `${path}.former`)],
  [
    "before anything is wrapped anew",
    true,
    async (path: string) => {
      await replaceRootFile(path, plain);
    },
  ],
  [
    "when some is wrapped anew",
    true,
    async (path: string, folder: string) => {
      await replaceRootFile(path, plain);
      const database = openSqlite({ folder });
      await rewrapDomainKeys(database, "eu-west-1", await followedRoot(path, plain));
      await database.close();
    },
  ],
  [
    "when all is wrapped anew",
    true,
    async (path: string, folder: string) => {
      await replaceRootFile(path, plain);
      const database = openSqlite({ folder });
      for (const region of [GLOBAL, "us-east-1", "eu-west-1"]) await rewrapDomainKeys(database, region, await followedRoot(path, plain));
      await database.close();
    },
  ],
])("a rotation that a crash ended %s leaves a store that works, and is ended by the next", async (_, begunBefore, crash) => {
  const folder = copyOfBegun();
  const before = rootIn(folder);
  await crash(join(folder, "root.key"), folder);
  await requireWorks(folder);
  vi.stubEnv("TRENT_BACKUP_PASSPHRASE", "a passphrase");
  onTestFinished(() => void vi.unstubAllEnvs());
  const options = optionsOf(["--data", folder], {});
  await expect(backup(options, join(folder, "b"))).rejects.toThrow(/The root key is being rotated/);
  await expect(exported(options)).rejects.toThrow(/The root key is being rotated/);
  expect(await rotateHere(folder)).toMatchObject({ begunBefore });
  expect(rootIn(folder)).not.toBe(before);
  expect(existsSync(join(folder, "root.key.former"))).toBe(false);
  await requireWorks(folder);
  const database = openSqlite({ folder });
  const root = await followedRoot(join(folder, "root.key"), plain);
  for (const region of [GLOBAL, "us-east-1", "eu-west-1"]) expect(await rewrapDomainKeys(database, region, root)).toBe(0);
  await database.close();
});

test("the former root is opened once, for however many domain keys", async () => {
  const folder = copyOfBegun();
  let opened = 0;
  const counted: Keeping = {
    ...plain,
    opened: async (stored) => {
      opened += 1;
      return plain.opened(stored);
    },
  };
  expect(await rotateHere(folder, counted)).toEqual({ domainKeys: 8, begunBefore: false });
  // At first, when the new one was made, as the new one, and as the former one.
  expect(opened).toBe(4);
});

test("a root under a passphrase is rotated under it; one in a variable is its owner's to rotate", async () => {
  const folder = newFolder();
  const env = { TRENT_PASSPHRASE: "correct horse battery staple" };
  const first = serve(folder, [], { env });
  await first.ready;
  await stop(first);
  vi.stubEnv("TRENT_PASSPHRASE", env.TRENT_PASSPHRASE);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { root } = optionsOf(["--data", folder], env);
  if (root.kind === "env") throw new Error("It is a file.");
  await rotateHere(folder, (await rootFileOf(folder, root)).keeping);
  expect(JSON.parse(rootIn(folder))).toMatchObject({ protection: "passphrase" });
  const again = serve(folder, [], { env });
  await again.ready;
  await stop(again);
  const { code, stderr } = await trent(["root", "rotate", "--data", folder], { env: { TRENT_ROOT_KEY: "x" } }).ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("is yours to keep") });
});
