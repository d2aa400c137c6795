/** The log of a deployment, verified from its table. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Witnessed } from "#domain/seal-check";
import { copyLogs } from "#local/audit-copy";
import { verifyLog } from "#local/audit-verify";
import type { Row, Table } from "#store/port";
import { ACCOUNT, REGION, startStore } from "../infra/store.ts";
import { newFolder, serve, stop, trent } from "../local/command.ts";
import { calls, instance, rowOf, seal } from "../timers/instances.ts";

let store: Awaited<ReturnType<typeof startStore>>;
let log: Table;
let publicKey: string;
const told: Witnessed[] = [];
/** Of records that are sealed. */
const ids: string[] = [];
const folder = mkdtempSync(join(tmpdir(), "trent-audit-"));

beforeAll(async () => {
  store = await startStore();
  log = store.database.table("log", REGION);
  for (let round = 0; round < 3; round += 1) {
    for (const one of [await instance(store), await instance(store)]) ids.push(...(await calls(one, 3)));
    told.push(...(await seal(store)));
  }
  publicKey = JSON.parse((await log.get({ pk: "AUDIT", sk: "KEY#1" }))?.body ?? "{}").publicKey;
}, 60_000);
afterAll(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

async function verify(table: Table = log, witness: readonly Witnessed[] = told) {
  const copy = await copyLogs(new Map([[REGION, table]]));
  try {
    return await verifyLog({ log: copy.log, publicKeys: new Map([[REGION, [publicKey]]]), witness, now: new Date() });
  } finally {
    copy.close();
  }
}

const findings = async (table?: Table) => (await verify(table)).findings.map(({ kind, what }) => `${kind} ${what}`);

/** Does something to the table that nobody may, and takes it back afterwards. */
async function tampered(row: Row, change: () => Promise<void>, restore: () => Promise<void>): Promise<readonly string[]> {
  await change();
  try {
    return await findings();
  } finally {
    await restore();
    expect(await log.get(row)).toMatchObject({ body: row.body });
  }
}

test("a log that nobody has touched is whole, and so are late rows and those that are not sealed yet", async () => {
  expect(await verify()).toMatchObject({ findings: [], records: 18, seals: 3, unsealed: [] });
  const one = await instance(store);
  await calls(one, 2);
  await calls(one, 1, new Date(Date.now() - 3_600_000), new Date());
  await calls(one, 1);
  expect(await verify()).toMatchObject({ findings: [], records: 20, unsealed: [expect.objectContaining({ from: 1, to: 2 })] });
  told.push(...(await seal(store)));
  expect(await verify()).toMatchObject({ findings: [], records: 22, seals: 4, unsealed: [] });
});

test("what is written while the log is read is no finding", async () => {
  const one = await instance(store);
  let pages = 0;
  const busy: Table = {
    ...log,
    async scan(page) {
      const found = await log.scan({ ...page, limit: 3 });
      pages += 1;
      if (pages <= 4) {
        await calls(one, 3);
        await seal(store);
      }
      return found;
    },
  };
  expect(await findings(busy)).toEqual([]);
  expect(await findings()).toEqual([]);
});

describe("what was done to the table behind Trent's back is named:", () => {
  test("a record that was changed", async () => {
    const row = await rowOf(store, ids[1]);
    const put = (body: string) => async () => {
      const now = await log.get(row);
      await log.put({ ...row, body, version: (now?.version ?? 0) + 1 }, now?.version);
    };
    const found = await tampered(row, put(row.body.replace('"r":{}', '"r":{"e":"Decrypt"}')), put(row.body));
    expect(found).toEqual([expect.stringContaining(`${row.sk}) is not what was written there`)]);
  });

  test("a record that was deleted", async () => {
    const row = await rowOf(store, ids[1]);
    const { version } = (await log.get(row)) ?? row;
    const found = await tampered(
      row,
      () => log.delete(row, version),
      () => log.put({ ...row, version }),
    );
    expect(found).toEqual([expect.stringMatching(/^missing record 2 of /)]);
  });

  test("a record that was added", async () => {
    const row = await rowOf(store, ids[1]);
    const added = { ...row, version: 1, sk: row.sk.replace(/.$/, (last) => (last === "0" ? "1" : "0")) };
    const found = await tampered(
      row,
      () => log.put(added),
      () => log.delete(added, 1),
    );
    expect(found).toEqual([expect.stringMatching(/^added record 2 .* has a number that another row has/)]);
  });

  test("the newest seal that was deleted, by what the function said of it", async () => {
    const row = (await log.query({ pk: "SEAL", limit: 1, backwards: true })).rows[0] as Row;
    const newest: Witnessed[] = [...told, { at: Date.now(), region: REGION, seal: Number(row.sk), digest: "" }];
    await log.delete(row, 1);
    const { findings: found } = await verify(log, newest);
    await log.put(row);
    expect(found.map(({ what }) => what)).toContainEqual(expect.stringContaining(`seal ${Number(row.sk)}, the newest`));
  });

  test("the mark of a day", async () => {
    const { rows } = await log.query({ pk: `${ACCOUNT}#DAYS`, limit: 1, backwards: true });
    const row = rows[0] as Row;
    const found = await tampered(
      row,
      () => log.delete(row, 1),
      () => log.put(row),
    );
    expect(found).toEqual([expect.stringContaining("missing the mark that account")]);
  });
});

describe("trent audit verify --stack", () => {
  const env = () => ({ AWS_ENDPOINT_URL_DYNAMODB: endpoint(), AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_REGION: REGION });
  const endpoint = () => store.environmentOf()["AWS_ENDPOINT_URL_DYNAMODB"] ?? "";
  const run = (...args: readonly string[]) => trent(["audit", "verify", "--stack", "trent", ...args], { env: env() }).ended;

  test("reads the tables of a Region, with the public keys and heads that were kept elsewhere", async () => {
    writeFileSync(join(folder, "audit.pub"), `${REGION} ${publicKey}\n`);
    writeFileSync(join(folder, "heads"), told.map((head) => `${JSON.stringify({ head })}\n`).join(""));
    const { code, stdout, stderr } = await run("--audit-key", join(folder, "audit.pub"), "--witness", join(folder, "heads"), "--json");
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [], unsealed: [] });
  });

  test("fails over another key, and asks for what it needs", async () => {
    writeFileSync(join(folder, "other.pub"), `${REGION} ${publicKey.slice(0, -8)}AAAAAAA=\n`);
    expect(await run("--audit-key", join(folder, "other.pub"))).toMatchObject({ code: 1, stdout: expect.stringContaining("NOT WHOLE") });
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining("--audit-key FILE") });
    const elsewhere = await run("--audit-key", join(folder, "audit.pub"), "--stack", "other");
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining(`There is no log of ${REGION} there`) });
    const state = await run("--audit-key", join(folder, "audit.pub"), "--state");
    expect(state).toMatchObject({ code: 2, stderr: expect.stringContaining("is for a data folder") });
  });
});

test("audit verify and seal of servers on one DynamoDB, with what a data folder keeps", { timeout: 60_000 }, async () => {
  const data = newFolder();
  const env = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_REGION: "us-east-1" };
  const endpoint = store.environmentOf()["AWS_ENDPOINT_URL_DYNAMODB"] ?? "";
  const table = ["--table", "dynamodb", "--dynamodb-endpoint", endpoint, "--table-prefix", "nodes", "--append-by", "put"];
  const server = serve(data, table, { env });
  await server.ready;
  expect((await stop(server)).code).toBe(0);
  const key = await trent(["audit", "key", "--data", data, ...table], { env }).ended;
  expect(key).toMatchObject({ code: 0, stderr: "" });
  const sealed = await trent(["audit", "seal", "--data", data, ...table], { env }).ended;
  expect(sealed).toMatchObject({ code: 0, stderr: "", stdout: "sealed: 0 writers that had ended without it\n" });
  const verified = await trent(["audit", "verify", "--data", data, ...table], { env }).ended;
  expect(verified).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("whole: ") });
});
