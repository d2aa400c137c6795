import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { expect, it, vi } from "vitest";
import { logTexts } from "../store/log-text.ts";
import { newFolder, profileOf, serve, stop, trent } from "./command.ts";

// It starts processes.
vi.setConfig({ testTimeout: 60_000 });

it("--log-days says how long records are kept, and the seals say so too", async () => {
  const folder = newFolder();
  const running = serve(folder, ["--log-days", "30"]);
  const endpoint = await running.ready;
  const kms = new KMSClient({ endpoint, region: "us-east-1", credentials: profileOf(folder), maxAttempts: 1 });
  await kms.send(new ListKeysCommand({}));
  kms.destroy();
  expect((await stop(running)).code).toBe(0);

  const log = new DatabaseSync(join(folder, "log.db"), { readOnly: true });
  const rows = logTexts(log);
  log.close();
  const record = rows.find(({ body }) => body.includes('"e":"ListKeys"'));
  const { t } = JSON.parse(record?.body ?? "{}").r;
  expect(record?.expires).toBe(Math.floor(t / 1000) + 30 * 86_400);
  const [seal] = rows.filter(({ pk }) => pk === "SEAL");
  expect(JSON.parse(JSON.parse(seal?.body ?? "{}").text)).toMatchObject({ days: 30 });
  expect((await trent(["audit", "verify", "--data", folder]).ended).code).toBe(0);
});
