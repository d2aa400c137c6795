import { CreateKeyCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { FACES } from "#faces";
import { dispatchHandlerOf } from "#lambda";
import type { AnyOperation } from "#operation";
import { through } from "../infra/function-url.ts";
import { REGION, startStore } from "../infra/store.ts";
import { startService } from "../service.ts";

const OPERATIONS: readonly AnyOperation[] = FACES.flatMap(({ operations }) => Object.values(operations));
const SECRET = "attack at dawn";

let store: Awaited<ReturnType<typeof startStore>>;
let environment: Record<string, string>;
let written: string[];

beforeAll(async () => {
  store = await startStore();
  environment = { ...store.environmentOf(...OPERATIONS), TRENT_METRICS: "" };
  for (const [name, value] of Object.entries(environment)) if (name.startsWith("AWS_")) vi.stubEnv(name, value);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => {
  vi.unstubAllEnvs();
  store.stop();
});

function listen(): void {
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((line) => stream !== process.stdout || written.push(String(line)) > 0);
  }
}

function client(variables: Readonly<Record<string, string>> = {}): KMSClient {
  const handler = dispatchHandlerOf(FACES, { version: "0", environment: { ...environment, ...variables } });
  const options = { region: REGION, endpoint: "https://trent.example", credentials: store.credentials, maxAttempts: 1 };
  return new KMSClient({ ...options, requestHandler: through(handler) });
}

describe("a function", () => {
  test("writes one line a call, which CloudWatch reads as metrics by operation, and by error", async () => {
    listen();
    const kms = client();
    const { KeyMetadata: { KeyId } = {} } = await kms.send(new CreateKeyCommand({ Description: SECRET }));
    await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(SECRET), EncryptionContext: { [SECRET]: SECRET } }));
    await expect(kms.send(new DescribeKeyCommand({ KeyId: "alias/none" }))).rejects.toThrow();
    vi.restoreAllMocks();

    expect(written.map((text) => text.split("\n").length)).toEqual([2, 2, 2]);
    const lines = written.map((text) => JSON.parse(text));
    expect(lines.map(({ _aws, ...values }) => values)).toEqual([
      { Operation: "CreateKey", Calls: 1, Errors: 0, Latency: expect.any(Number) },
      { Operation: "Encrypt", Calls: 1, Errors: 0, Latency: expect.any(Number) },
      { Operation: "DescribeKey", Error: "NotFoundException", Calls: 1, Errors: 1, Latency: expect.any(Number) },
    ]);
    for (const { _aws, ...values } of lines) {
      expect(Date.now() - _aws.Timestamp).toBeLessThan(60_000);
      const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics;
      expect(Namespace).toBe("Trent");
      expect(Dimensions).toEqual(values.Error === undefined ? [["Operation"]] : [["Operation"], ["Operation", "Error"]]);
      // What CloudWatch finds no value of, it drops in silence.
      for (const { Name } of Metrics) expect(values).toHaveProperty(Name, expect.any(Number));
      for (const name of Dimensions.flat()) expect(values).toHaveProperty(name, expect.any(String));
    }
    expect(written.join("")).not.toContain(SECRET);
  });

  test("counts an outage as what is answered", async () => {
    listen();
    const kms = client({ TABLE_PRINCIPALS: "gone" });
    await expect(kms.send(new DescribeKeyCommand({ KeyId: "k" }))).rejects.toMatchObject({ name: "KMSInternalException" });
    vi.restoreAllMocks();
    expect(written.map((text) => JSON.parse(text))).toMatchObject([{ Operation: "DescribeKey", Error: "KMSInternalException", Errors: 1 }]);
  });

  test("writes none when it is told not to", async () => {
    listen();
    const kms = client({ TRENT_METRICS: "off" });
    await kms.send(new CreateKeyCommand({}));
    vi.restoreAllMocks();
    expect(written).toEqual([]);
  });
});

test("a server writes none", async () => {
  const service = await startService();
  listen();
  await service.kms().send(new CreateKeyCommand({}));
  vi.restoreAllMocks();
  expect(written).toEqual([]);
  await service.stop();
});
