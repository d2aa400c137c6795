import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FACES } from "#faces";
import type { LambdaReply } from "#lambda";
import { bundle, bundleServices, layer } from "#lib/bundle";
import type { AnyOperation } from "#operation";
import { importOf, importTime, lineOf } from "../bench/import.ts";
import { type Invoke, through } from "./function-url.ts";
import { ACCOUNT, REGION, startStore } from "./store.ts";

const SERVED: readonly AnyOperation[] = FACES.flatMap(({ operations }) => Object.values(operations));
/** Of KMS each operation has a function of its own, of its neighbours each service. */
const NAMES = FACES.filter(({ service }) => service === "kms").flatMap(({ operations }) => Object.keys(operations));
const NEIGHBOURS = FACES.map(({ service }) => service).filter((service) => service !== "kms");
const ROOT = join(import.meta.dirname, "../..");
const RUNTIME = join(import.meta.dirname, "runtime.ts");
const DOOR = "Everything";

/** Outside the project, so that nothing is found by climbing to it. */
const assets = mkdtempSync(join(tmpdir(), "trent-assets-"));
let NODE_PATH: string;

beforeAll(() => {
  for (const name of NAMES) bundle(name, assets);
  for (const service of NEIGHBOURS) bundleServices(service, [service], assets);
  bundleServices(DOOR, ["kms", "sts"], assets);
  NODE_PATH = join(layer(assets), "nodejs", "node_modules");
}, 240_000);

afterAll(() => rmSync(assets, { recursive: true, force: true }));

/** What went into a bundle, from the repository. */
function inputsOf(name: string): readonly string[] {
  const { inputs } = JSON.parse(readFileSync(join(assets, `${name}.meta.json`), "utf8")) as { readonly inputs: object };
  return Object.keys(inputs).filter((path) => path.startsWith("lambdas/") || path.startsWith("lib/"));
}

