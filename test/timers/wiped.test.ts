/** On a data folder: what the timer deletes is in none of its files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { expect, it, vi } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { deletion, runDue } from "#timers";
import { HOME, startService } from "../service.ts";

it("the material of a deleted key is gone from the disk, wrapped as it was", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trent-wiped-"));
  const database = openSqlite({ folder });
  let now = new Date("2026-06-01T12:00:00Z");
  const service = await startService({ database, clock: () => now });
  const filesWith = (text: string) => readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));
  try {
    const kms = service.kms();
    const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand({}));
    const row = await database.table("keys", HOME).get({ pk: `K#${KeyId}`, sk: "KEY" });
    const [{ w: wrapped }] = JSON.parse(row?.body ?? "{}").materials;
    expect(filesWith(wrapped)).not.toEqual([]);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    now = new Date(now.getTime() + 7 * 86_400_000);

    expect(await runDue(deletion, service.host.timers, HOME)).toMatchObject({ done: 1, failed: 0 });
    await vi.waitFor(() => expect(filesWith(wrapped)).toEqual([]), { timeout: 10_000, interval: 50 });
  } finally {
    await service.stop();
    await database.close();
    rmSync(folder, { recursive: true });
  }
});
