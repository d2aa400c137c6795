/**
 * `npm run bench`: what a call costs, as a ratio to a bare Node HTTP echo of the same run.
 *
 * The server has one processor, the load the other; rounds alternate between the two servers, so that a machine that slows down slows both.
 * The ratio by processor time is the one to trust. Options: --seconds N (a round), --rounds N, --warm N (seconds before them), --only NAME (`import`: of the
 * bundle of Encrypt; `decisions`: of policies and grants; `lookup`: of LookupEvents, which else is left out; `making`: of Encrypt while
 * RSA key pairs are made; `flood`: of Encrypt under a flood of unsigned calls; `workers`: of Encrypt by two processes), --keys N.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ListKeysCommand,
} from "@aws-sdk/client-kms";
import { commitOf, lineOfCommit } from "./commit.ts";
import { decisions } from "./decisions.ts";
import { flooded, lineOfFlood } from "./flood.ts";
import { importOf, lineOf as lineOfImport } from "./import.ts";
import { lookup } from "./lookup.ts";
import { making } from "./making.ts";
import { median } from "./median.ts";
import { canPin, cpuOf, memoryOf, type Pinned, start } from "./process.ts";
import { seedKeys } from "./seed.ts";
import { primitives, signing } from "./sign.ts";
import { signedBytes } from "./signed.ts";
import { loaded, portOf, startLoad, startTarget, type Target } from "./target.ts";
import { volumeOf } from "./volume.ts";
import { linesOfScaled, scaled } from "./workers.ts";

const CONNECTIONS = 16;
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    warm: { type: "string", default: "12" },
    keys: { type: "string", default: "100000" },
    only: { type: "string", default: "" },
  },
});
const milliseconds = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);
const isAsked = (name: string): boolean => values.only === "" || values.only === name;
if (isAsked("import")) console.log(lineOfImport("Encrypt", await importOf("Encrypt", 20)));
if (isAsked("decisions")) await decisions();
if (values.only === "lookup") await lookup(1_000_000);
if (isAsked("flood")) console.log(lineOfFlood(await flooded(milliseconds, rounds)));
if (isAsked("workers")) for (const line of linesOfScaled(await scaled([1, 2], milliseconds, rounds))) console.log(line);
if (isAsked("making")) await making(milliseconds, rounds);
if (["import", "decisions", "lookup", "making", "flood", "workers"].includes(values.only)) process.exit(0);

interface Figures {
  readonly perSecond: number;
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

const load = startLoad(1);
const echo = start(0, join(import.meta.dirname, "echo.ts"));
const echoPort = await portOf(echo);

async function measure(server: Pinned, port: number, request: Buffer, milliseconds: number): Promise<Figures> {
  const before = cpuOf(server.child.pid as number);
  const result = await loaded(load, { port, request, connections: CONNECTIONS, milliseconds });
  const cpu = (cpuOf(server.child.pid as number) - before) / result.requests;
  return { perSecond: result.requests / result.seconds, cpu, p50: result.p50, p99: result.p99 };
}

const middle = (figures: readonly Figures[], of: keyof Figures): number => median(figures.map((one) => one[of]));

/** Alternates between the echo and the server, and prints one row. */
async function compare(name: string, server: Pinned, port: number, request: Buffer): Promise<number> {
  const [base, ours]: [Figures[], Figures[]] = [[], []];
  // V8 needs tens of thousands of calls before it has compiled what they run.
  await measure(server, port, request, 1000 * Number(values.warm));
  for (let round = 0; round < rounds; round += 1) {
    base.push(await measure(echo, echoPort, request, milliseconds));
    ours.push(await measure(server, port, request, milliseconds));
  }
  const ratio = median(base.map((one, round) => one.cpu / (ours[round]?.cpu ?? 0)));
  row([
    name,
    fixed(middle(ours, "perSecond"), 0),
    fixed(middle(ours, "cpu"), 1),
    fixed(middle(ours, "p50"), 0),
    fixed(middle(ours, "p99"), 0),
    fixed(ratio, 3),
    fixed(middle(base, "cpu"), 1),
  ]);
  return middle(ours, "cpu");
}

