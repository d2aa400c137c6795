import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, type Signing } from "../pipeline/signed-request.ts";
import { type Ended, newFolder, profileOf, type Running, serve, stop } from "./command.ts";
import { formsOf, found } from "./forms.ts";
import { heldKeys } from "./held-keys.ts";

const CALLS = 1000;
const REGIONS = ["us-east-1", "eu-west-1"];
/** Begins every plaintext, so that one search finds any of them. */
const CANARY = randomBytes(24);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const plaintext = (number: number): string => base64(Buffer.concat([CANARY, Buffer.from(`:${number}`)]));

/** Every file of a data folder but the two that are there to hold a secret. */
function filesOf(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const searched = names.filter(
    (name) => statSync(join(folder, name)).isFile() && name !== "root.key" && name !== join("aws", "credentials"),
  );
  return new Map(searched.map((name) => [name, readFileSync(join(folder, name))]));
}

interface Talk {
  readonly url: string;
  readonly administrator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What was answered in refusal. */
  readonly refusals: string[];
  /** Secrets that the server made up and answered. */
  readonly answered: Map<string, Buffer>;
}

/** A call; its refusal is kept, its secrets too. */
async function say(talk: Talk, operation: string, body: unknown, signing: Signing = {}) {
  const answer = await call(talk, operation, body, signing);
  if (answer.status !== 200) talk.refusals.push(answer.text);
  const json = answer.status === 200 && answer.text !== "" ? JSON.parse(answer.text) : {};
  if (operation.startsWith("Generate") && json.Plaintext)
    talk.answered.set(`answer ${talk.answered.size}`, Buffer.from(json.Plaintext, "base64"));
  return json;
}

async function newKeys(talk: Talk): Promise<{ KeyId: string; region: string }[]> {
  const made = REGIONS.flatMap((region) => [region, region, region]);
  return Promise.all(made.map(async (region) => ({ region, KeyId: (await say(talk, "CreateKey", {}, { region })).KeyMetadata.KeyId })));
}

/** One of the calls, in turns: what works, and everything that can be wrong with a call that carries a secret. */
async function mixed(talk: Talk, number: number, { KeyId, region }: { KeyId: string; region: string }): Promise<void> {
  const Plaintext = plaintext(number);
  const EncryptionContext = { number: String(number) };
  const encrypt = (members: object, signing: Signing = {}) =>
    say(talk, "Encrypt", { KeyId, Plaintext, ...members }, { region, ...signing });
  const attempts: readonly (() => Promise<unknown>)[] = [
    async () => {
      const { CiphertextBlob } = await encrypt({ EncryptionContext });
      expect((await say(talk, "Decrypt", { CiphertextBlob, EncryptionContext }, { region })).Plaintext).toBe(Plaintext);
      await say(talk, "Decrypt", { CiphertextBlob }, { region });
      await say(talk, "ReEncrypt", { CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId: KeyId }, { region });
    },
    () => (number % 40 === 1 ? say(talk, "GenerateDataKey", { KeyId, KeySpec: "AES_256" }, { region }) : encrypt({})),
    () => (number % 40 === 2 ? say(talk, "GenerateRandom", { NumberOfBytes: 32 }, { region }) : encrypt({ DryRun: true })),
    () => encrypt({ Plaintext: `${Plaintext.slice(0, -1)}!` }),
    () => encrypt({ Plaintext: Plaintext.slice(0, -1) }),
    () => encrypt({ Plaintext: base64(Buffer.alloc(4200, CANARY)) }),
    () => encrypt({ Plaintext: { value: Plaintext } }),
    () => encrypt({ Plaintext: [Plaintext] }),
    () => encrypt({ KeyId: "alias/none", Extra: Plaintext }),
    () => encrypt({ EncryptionAlgorithm: "RSAES_OAEP_SHA_1" }),
    () => encrypt({ GrantTokens: [1] }),
    () => say(talk, "Encrypt", `{"KeyId":"${KeyId}","Plaintext":"${Plaintext}`, { region }),
    () => say(talk, "Encrypt", Buffer.concat([Buffer.from('{"Plaintext":"'), CANARY]), { region }),
    () => say(talk, "Nothing", { Plaintext }, { region }),
    () => encrypt({}, { credentials: { ...talk.administrator, secretAccessKey: base64(CANARY) } }),
    () => encrypt({}, { credentials: undefined }),
  ];
  await attempts[number % attempts.length]?.();
}

