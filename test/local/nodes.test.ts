/**
 * Outgrowing one machine: several servers, as processes of their own, on one DynamoDB.
 *
 * `TRENT_TEST_DYNAMODB=http://…` runs it on another engine than dynalite, with PartiQL.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListKeysCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDynamodb } from "#store/drivers/dynamodb";
import type { TableName } from "#store/tables";
import { startDynalite } from "../store/drivers/start-dynalite.ts";
import { profileOf, type Running, stop, trent } from "./command.ts";

const HOME = "us-east-1";
const given = process.env["TRENT_TEST_DYNAMODB"];
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

const folder = mkdtempSync(join(tmpdir(), "trent-nodes-"));
const started: Running[] = [];
let endpoint = given ?? "";
let close = (): void => {};

beforeAll(async () => {
  if (given !== undefined) return;
  ({ endpoint, stop: close } = await startDynalite());
});

afterAll(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  close();
  rmSync(folder, { recursive: true, force: true });
});

/** A server on the tables with this prefix, with a data folder of its own. */
function node(prefix: string, name: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Running {
  const store = ["--table", "dynamodb", "--dynamodb-endpoint", endpoint, "--table-prefix", prefix];
  const own = ["--data", join(folder, prefix, name), "--port", "0", "--regions", `${HOME},eu-west-1`, "--quotas", "off"];
  const append = given === undefined ? ["--append-by", "put"] : [];
  const running = trent(["serve", ...store, ...append, ...own, ...args], { env: { ...CREDENTIALS, ...env } });
  started.push(running);
  return running;
}

const newPrefix = (): string => `t${randomUUID().slice(0, 8)}`;
const dataOf = (prefix: string, name: string): string => join(folder, prefix, name);

async function clientOf({ ready }: Running, credentials: ReturnType<typeof profileOf>, region: string = HOME): Promise<KMSClient> {
  return new KMSClient({ endpoint: await ready, region, credentials, maxAttempts: 1 });
}

describe("three servers on one store", () => {
  const prefix = newPrefix();
  const nodes: Running[] = [];
  const clients: KMSClient[] = [];
  let credentials: ReturnType<typeof profileOf>;

  beforeAll(async () => {
    nodes.push(node(prefix, "one"));
    await nodes[0]?.ready;
    credentials = profileOf(dataOf(prefix, "one"));
    const root = ["--root", `file:${join(dataOf(prefix, "one"), "root.key")}`];
    nodes.push(node(prefix, "two", root), node(prefix, "three", root));
    for (const one of nodes) clients.push(await clientOf(one, credentials));
  }, 60_000);

  const client = (n: number): KMSClient => clients[n] as KMSClient;

  it("use on one what was made on another, at once", async () => {
    const { KeyMetadata: { KeyId } = {} } = await client(0).send(new CreateKeyCommand({}));
    const { CiphertextBlob } = await client(1).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("hi") }));
    const { Plaintext = [] } = await client(2).send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext).toString()).toBe("hi");
    await client(2).send(new CreateAliasCommand({ AliasName: "alias/shared", TargetKeyId: KeyId }));
    expect((await client(0).send(new DescribeKeyCommand({ KeyId: "alias/shared" }))).KeyMetadata?.KeyId).toBe(KeyId);
  });

  it("open a Region that one of them has opened, each with tables of its own", async () => {
    const [one, two] = [
      await clientOf(nodes[0] as Running, credentials, "eu-west-1"),
      await clientOf(nodes[1] as Running, credentials, "eu-west-1"),
    ];
    const { KeyMetadata: { KeyId, Arn } = {} } = await one.send(new CreateKeyCommand({}));
    expect(Arn).toContain(":eu-west-1:");
    expect((await two.send(new ListKeysCommand({}))).Keys?.map((key) => key.KeyId)).toEqual([KeyId]);
    await expect(client(1).send(new DescribeKeyCommand({ KeyId }))).rejects.toThrow("does not exist");
  });

  it("lose nothing that was acknowledged when one of them is killed at work", async () => {
    const made: { readonly keyId: string; readonly requestId: string }[] = [];
    const sealed: { readonly blob: Uint8Array; readonly text: string; readonly requestId: string }[] = [];
    let failed = 0;
    const until = Date.now() + 4_000;

    async function work(n: number): Promise<void> {
      for (let turn = 0; Date.now() < until; turn += 1) {
        const on = client((n + turn) % 3);
        try {
          const { KeyMetadata: { KeyId: keyId = "" } = {}, $metadata } = await on.send(new CreateKeyCommand({}));
          made.push({ keyId, requestId: $metadata.requestId ?? "" });
          const text = `${n} ${turn}`;
          const { CiphertextBlob: blob = new Uint8Array(), $metadata: of } = await client((n + turn + 1) % 3).send(
            new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from(text) }),
          );
          sealed.push({ blob, text, requestId: of.requestId ?? "" });
        } catch {
          failed += 1;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    }
    const working = Promise.all(Array.from({ length: 6 }, (_, n) => work(n)));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    nodes[2]?.child.kill("SIGKILL");
    await working;

    expect(failed).toBeGreaterThan(0);
    expect(sealed.length).toBeGreaterThan(10);
    for (const [i, { keyId }] of made.entries()) await client(i % 2).send(new DescribeKeyCommand({ KeyId: keyId }));
    for (const [i, { blob, text }] of sealed.entries()) {
      const { Plaintext = [] } = await client((i + 1) % 2).send(new DecryptCommand({ CiphertextBlob: blob }));
      expect(Buffer.from(Plaintext).toString()).toBe(text);
    }
    const recorded = await recordIds(prefix);
    expect([...made, ...sealed].filter(({ requestId }) => !recorded.has(requestId))).toEqual([]);
  }, 60_000);

  it("stop when they are told to", async () => {
    expect((await stop(nodes[0] as Running)).code).toBe(0);
    expect((await stop(nodes[1] as Running)).stderr).toBe("");
  });
});