const fixed = (number: number, digits: number): string => number.toFixed(digits);
const row = (cells: readonly string[]): void =>
  console.log(cells.map((cell, column) => (column === 0 ? cell.padEnd(34) : cell.padStart(10))).join(""));

interface Running extends Target {
  readonly ready: number;
}

const started: Pinned[] = [load, echo];

async function startTrent(folder: string): Promise<Running> {
  const began = performance.now();
  const target = await startTarget(folder, 0);
  started.push(target.server);
  return { ...target, ready: performance.now() - began };
}

async function calls({ server, port, config }: Running, prefix: string, wanted: readonly string[]): Promise<Map<string, number>> {
  const client = new KMSClient(config);
  const { KeyMetadata: key } = await client.send(new CreateKeyCommand({}));
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: key?.KeyId, Plaintext: Buffer.alloc(32, 1) }));
  const pages = await client.send(new ListKeysCommand({ Limit: 5 }));
  const commands: Readonly<Record<string, (client: KMSClient) => Promise<unknown>>> = {
    Encrypt: (to) =>
      to.send(new EncryptCommand({ KeyId: key?.KeyId, Plaintext: Buffer.alloc(32, 1), EncryptionContext: { purpose: "bench" } })),
    Decrypt: (to) => to.send(new DecryptCommand({ CiphertextBlob })),
    GenerateDataKey: (to) => to.send(new GenerateDataKeyCommand({ KeyId: key?.KeyId, KeySpec: "AES_256" })),
    DescribeKey: (to) => to.send(new DescribeKeyCommand({ KeyId: key?.KeyId })),
    "ListKeys, first page of 5": (to) => to.send(new ListKeysCommand({ Limit: 5 })),
    "ListKeys, second page of 5": (to) => to.send(new ListKeysCommand({ Limit: 5, Marker: pages.NextMarker })),
    CreateKey: (to) => to.send(new CreateKeyCommand({})),
    ...(wanted.includes("Sign") && (await signing(client))),
  };
  const cpu = new Map<string, number>();
  for (const [name, send] of Object.entries(commands)) {
    if (!wanted.some((one) => name.startsWith(one)) || !name.includes(values.only)) continue;
    cpu.set(name, await compare(`${prefix}${name}`, server, port, await signedBytes(config, send)));
  }
  client.destroy();
  return cpu;
}

const folder = mkdtempSync(join(tmpdir(), "trent-bench-"));
try {
  console.log(
    `${CONNECTIONS} connections, ${rounds} rounds of ${values.seconds} s, ${canPin ? "server and load on a processor each" : "NOT pinned: no taskset here"}`,
  );
  console.log(lineOfCommit(commitOf()));
  row(["", "calls/s", "CPU µs", "p50 µs", "p99 µs", "ratio", "echo µs"]);
  const first = await startTrent(join(folder, "first"));
  await calls(first, "", ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey", "CreateKey", "Sign", "Verify", "GenerateMac"]);
  for (const [name, cost] of primitives()) row([`bare ${name}`, "", fixed(cost, 1)]);
  await first.server.stop();
  console.log(volumeOf(join(folder, "first")));

  const grown = join(folder, "grown");
  await (await startTrent(grown)).server.stop();
  await seedKeys(grown, 10);
  const few = await startTrent(grown);
  const small = await calls(few, "10 keys: ", ["Encrypt", "DescribeKey", "ListKeys"]);
  await few.server.stop();
  // Room for the keys that the measuring makes: an account has 100,000.
  await seedKeys(grown, Number(values.keys) - 100);
  const many = await startTrent(grown);
  console.log(
    `npm start to ready with ${values.keys} keys: ${fixed(many.ready, 0)} ms; resident memory idle: ${fixed(memoryOf(many.server.child.pid as number), 0)} MB`,
  );
  const large = await calls(many, `${values.keys} keys: `, ["Encrypt", "DescribeKey", "ListKeys"]);
  for (const [name, cpu] of large) console.log(`${name}: ${fixed((100 * cpu) / (small.get(name) ?? cpu) - 100, 1)} % against 10 keys`);
} finally {
  await Promise.all(started.map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
}
