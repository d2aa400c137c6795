/** What a collector of OpenTelemetry is told. @see OpenTelemetry, "OTLP Specification" (JSON over HTTP) */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateKeyCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { newFolder, profileOf, serve, stop } from "./command.ts";

// Every test starts a process.
vi.setConfig({ testTimeout: 60_000 });

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}

/** A collector that keeps what it is sent, by path. */
async function collector() {
  const bodies: { readonly path: string; readonly text: string }[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    bodies.push({ path: request.url ?? "", text });
    response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const sent = (path: string) => bodies.filter((body) => body.path === path).map(({ text }) => JSON.parse(text));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    all: () => bodies.map(({ text }) => text).join("\n"),
    spans: (): Span[] =>
      sent("/v1/traces").flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    metrics: () =>
      sent("/v1/metrics").flatMap(({ resourceMetrics }) =>
        resourceMetrics.flatMap(({ scopeMetrics }: { scopeMetrics: { metrics: { name: string }[] }[] }) =>
          scopeMetrics.flatMap(({ metrics }) => metrics),
        ),
      ),
  };
}

const said = ({ attributes }: Span): object => Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

async function start(env: Readonly<Record<string, string>>) {
  const folder = newFolder();
  const running = serve(folder, [], { env });
  const endpoint = await running.ready;
  const credentials = profileOf(folder);
  return { running, credentials, kms: new KMSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 }) };
}

describe("with OTEL_EXPORTER_OTLP_ENDPOINT", () => {
  it("tells of each call and of its steps, and of nothing that its caller sent", async () => {
    const { url, all, spans, metrics } = await collector();
    const { running, kms, credentials } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const { KeyMetadata: { KeyId = "", AWSAccountId = "" } = {} } = await kms.send(new CreateKeyCommand({ Description: "orders" }));
    const { $metadata } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from("attack at dawn"), EncryptionContext: { tenant: "mine" } }),
    );
    await expect(kms.send(new DescribeKeyCommand({ KeyId: "alias/nobody" }))).rejects.toThrow();
    expect((await stop(running)).code).toBe(0);

    const calls = spans().filter(({ parentSpanId }) => !parentSpanId);
    expect(calls.map(({ name }) => name)).toEqual(["kms/CreateKey", "kms/Encrypt", "kms/DescribeKey"]);
    const [, encrypt, describeKey] = calls;
    expect(encrypt && said(encrypt)).toEqual({
      ...{ "rpc.system": "aws-api", "rpc.service": "kms", "rpc.method": "Encrypt", "cloud.region": "us-east-1" },
      "aws.request_id": $metadata.requestId,
    });
    const steps = spans().filter(({ parentSpanId }) => parentSpanId === encrypt?.spanId);
    expect(steps.map(({ name }) => name)).toEqual([
      ...["decode", "authenticate", "validate", "resolve", "throttle", "authorize", "invoke", "record", "encode"],
    ]);
    for (const step of steps) {
      expect(step).toMatchObject({ traceId: encrypt?.traceId, attributes: [] });
      expect(BigInt(step.startTimeUnixNano) >= BigInt(encrypt?.startTimeUnixNano ?? 0)).toBe(true);
      expect(BigInt(step.endTimeUnixNano) <= BigInt(encrypt?.endTimeUnixNano ?? 0)).toBe(true);
    }
    expect(describeKey && said(describeKey)).toMatchObject({ "error.type": "NotFoundException" });
    expect(describeKey?.status.code).toBe(2);
    expect(metrics().map(({ name }: { name: string }) => name)).toContain("rpc.server.call.duration");
    for (const secret of [KeyId, AWSAccountId, credentials.accessKeyId, "orders", "dawn", "tenant", "nobody", "administrator"])
      expect(all()).not.toContain(secret);
  });

  it("puts calls into the traces of their callers, and traces no others when told so", async () => {
    const { url, spans } = await collector();
    const { running, kms } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER: "parentbased_always_off" });
    await kms.send(new CreateKeyCommand({}));
    kms.middlewareStack.add(
      (next) => (call) => {
        Object.assign((call.request as { headers: object }).headers, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
        return next(call);
      },
      { step: "build" },
    );
    await kms.send(new CreateKeyCommand({}));
    await stop(running);
    const [call, ...more] = spans().filter(({ name }) => name.startsWith("kms/"));
    expect(call).toMatchObject({ traceId: "a".repeat(32), parentSpanId: "b".repeat(16) });
    expect(more).toEqual([]);
  });

  it("takes neither Region nor trace from a caller that is not known", async () => {
    const { url, all, spans } = await collector();
    const { running, kms } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER: "parentbased_always_on" });
    await kms.send(new CreateKeyCommand({}));
    const endpoint = await running.ready;
    const scope = "AKIAIOSFODNN7EXAMPLE/20260101/stranger-text-1/kms/aws4_request";
    const { status } = await fetch(endpoint, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${"0".repeat(64)}`,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "TrentService.ListKeys",
        traceparent: `00-${"c".repeat(32)}-${"d".repeat(16)}-01`,
      },
      body: "{}",
    });
    expect(status).toBe(400);
    await stop(running);
    const refused = spans().find(({ name }) => name === "kms/ListKeys");
    expect(refused && Object.keys(said(refused))).toEqual(["rpc.system", "rpc.service", "rpc.method", "aws.request_id", "error.type"]);
    expect(all()).not.toContain("stranger");
    expect(all()).not.toContain("c".repeat(32));
  });

  it("serves and stops although nobody collects", async () => {
    const { running, kms } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
    await kms.send(new CreateKeyCommand({}));
    expect((await stop(running)).code).toBe(0);
  });

  it("takes no protocol but HTTP", async () => {
    const { ended } = serve(newFolder(), [], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    });
    expect(await ended).toMatchObject({ code: 2, stderr: expect.stringContaining("OTEL_EXPORTER_OTLP_PROTOCOL") });
  });
});
