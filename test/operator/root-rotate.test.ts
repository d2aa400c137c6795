import { existsSync, linkSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { followedRoot, plain, replaceRootFile } from "#roots/file";
import { GLOBAL, rewrapDomainKeys } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { newFolder, profileOf, serve, stop, trent } from "../local/command.ts";
import { call } from "../pipeline/signed-request.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

/** A folder with a key in each of two Regions, and what was encrypted under them. */
async function made() {
  const folder = newFolder();
  const running = serve(folder);
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

async function requireAllDecrypts({ kept }: Pick<Made, "kept">, ask: Made["ask"]): Promise<void> {
  for (const { region, CiphertextBlob } of kept)
    expect(JSON.parse((await ask("Decrypt", { CiphertextBlob }, region)).text)).toMatchObject({ Plaintext: "a2VwdA==" });
}

async function requireRestarts(site: Made): Promise<void> {
  const again = serve(site.folder);
  await requireAllDecrypts(site, asking(await again.ready, site.folder));
  await stop(again);
}

const rotate = (folder: string) => trent(["root", "rotate", "--data", folder, "--json"]).ended;
const rootIn = (folder: string) => readFileSync(join(folder, "root.key"), "utf8");

test("a server goes on while its root is rotated, in Regions old and new, and what was encrypted decrypts after a restart", async () => {
  const site = await made();
  const { folder, running, ask } = site;
  const before = rootIn(folder);
  const { code, stdout, stderr } = await rotate(folder);
  // Four that all Regions share, and two of each Region.
  expect({ code, stderr, answer: JSON.parse(stdout) }).toEqual({ code: 0, stderr: "", answer: { domainKeys: 8 } });
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
  expect(JSON.parse((await rotate(folder)).stdout)).toEqual({ domainKeys: 8 });
  const again = serve(folder, ["--regions", "us-east-1,lab-north-1"]);
  expect(await asking(await again.ready, folder)("CreateKey", {}, "lab-north-1")).toMatchObject({ status: 200 });
  await stop(again);
});

test.each([
  ["before the new root is in its place", async (path: string) => linkSync(path, `${path}.former`)],
  ["before anything is wrapped anew", (path: string) => replaceRootFile(path, plain)],
  [
    "when some is wrapped anew",
    async (path: string, folder: string) => {
      await replaceRootFile(path, plain);
      const database = openSqlite({ folder });
      await rewrapDomainKeys(database, "eu-west-1", await followedRoot(path, plain));
      await database.close();
    },
  ],
  [
    "when all is wrapped anew",
    async (path: string, folder: string) => {
      await replaceRootFile(path, plain);
      const database = openSqlite({ folder });
      for (const region of [GLOBAL, "us-east-1", "eu-west-1"]) await rewrapDomainKeys(database, region, await followedRoot(path, plain));
      await database.close();
    },
  ],
])("a rotation that a crash ended %s leaves a store that works, and is ended by the next", async (_, crash) => {
  const site = await made();
  await stop(site.running);
  const before = rootIn(site.folder);
  await crash(join(site.folder, "root.key"), site.folder);
  await requireRestarts(site);
  const backup = trent(["backup", join(site.folder, "b"), "--data", site.folder], { env: { TRENT_BACKUP_PASSPHRASE: "a passphrase" } });
  expect((await backup.ended).stderr).toMatch(/The root key is being rotated/);
  expect((await rotate(site.folder)).code).toBe(0);
  expect(rootIn(site.folder)).not.toBe(before);
  expect(existsSync(join(site.folder, "root.key.former"))).toBe(false);
  await requireRestarts(site);
  const database = openSqlite({ folder: site.folder });
  const root = await followedRoot(join(site.folder, "root.key"), plain);
  for (const region of [GLOBAL, "us-east-1", "eu-west-1"]) expect(await rewrapDomainKeys(database, region, root)).toBe(0);
  await database.close();
});

test("a root under a passphrase is rotated under it; one in a variable is its owner's to rotate", async () => {
  const folder = newFolder();
  const env = { TRENT_PASSPHRASE: "correct horse battery staple" };
  const first = serve(folder, [], { env });
  await first.ready;
  await stop(first);
  expect((await trent(["root", "rotate", "--data", folder], { env }).ended).code).toBe(0);
  expect(JSON.parse(rootIn(folder))).toMatchObject({ protection: "passphrase" });
  const again = serve(folder, [], { env });
  await again.ready;
  await stop(again);
  const { code, stderr } = await trent(["root", "rotate", "--data", folder], { env: { TRENT_ROOT_KEY: "x" } }).ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("is yours to keep") });
});
