import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { newFolder, profileOf, serve, stop, trent } from "../local/command.ts";
import { call } from "../pipeline/signed-request.ts";
import { logTexts } from "../store/log-text.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

test("prints what opens the store when the file is lost, with a warning, and leaves a record", async () => {
  const folder = newFolder();
  const first = serve(folder);
  const url = await first.ready;
  const made = await call({ url, administrator: profileOf(folder) }, "CreateKey", {});
  const KeyId = JSON.parse(made.text).KeyMetadata.KeyId;
  const { code, stdout, stderr } = await trent(["root", "export", "--data", folder]).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("has every key in it, for good") });
  await stop(first);
  const stored = JSON.parse(readFileSync(join(folder, "root.key"), "utf8"));
  const halves = ["control", "material"].map((half) => Buffer.from(stored[half], "base64"));
  expect(stdout).toBe(`${Buffer.concat(halves).toString("base64")}\n`);

  const again = serve(folder, ["--root", "env"], { env: { TRENT_ROOT_KEY: stdout.trim() } });
  const site = { url: await again.ready, administrator: profileOf(folder) };
  expect(await call(site, "Encrypt", { KeyId, Plaintext: "AAAA" })).toMatchObject({ status: 200 });
  await stop(again);

  const log = new DatabaseSync(join(folder, "log.db"), { readOnly: true });
  const rows = logTexts(log);
  log.close();
  const text = JSON.stringify(rows);
  const exported = rows.filter(({ body }) => body.includes("ExportRoot"));
  expect(exported.map(({ sk }) => sk.endsWith("#I")).sort()).toEqual([false, true]);
  for (const half of halves) expect(text).not.toContain(half.toString("base64"));
});

test("refuses while a rotation is on its way: neither root opens everything then", async () => {
  const folder = newFolder();
  const first = serve(folder);
  await first.ready;
  await stop(first);
  copyFileSync(join(folder, "root.key"), join(folder, "root.key.former"));
  expect(await trent(["root", "export", "--data", folder]).ended).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("is being rotated"),
  });
});