describe("the bundle of an operation", () => {
  test.each(NAMES)("%s holds its own operation, the DynamoDB driver, and no crypto, no host and no other driver", (name) => {
    const inputs = inputsOf(name);
    const operations = inputs.filter((path) => FACES.some(({ service }) => path.startsWith(`lambdas/${service}/`)));

    expect(operations).toEqual([expect.stringMatching(/^lambdas\/kms\/[a-z-]+\.ts$/)]);
    expect(operations[0]?.replace(/^.*\/|\.ts$|-/g, "")).toBe(name.toLowerCase());
    expect(inputs).toContain("lambdas/store/drivers/dynamodb.ts");
    expect(inputs.filter((path) => /sqlite|^lambdas\/(crypto|local)\/|^lambdas\/faces|^lib\//.test(path))).toEqual([]);
  });

  test.each(NEIGHBOURS)(
    "that serve %s holds its operations and no other's, the DynamoDB driver, and no crypto, no host and no other driver",
    (service) => {
      const inputs = inputsOf(service);
      const others = FACES.filter((face) => face.service !== service).map((face) => `lambdas/${face.service}/`);

      expect(inputs.some((path) => path.startsWith(`lambdas/${service}/`))).toBe(true);
      expect(inputs.filter((path) => others.some((other) => path.startsWith(other)))).toEqual([]);
      expect(inputs).toContain("lambdas/store/drivers/dynamodb.ts");
      expect(inputs.filter((path) => /sqlite|^lambdas\/(crypto|local)\/|^lambdas\/faces|^lib\//.test(path))).toEqual([]);
    },
  );

  test("holds no module that a function cannot have", () => {
    const text = readFileSync(join(assets, "Encrypt", "index.js"), "utf8");

    expect(text).toContain(`require("@trent/crypto")`);
    expect(text).not.toContain("node:sqlite");
  });

  test("is the same, byte by byte, wherever it is made, and tells nothing of the machine", () => {
    const again = mkdtempSync(join(tmpdir(), "trent-assets-"));
    const folder = bundle("Encrypt", again);

    for (const file of ["index.js", "index.js.map"]) {
      const bytes = readFileSync(join(folder, file));
      expect(bytes.equals(readFileSync(join(assets, "Encrypt", file)))).toBe(true);
      expect(bytes.includes(ROOT) || bytes.includes(again)).toBe(false);
    }
    rmSync(again, { recursive: true });
  });

  test("of an operation that there is not is refused", () => {
    expect(() => bundle("EncryptAll", assets)).toThrow("There is no operation EncryptAll.");
    expect(() => bundleServices("Door", ["kms", "s3"], assets)).toThrow("There is no service s3.");
  });
});

describe("in a fresh process of Node 24, with the layer on NODE_PATH", () => {
  test("every bundle loads", { timeout: 120_000 }, async () => {
    expect(process.versions.node).toMatch(/^24\./);
    for (const name of [...NAMES, ...NEIGHBOURS, DOOR]) await importTime(join(assets, name), NODE_PATH);
  });

  test("without the layer none does", async () => {
    await expect(importTime(join(assets, "Encrypt"), undefined)).rejects.toThrow("Cannot find module '@trent/crypto'");
  });

  test("Encrypt is small and quick to load", { timeout: 60_000 }, async () => {
    const measured = await importOf("Encrypt", 20);
    const { kilobytes, milliseconds, emptyMilliseconds } = measured;
    console.log(lineOf("Encrypt", measured));

    expect(kilobytes).toBeLessThan(450);
    // 75 on a machine that is at rest.
    expect(milliseconds - emptyMilliseconds).toBeLessThan(300);
  });
});

describe("a deployed function, called by the SDK through a function URL,", () => {
  let store: Awaited<ReturnType<typeof startStore>>;
  const running: (() => void)[] = [];

  beforeAll(async () => {
    store = await startStore();
  });

  afterAll(() => {
    for (const stop of running) stop();
    store.stop();
  });

  /** Starts a function with the variables that it would have, and none of ours. */
  function start(name: string, ...operations: readonly AnyOperation[]): Invoke {
    const env = { ...store.environmentOf(...operations), NODE_PATH };
    const child = fork(RUNTIME, [join(assets, name)], { cwd: assets, env, execArgv: [], execPath: process.execPath });
    running.push(() => child.kill());
    let calls = 0;
    return (event) =>
      new Promise((resolve, reject) => {
        const id = calls++;
        child.once("error", reject);
        child.once("exit", (code) => reject(new Error(`The function ended with ${code}.`)));
        child.on("message", (message: { id: number; reply?: LambdaReply; thrown?: string }) => {
          if (message.id !== id) return;
          if (message.reply) resolve(message.reply);
          else reject(new Error(`The handler threw: ${message.thrown}`));
        });
        child.send({ id, event });
      });
  }

  const served = (name: string) => SERVED.filter((operation) => operation.name === name);
  const options = (invoke: Invoke) => ({
    region: REGION,
    endpoint: "https://trent.example",
    credentials: store.credentials,
    maxAttempts: 1,
    requestHandler: through(invoke, ({ headers: { "content-length": _, ...headers }, ...event }) => ({ ...event, headers })),
  });
  const kms = (name: string) => new KMSClient(options(start(name, ...served(name))));

  test("makes a key, encrypts and decrypts, each by its own function", async () => {
    const { KeyMetadata } = await kms("CreateKey").send(new CreateKeyCommand({ Description: "orders" }));
    const context = { order: "1" };
    const encrypt = kms("Encrypt");
    const seal = (text: string) =>
      encrypt.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from(text), EncryptionContext: context }));
    const first = await seal("attack at dawn");
    const second = await seal("attack at dusk");

    const decrypt = kms("Decrypt");
    const open = (sealed: typeof first) =>
      decrypt.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob, EncryptionContext: context }));

    expect(Buffer.from((await open(first)).Plaintext ?? []).toString()).toBe("attack at dawn");
    expect(Buffer.from((await open(second)).Plaintext ?? []).toString()).toBe("attack at dusk");
    expect(KeyMetadata?.Arn).toBe(`arn:aws:kms:${REGION}:${ACCOUNT}:key/${KeyMetadata?.KeyId}`);
    await expect(decrypt.send(new DecryptCommand({ CiphertextBlob: first.CiphertextBlob }))).rejects.toMatchObject({
      name: "InvalidCiphertextException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("leaves its records in the log, spread over shards", async () => {
    const log = store.database.table("log", REGION);
    const { rows: days } = await log.query({ pk: `${ACCOUNT}#DAYS`, limit: 10 });
    const shards = Array.from({ length: 16 }, (_, shard) =>
      days.map(({ sk }) => log.query({ pk: `${ACCOUNT}#${sk}#${shard}`, limit: 100 })),
    );
    const records = (await Promise.all(shards.flat())).flatMap(({ rows }) => rows.map(({ body }) => JSON.parse(body).r));

    expect(records.filter(({ i }) => !i).map(({ e, ip, x }) => [e, ip, x?.[0]])).toEqual(
      expect.arrayContaining([
        ["CreateKey", "203.0.113.7", undefined],
        ["Encrypt", "203.0.113.7", undefined],
        ["Decrypt", "203.0.113.7", undefined],
        ["Decrypt", "203.0.113.7", "InvalidCiphertextException"],
      ]),
    );
  });

  test("does not know the other operations", async () => {
    await expect(kms("Decrypt").send(new EncryptCommand({ KeyId: "k", Plaintext: Buffer.from("hi") }))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });

  test("takes no wrong signature", async () => {
    const stranger = { ...store.credentials, secretAccessKey: "not it" };
    const client = new KMSClient({ ...options(start("Encrypt", ...served("Encrypt"))), credentials: stranger });

    await expect(client.send(new EncryptCommand({ KeyId: "k", Plaintext: Buffer.from("hi") }))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
  });

  test("answers a broken event", async () => {
    const invoke = start("Encrypt", ...served("Encrypt"));

    for (const event of [null, {}, { requestContext: { http: {} } }, { Records: [] }]) {
      expect(await invoke(event)).toMatchObject({ statusCode: 400, body: `{"__type":"SerializationException"}` });
    }
  });

  test("as the one function behind a URL serves every face", async () => {
    const invoke = start(DOOR, ...SERVED);
    const made = await new KMSClient(options(invoke)).send(new CreateKeyCommand({}));
    const { Account } = await new STSClient(options(invoke)).send(new GetCallerIdentityCommand({}));

    expect(made.KeyMetadata?.KeyState).toBe("Enabled");
    expect(Account).toBe(ACCOUNT);
  });

  test("speaks the query protocol where its service does", async () => {
    const sts = new STSClient(options(start("sts", ...Object.values(FACES.find(({ service }) => service === "sts")?.operations ?? {}))));

    await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Arn: `arn:aws:iam::${ACCOUNT}:user/administrator`,
    });
  });
});
