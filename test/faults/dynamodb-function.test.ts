/** A function whose DynamoDB keeps it waiting: it answers before its own limit ends it, because what ends there is a 502 to its caller. */
import { setTimeout as pause } from "node:timers/promises";
import { CreateKeyCommand, DescribeKeyCommand, KMSClient, ListKeysCommand, TagResourceCommand } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { FACES } from "#faces";
import { dispatchHandlerOf, type LambdaOptions } from "#lambda";
import type { AnyOperation } from "#operation";
import { through } from "../infra/function-url.ts";
import { ACCOUNT, REGION, startStore } from "../infra/store.ts";
import { type FaultProxy, startProxy } from "./dynamodb-proxy.ts";

const OPERATIONS: readonly AnyOperation[] = FACES.flatMap(({ operations }) => Object.values(operations));
const LIMIT = 1_500;

let store: Awaited<ReturnType<typeof startStore>>;
let proxy: FaultProxy;
let environment: Record<string, string>;
let logged: string[];

beforeAll(async () => {
  store = await startStore();
  environment = store.environmentOf(...OPERATIONS);
  proxy = await startProxy(environment["AWS_ENDPOINT_URL_DYNAMODB"] ?? "");
  environment["AWS_ENDPOINT_URL_DYNAMODB"] = proxy.url;
  for (const [name, value] of Object.entries(environment)) if (name.startsWith("AWS_")) vi.stubEnv(name, value);
  logged = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => logged.push(String(line)) > 0);
});

afterEach(() => {
  proxy.strike();
  logged.length = 0;
});

afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  proxy.stop();
  store.stop();
});

/** A client of an instance of the function with this limit. */
function client(options: Partial<LambdaOptions> = {}): KMSClient {
  const handler = dispatchHandlerOf(FACES, { version: "0", environment, ...options });
  const invoke = (event: unknown) => {
    const begun = performance.now();
    return handler(event, { getRemainingTimeInMillis: () => LIMIT - (performance.now() - begun) });
  };
  return new KMSClient({
    region: REGION,
    endpoint: "https://trent.example",
    credentials: store.credentials,
    maxAttempts: 1,
    requestHandler: through(invoke),
  });
}

const INTERNAL = { name: "KMSInternalException", $metadata: { httpStatusCode: 500 } };

/** What a call is refused with, and that it is in time. */
async function refused(call: Promise<unknown>): Promise<void> {
  const begun = performance.now();
  await expect(call).rejects.toMatchObject(INTERNAL);
  expect(performance.now() - begun).toBeLessThan(LIMIT);
}

async function warm(kms: KMSClient, Description: string): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description }));
  return KeyMetadata?.KeyId ?? "";
}

/** What the log says of one operation: intents, then outcomes. */
async function logOf(operation: string): Promise<string[]> {
  const log = store.database.table("log", REGION);
  const { rows: days } = await log.query({ pk: `${ACCOUNT}#DAYS`, limit: 10 });
  const shards = days.flatMap(({ sk }) => Array.from({ length: 16 }, (_, shard) => `${ACCOUNT}#${sk}#${shard}`));
  const pages = await Promise.all(shards.map((pk) => log.query({ pk, limit: 1000 })));
  const said = pages.flatMap(({ rows }) => rows.map(({ body }) => JSON.parse(body).r));
  return said.filter(({ e }) => e === operation).map(({ i, x }) => (i ? "intent" : (x?.[0] ?? "done")));
}

describe("a DynamoDB that", () => {
  test("is silent: the call fails in time, and the next one is served by the same instance", async () => {
    const kms = client();
    const KeyId = await warm(kms, "silent");
    proxy.strike(() => "swallowed");
    await pause(1_100); // what was read is too old to be believed
    await refused(kms.send(new DescribeKeyCommand({ KeyId })));
    proxy.strike();
    await expect(kms.send(new DescribeKeyCommand({ KeyId }))).resolves.toMatchObject({ KeyMetadata: { KeyId } });
  });

  test("was never reached by a new instance: the same", async () => {
    const kms = client();
    proxy.strike(() => "swallowed");
    await refused(kms.send(new ListKeysCommand({})));
    proxy.strike();
    await kms.send(new ListKeysCommand({}));
  });

  test("does a change, and answers after the limit: the change is there, and its intent", async () => {
    const kms = client();
    const KeyId = await warm(kms, "late");
    proxy.strike(({ action, table }) => (action === "PutItem" && table.endsWith("-keys") ? { late: 2 * LIMIT } : "pass"));
    await refused(kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "late", TagValue: "yes" }] })));
    proxy.strike();
    expect(await logOf("TagResource")).toContain("intent");
    expect(await store.database.table("keys", REGION).get({ pk: `K#${KeyId}`, sk: "KEY" })).toMatchObject({ version: 2 });
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "again", TagValue: "yes" }] }));
    expect((await store.database.table("keys", REGION).get({ pk: `K#${KeyId}`, sk: "KEY" }))?.version).toBe(3);
  });

  test("is so slow that the time is over in the middle: nothing is begun after the answer", async () => {
    const kms = client();
    const KeyId = await warm(kms, "slow");
    await pause(1_100);
    proxy.strike(() => ({ slow: 220 }));
    await refused(kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "slow", TagValue: "yes" }] })));
    proxy.strike();
    await pause(500);
    expect((await store.database.table("keys", REGION).get({ pk: `K#${KeyId}`, sk: "KEY" }))?.version).toBe(1);
  });
});

test("roots that cannot be had in time are an outage", async () => {
  const never = () => new Promise<never>(() => {});
  const kms = client({ roots: () => ({ control: never, material: never }) });
  await refused(kms.send(new ListKeysCommand({})));
  expect(logged.join("")).toContain("The call was not done before the function's limit.");
});