/** Ids of every row in the log of the first account. */
async function recordIds(prefix: string): Promise<ReadonlySet<string>> {
  const tableName = (name: TableName, region: string) => `${prefix}-${region}-${name}`;
  const own = { endpoint, region: HOME, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const database = openDynamodb({ client: own, tableName, cacheMs: 0 });
  const log = database.table("log", HOME);
  const { account } = JSON.parse((await database.table("principals", "global").get({ pk: "META", sk: "FORMAT" }))?.body ?? "{}");
  const days = await log.query({ pk: `${account}#DAYS`, limit: 10 });
  const ids = new Set<string>();
  for (const { sk: day } of days.rows) {
    for (let shard = 0; shard < 16; shard += 1)
      for (const { sk } of (await log.query({ pk: `${account}#${day}#${shard}`, limit: 100_000 })).rows) ids.add(sk);
  }
  await database.close();
  return ids;
}

describe("a server's first start on tables", () => {
  it("may be that of three at once: one keeps the administrator's key, which works on all", async () => {
    const prefix = newPrefix();
    const env = { TRENT_ROOT_KEY: randomBytes(64).toString("base64") };
    const names = ["one", "two", "three"];
    const nodes = names.map((name) => node(prefix, name, [], env));
    await Promise.all(nodes.map(({ ready }) => ready));
    const keepers = names.filter((name) => existsSync(join(dataOf(prefix, name), "aws", "credentials")));
    expect(keepers).toHaveLength(1);
    const credentials = profileOf(dataOf(prefix, keepers[0] as string));
    for (const one of nodes) await (await clientOf(one, credentials)).send(new ListKeysCommand({}));
    // Long enough for the timers to have looked for Regions, most of which have no tables.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const others = await Promise.all(nodes.filter((_, n) => names[n] !== keepers[0]).map(stop));
    for (const { stdout, stderr } of others) {
      expect(stdout).toContain("The access key is with the server that was started first");
      expect(stderr).toBe("");
    }
    await Promise.all(nodes.map(stop));
  }, 60_000);

  it("never makes a root beside a store that exists, and refuses another's", async () => {
    const prefix = newPrefix();
    const first = node(prefix, "one");
    await first.ready;
    const without = await node(prefix, "two").ended;
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(
      /^trent: \S+root\.key is missing, and the store at http:\/\/\S+ cannot be read without it: put the root key back\./,
    );
    expect(existsSync(join(dataOf(prefix, "two"), "root.key"))).toBe(false);
    const other = await node(prefix, "three", [], { TRENT_ROOT_KEY: randomBytes(64).toString("base64") }).ended;
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("It is another store's root");
    await stop(first);
  }, 60_000);

  it.runIf(given === undefined)("says what to do when the engine has no PartiQL", async () => {
    const running = node(newPrefix(), "one", ["--append-by", "partiql"]);
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([2, "trent: This engine has no PartiQL, by which records are appended: say --append-by put.\n"]);
  });

  it("says what is wrong with an endpoint", async () => {
    const args = ["serve", "--port", "0", "--data", join(folder, "none"), "--table", "dynamodb"];
    const nobody = await trent([...args, "--dynamodb-endpoint", "http://127.0.0.1:1"], { env: CREDENTIALS }).ended;
    expect(nobody.code).toBe(2);
    expect(nobody.stderr).toMatch(/^trent: --dynamodb-endpoint http:\/\/127\.0\.0\.1:1 cannot be used: ECONNREFUSED/);
    for (const url of ["127.0.0.1:8000", "ftp://a", ""])
      expect((await trent([...args, "--dynamodb-endpoint", url]).ended).stderr).toContain("needs --dynamodb-endpoint URL");
  });
});

it("status and account recover work on tables, beside the servers", async () => {
  const prefix = newPrefix();
  const running = node(prefix, "one");
  const url = await running.ready;
  const data = dataOf(prefix, "one");
  const at = ["--data", data, "--table", "dynamodb", "--dynamodb-endpoint", endpoint, "--table-prefix", prefix, "--json"];
  const append = given === undefined ? ["--append-by", "put"] : [];
  const { stdout } = await trent(["status", ...at], { env: CREDENTIALS }).ended;
  const status = JSON.parse(stdout);
  expect(status).toMatchObject({ home: HOME, endpoint: url, answers: true });

  const recovered = await trent(["account", "recover", status.account, ...at, ...append], { env: CREDENTIALS }).ended;
  const key = JSON.parse(recovered.stdout);
  expect(key.userArn).toBe(`arn:aws:iam::${status.account}:user/administrator-2`);
  await (await clientOf(running, key)).send(new ListKeysCommand({}));
  expect(recovered.stderr).toBe("");
  expect(readFileSync(join(data, "aws", "credentials"), "utf8")).not.toContain(key.secretAccessKey);
  await stop(running);

  const elsewhere = [...at, ...append, "--table-prefix", newPrefix()];
  for (const command of [["status"], ["account", "recover", status.account]]) {
    const { code, stderr } = await trent([...command, ...elsewhere], { env: CREDENTIALS }).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^trent: http:\/\/\S+ has no store t[0-9a-f]{8}: start a server first, or say its --table-prefix\.\n$/);
  }
}, 60_000);
