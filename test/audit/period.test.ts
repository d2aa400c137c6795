import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trent } from "../local/command.ts";
import { exportKept } from "./kept-export.ts";
import { newFolder, recordsIn, remove } from "./kept-log.ts";

const HOUR_MS = 3_600_000;
const kept = mkdtempSync(join(tmpdir(), "trent-period-"));
/** Three seals: three hours ago, two hours ago, now. */
beforeAll(() => exportKept(kept));
afterAll(() => rmSync(kept, { recursive: true, force: true }));

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

async function verified(folder: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await trent(["audit", "verify", "--json", "--data", folder, ...args]).ended;
  return { code, stderr, ...(stdout && JSON.parse(stdout)) };
}

/** A copy of the log without its second and its last sealed record. */
function spoilt(): string {
  const folder = newFolder();
  cpSync(kept, folder, { recursive: true });
  const log = new DatabaseSync(join(folder, "log.db"));
  const records = recordsIn(log);
  for (const at of [1, records.length - 1]) {
    const row = records[at];
    if (row) remove(log, row);
  }
  log.close();
  return folder;
}

test("verify looks at what was sealed between two times, and finds what is missing of that alone", async () => {
  const folder = spoilt();
  const whats = ({ findings }: { readonly findings: readonly { readonly what: string }[] }) =>
    findings.map(({ what }) => what.split(" of ")[0]);
  expect(whats(await verified(folder))).toEqual(["record 2", expect.stringMatching(/^records? 12.*, the newest/)]);
  expect(whats(await verified(folder, "--to", hoursAgo(1)))).toEqual(["record 2"]);
  expect(whats(await verified(folder, "--from", hoursAgo(1)))).toEqual([expect.stringMatching(/^records? 12/)]);
  expect(await verified(folder, "--from", hoursAgo(2.5), "--to", hoursAgo(1))).toMatchObject({ code: 0, findings: [], unsealed: [] });
});

test("an export can be verified by times, too", async () => {
  const args = ["--export", join(kept, "export"), "--audit-key", join(kept, "audit.pub")];
  expect(await verified(kept, ...args, "--from", hoursAgo(2.5), "--to", hoursAgo(1))).toMatchObject({ code: 0, findings: [] });
});

test("what is no time is refused, and so is a part of the log to hold the items against", async () => {
  for (const time of ["yesterday", "2026-01-01T10:00:00", "2026-13-01"])
    expect(await verified(kept, "--from", time)).toMatchObject({ code: 2, stderr: expect.stringContaining("is no time") });
  expect((await verified(kept, "--state", "--from", "2026-01-01")).code).toBe(2);
});
