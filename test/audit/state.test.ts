import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { AttachUserPolicyCommand, CreateUserCommand, DeleteUserCommand, UpdateUserCommand } from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  EncryptCommand,
  RevokeGrantCommand,
  TagResourceCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { sealAll } from "#local/sealing";
import { operatorLog } from "#pipeline/operator-log";
import { openSqlite } from "#store/drivers/sqlite";
import { trent } from "../local/command.ts";
import { ACCOUNT, startService } from "../service.ts";
import { newFolder } from "./kept-log.ts";

const kept = mkdtempSync(join(tmpdir(), "trent-audit-"));
const earlier = mkdtempSync(join(tmpdir(), "trent-audit-"));
let [key, other] = ["", ""];
/** Rows as they were before some of the calls. */
let rowsBefore: readonly Row[] = [];

type Row = Readonly<Record<string, SQLOutputValue>>;
const KEYS = "SELECT * FROM keys";

beforeAll(async () => {
  const database = openSqlite({ folder: kept });
  const service = await startService({ database });
  const [kms, iam] = [service.kms(), service.iam()];
  const seal = () => sealAll(database, kept, operatorLog("error"), new Date());
  key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  other = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  const grant = { KeyId: key, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:user/administrator`, Operations: ["Encrypt" as const] };
  const revoked = await kms.send(new CreateGrantCommand(grant));
  await kms.send(new CreateGrantCommand(grant));
  for (const name of ["moved", "gone"]) await kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: key }));
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  await iam.send(new CreateUserCommand({ UserName: "bob" }));
  await seal();

  cpSync(kept, earlier, { recursive: true });
  const state = new DatabaseSync(join(kept, "state.db"), { readOnly: true });
  rowsBefore = state.prepare(KEYS).all();
  state.close();

  for (const [one, value] of [
    [key, "1"],
    [key, "2"],
    [other, "1"],
  ] as const)
    await kms.send(new TagResourceCommand({ KeyId: one, Tags: [{ TagKey: "a", TagValue: value }] }));
  await kms.send(new RevokeGrantCommand({ KeyId: key, GrantId: revoked.GrantId }));
  for (const name of ["moved", "gone"]) await kms.send(new DeleteAliasCommand({ AliasName: `alias/${name}` }));
  await kms.send(new CreateAliasCommand({ AliasName: "alias/moved", TargetKeyId: other }));
  await iam.send(new UpdateUserCommand({ UserName: "alice", NewUserName: "carol" }));
  await iam.send(new DeleteUserCommand({ UserName: "bob" }));
  const policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  await iam.send(new AttachUserPolicyCommand({ UserName: "administrator", PolicyArn: policy }));
  await kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from("text") }));
  await seal();
  await service.stop();
  await database.close();
});
afterAll(() => {
  for (const folder of [kept, earlier]) rmSync(folder, { recursive: true, force: true });
});

async function verifyAfter(change: (state: DatabaseSync, folder: string) => void = () => {}) {
  const folder = newFolder();
  cpSync(kept, folder, { recursive: true });
  const state = new DatabaseSync(join(folder, "state.db"));
  change(state, folder);
  state.close();
  return verified(folder);
}

async function verified(folder: string) {
  const { code, stdout, stderr } = await trent(["audit", "verify", "--state", "--json", "--data", folder]).ended;
  expect(stderr).toBe("");
  return { code, ...JSON.parse(stdout) };
}

const described = (kind: string, what: RegExp) => expect.objectContaining({ kind, what: expect.stringMatching(what) });
const rowBefore = (pk: string, sk: string): Row => rowsBefore.find((row) => row["pk"] === pk && row["sk"] === sk) as Row;

/** Puts a row there as it once was, MAC and all, in the place of the one that there may be. */
function put(state: DatabaseSync, row: Row): void {
  const names = Object.keys(row);
  state.prepare(`INSERT OR REPLACE INTO keys (${names}) VALUES (${names.map(() => "?")})`).run(...Object.values(row));
}

test("items that nobody touched are as the log has them; what the first start made is unchecked, as long as nobody changed it", async () => {
  const answer = await verifyAfter();
  expect(answer).toMatchObject({ code: 0, findings: [] });
  expect(answer.state.unchecked, "the account").toBe(1);
  expect(answer.state.items, "two keys, a grant, an alias, carol, the administrator").toBe(6);
});

describe("verify --state names", () => {
  test("an item that was put back to an earlier version of itself", async () => {
    const { code, findings } = await verifyAfter((state) => put(state, rowBefore(`K#${key}`, "KEY")));
    expect(findings).toEqual([described("changed", new RegExp(`^keys K#${key} KEY: it is in a version 1 .* wrote version 3$`))]);
    expect(code).toBe(1);
  });

  test("an item that was deleted", async () => {
    const { code, findings } = await verifyAfter(
      (state) => void state.prepare("DELETE FROM keys WHERE pk = ? AND sk = 'KEY'").run(`K#${key}`),
    );
    expect(findings).toEqual([described("missing", new RegExp(`^keys K#${key} KEY: it is not there`))]);
    expect(code).toBe(1);
  });

  test("records that lookup-events does not find any more, the first of each day", async () => {
    const { code, findings } = await verifyAfter((_, folder) => {
      const log = new DatabaseSync(join(folder, "log.db"));
      log.exec('DELETE FROM "log.words" WHERE span > 0; DELETE FROM "log.marks"');
      log.close();
    });
    expect(findings.length).toBeGreaterThanOrEqual(1);
    for (const one of findings)
      expect(one).toEqual(described("missing", /^the mark by which \d{12}#\d{8}#0 \S+ is found for "\w+", and those of \d+ more there$/));
    expect(code).toBe(1);
  });

  test("one record whose name alone cannot be looked for", async () => {
    const { findings } = await verifyAfter((_, folder) => {
      const log = new DatabaseSync(join(folder, "log.db"));
      // The only call of this name: its marks are those that no other has.
      const counts = log.prepare('SELECT word, count(*) AS n FROM "log.marks" GROUP BY word HAVING n = 1').all();
      log.prepare('DELETE FROM "log.marks" WHERE word = ?').run(counts[0]?.["word"] as number);
      log.close();
    });
    expect(findings).toEqual([described("missing", /^the mark by which \d{12}#\d{8}#0 \S+ is found for "[\w/.-]+"$/)]);
  });

  test("two items that were swapped", async () => {
    const { findings } = await verifyAfter((state) => {
      const rows = state.prepare("SELECT * FROM keys WHERE sk = 'KEY'").all();
      const [one = {}, two = {}] = rows;
      put(state, { ...one, pk: two["pk"] as string });
      put(state, { ...two, pk: one["pk"] as string });
    });
    expect(findings).toHaveLength(2);
    for (const id of [key, other]) expect(findings).toContainEqual(described("changed", new RegExp(`^keys K#${id} KEY`)));
  });

  test("a grant and an alias that were put back after they had been deleted", async () => {
    const [revoked] = rowsBefore.filter(({ sk }) => String(sk).startsWith("G#"));
    const { findings } = await verifyAfter((state) => {
      for (const row of rowsBefore) if (/^G#|gone$/.test(String(row["sk"]))) put(state, row);
    });
    expect(revoked).toBeDefined();
    expect(findings).toContainEqual(described("added", /^keys K#\S+ G#\S+: it is there, and was deleted/));
    expect(findings).toContainEqual(described("added", /^keys A#\d+ ALIAS#alias\/gone: it is there, and was deleted/));
    expect(findings).toHaveLength(2);
  });

  test("an alias that was put back to what had its name before", async () => {
    const { findings } = await verifyAfter((state) => put(state, rowBefore(`A#${ACCOUNT}`, "ALIAS#alias/moved")));
    expect(findings).toEqual([described("changed", /ALIAS#alias\/moved: it is in a version 1 that is not the newest/)]);
  });

  test("a row that nobody wrote", async () => {
    const { findings } = await verifyAfter((state) => {
      put(state, { ...rowBefore(`A#${ACCOUNT}`, "ALIAS#alias/gone"), sk: "ALIAS#alias/forged" });
      state.exec(`INSERT INTO principals (region, pk, sk, version, body) VALUES ('global', 'A#${ACCOUNT}', 'U#mallory', 1, '{}')`);
    });
    expect(findings).toHaveLength(2);
    for (const what of [/ALIAS#alias\/forged: nobody wrote it/, /U#mallory: nobody wrote it/])
      expect(findings).toContainEqual(described("added", what));
  });

  test("each item that a rollback of the whole state took back", async () => {
    const { code, findings } = await verifyAfter((_, folder) => {
      for (const file of ["state.db", "state.db-wal", "state.db-shm"]) {
        rmSync(join(folder, file), { force: true });
        cpSync(join(earlier, file), join(folder, file), { force: true });
      }
    });
    expect(code).toBe(1);
    const names = findings.map(({ what }: { what: string }) => what.split(":")[0]);
    for (const id of [key, other]) expect(names).toContain(`keys K#${id} KEY`);
    for (const sk of ["ALIAS#alias/moved", "ALIAS#alias/gone"]) expect(names).toContain(`keys A#${ACCOUNT} ${sk}`);
    for (const sk of ["U#alice", "U#bob", "U#carol", "U#administrator"]) expect(names).toContain(`principals A#${ACCOUNT} ${sk}`);
  });
});

test("an item whose changes have expired is unchecked, and never good", async () => {
  const answer = await verifyAfter((_, folder) => {
    const log = new DatabaseSync(join(folder, "log.db"));
    onTestFinished(() => log.close());
    log.exec("DELETE FROM log WHERE pk NOT LIKE 'AUDIT%'");
    rmSync(join(folder, "heads.jsonl"));
    log.exec(`INSERT INTO log (region, pk, sk, version, body) VALUES ('us-east-1', 'SEAL', '000000000009', 1, '{}')`);
  });
  expect(answer.state).toEqual({ items: 0, unchecked: 7 });
});
