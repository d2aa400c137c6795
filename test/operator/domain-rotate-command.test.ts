import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { newFolder, profileOf, serve, stop, trent } from "../local/command.ts";
import { call } from "../pipeline/signed-request.ts";

// It waits for what servers have in flight, and every test starts processes.
vi.setConfig({ testTimeout: 120_000 });

test("domain rotate wraps anew what servers write meanwhile; all decrypts after a restart, and the store and its log are whole", async () => {
  const folder = newFolder();
  const [running, other] = [serve(folder, ["--quotas", "off"]), serve(folder, ["--quotas", "off"])];
  const sites = [await running.ready, await other.ready].map((url) => ({ url, administrator: profileOf(folder) }));
  const kept: { region: string; CiphertextBlob: string }[] = [];
  let going = true;
  const writing = sites.map(async (site, number) => {
    const region = ["us-east-1", "eu-west-1"][number] ?? "";
    while (going) {
      const made = await call(site, "CreateKey", {}, { region });
      expect(made).toMatchObject({ status: 200 });
      const { KeyId } = JSON.parse(made.text).KeyMetadata;
      for (const operation of ["Encrypt", "RotateKeyOnDemand", "Encrypt"]) {
        const { status, text } = await call(
          site,
          operation,
          { KeyId, ...(operation === "Encrypt" && { Plaintext: "a2VwdA==" }) },
          { region },
        );
        expect(status).toBe(200);
        if (operation === "Encrypt") kept.push({ region, CiphertextBlob: JSON.parse(text).CiphertextBlob });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  const rotating = trent(["domain", "rotate", "--data", folder, "--json"]).ended;
  await vi.waitUntil(() => existsSync(join(folder, "rotation.lock")), { timeout: 30_000 });
  const refused = await trent(["root", "rotate", "--data", folder]).ended;
  const done = await rotating;
  going = false;
  await Promise.all(writing);
  expect({ code: done.code, stderr: done.stderr, refused: refused.code }).toEqual({ code: 0, stderr: "", refused: 1 });
  expect(refused.stderr).toContain("Another rotation is going on: wait until it has ended.");
  expect(JSON.parse(done.stdout)).toMatchObject({ domainKeys: 4 });
  for (const server of [running, other]) await stop(server);

  const again = serve(folder);
  const site = { url: await again.ready, administrator: profileOf(folder) };
  expect(kept.length).toBeGreaterThan(20);
  for (const { region, CiphertextBlob } of kept)
    expect(JSON.parse((await call(site, "Decrypt", { CiphertextBlob }, { region })).text)).toMatchObject({ Plaintext: "a2VwdA==" });
  await stop(again);
  expect((await trent(["doctor", "--data", folder]).ended).code).toBe(0);
  expect(await trent(["audit", "verify", "--state", "--data", folder]).ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("whole"),
  });
});

test("domain rotate is for a data folder", async () => {
  const { code, stderr } = await trent(["domain", "rotate", "--table", "dynamodb", "--dynamodb-endpoint", "http://127.0.0.1:1"]).ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("domain rotate is for a data folder") });
});