const folder = newFolder(afterAll);
let running: Running;
let ended: Ended;
let talk: Talk;
let secrets: Map<string, Buffer>;
let heap: string;
const whileRunning = new Map<string, Buffer>();

beforeAll(async () => {
  const diagnostics = join(folder, "..", "diagnostics");
  mkdirSync(diagnostics);
  const node = ["--heapsnapshot-signal=SIGUSR2", "--heap-snapshot-string-limit=10000000", `--diagnostic-dir=${diagnostics}`];
  running = serve(folder, ["--log-level", "debug", "--quotas", "off"], { node }, afterAll);
  talk = { url: await running.ready, administrator: profileOf(folder), refusals: [], answered: new Map() };
  const keys = await newKeys(talk);
  for (let sent = 0; sent < CALLS; sent += 8) {
    await Promise.all(
      Array.from({ length: 8 }, (_, more) => mixed(talk, sent + more, keys[(sent + more) % keys.length] as (typeof keys)[0])),
    );
  }
  for (const [name, content] of filesOf(folder)) whileRunning.set(`${name} while running`, content);

  running.child.kill("SIGUSR2");
  const snapshots = () => readdirSync(diagnostics).filter((name) => name.endsWith(".heapsnapshot"));
  while (snapshots().length === 0) await setTimeout(20);
  heap = join(diagnostics, snapshots()[0] as string);
  // The process answers again when the snapshot is written.
  await call(talk, "ListKeys", {});
  ended = await stop(running);
  secrets = await heldKeys(folder, REGIONS);
}, 180_000);

test("no plaintext, secret access key or key is in a file, a stream or an error", () => {
  expect(ended.code).toBe(0);
  expect(secrets.size).toBe(2 + 4 + 2 * 2 + 6);
  expect(talk.answered.size).toBeGreaterThan(10);
  expect(talk.refusals.length).toBeGreaterThan(CALLS / 2);
  const places = new Map([
    ...whileRunning,
    ...filesOf(folder),
    ["standard output", Buffer.from(ended.stdout)],
    ["standard error", Buffer.from(ended.stderr)],
    ["refusals", Buffer.from(talk.refusals.join("\n"))],
  ]);
  expect(Array.from(places.keys())).toEqual(
    expect.arrayContaining(["state.db", "log.db", "log.db-wal while running", "state.db-wal while running"]),
  );
  const secretAccessKey = Buffer.from(talk.administrator.secretAccessKey);
  expect(found(new Map([...secrets, ...talk.answered, ["plaintext", CANARY], ["secret access key", secretAccessKey]]), places)).toEqual([]);
  // What is searched is there to be found: the calls left their records, under the caller's name.
  expect(found(new Map([["access key id", Buffer.from(talk.administrator.accessKeyId)]]), places)).toContain("access key id in log.db");
});

test("no root, domain or backing key is in the heap after the calls and a garbage collection", () => {
  const snapshot = readFileSync(heap);
  const strings = (JSON.parse(snapshot.toString()) as { strings: string[] }).strings.join("\n");
  const places = new Map([
    ["the snapshot", snapshot],
    ["its strings", Buffer.from(strings)],
    ["its strings, a byte a character", Buffer.from(strings, "latin1")],
  ]);
  expect(found(new Map([...secrets, ["secret access key", Buffer.from(talk.administrator.secretAccessKey)]]), places)).toEqual([]);
  expect(found(new Map([["access key id", Buffer.from(talk.administrator.accessKeyId)]]), places)).toContain(
    "access key id in its strings",
  );
});

test("the search finds bytes in every form", () => {
  const secret = randomBytes(32);
  for (const before of [0, 1, 2, 3]) {
    const around = Buffer.concat([randomBytes(before), secret, randomBytes(5)]);
    for (const encoding of ["latin1", "hex", "base64", "base64url"] as const) {
      const place = Buffer.from(around.toString(encoding), "latin1");
      expect(found(new Map([["secret", secret]]), new Map([["place", place]]))).toEqual(["secret in place"]);
    }
  }
  expect(formsOf(secret)).toHaveLength(9);
});
