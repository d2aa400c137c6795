import type { Context } from "@opentelemetry/api";
import type { CallMetric, Metrics } from "#pipeline/metrics";
import type { OperatorLog } from "#pipeline/operator-log";
import type { CallTrace, Tracing } from "#pipeline/trace";
import { UsageError } from "./usage-error.ts";
import { VERSION } from "./version.ts";

/** Who is told of calls. */
export interface Watching {
  readonly metrics: Metrics;
  readonly tracing?: Tracing;
}

/** What is told to a collector of traces and metrics. */
export interface Telemetry extends Required<Watching> {
  /** Sends what is not sent yet, unless that takes too long. */
  stop(): Promise<void>;
}

/** Those who count here, and a collector elsewhere. */
export const watchingBy = (count: Metrics, telemetry: Telemetry | undefined): Watching =>
  telemetry
    ? {
        tracing: telemetry.tracing,
        metrics(call) {
          count(call);
          telemetry.metrics(call);
        },
      }
    : { metrics: count };

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a collector is named, as every program of OpenTelemetry is told of one. */
export const isObserved = (environment: Environment): boolean =>
  environment["OTEL_SDK_DISABLED"] !== "true" && (environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "") !== "";

/**
 * Sends a span for every call, with one below it for each step, and the durations of calls, by OTLP over HTTP. Endpoint, headers, timeout and
 * the service's name come from OpenTelemetry's own variables, which its exporters read; so does the part of calls that is traced.
 *
 * Spans are made when a call is over. What they say is out of closed tables, besides the request id: no account, key, address or text of a caller.
 * @throws {UsageError} when the variables ask for another protocol.
 * @see OpenTelemetry, "OTLP Exporter Configuration"; "Semantic conventions for RPC"
 */
export async function startTelemetry(environment: Environment, operator: OperatorLog): Promise<Telemetry> {
  if (environment["OTEL_EXPORTER_OTLP_PROTOCOL"] === "grpc")
    throw new UsageError(
      "OTEL_EXPORTER_OTLP_PROTOCOL grpc is not available: give the collector's address for HTTP, as http://127.0.0.1:4318.",
    );
  // Nobody else is to wait for their loading.
  const api = await import("@opentelemetry/api");
  const trace = await import("@opentelemetry/sdk-trace");
  const metrics = await import("@opentelemetry/sdk-metrics");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
  const { resourceFromAttributes } = await import("@opentelemetry/resources");
  const failed = (message: string) => operator.warn("telemetry not sent", { cause: message });
  const ignored = () => undefined;
  api.diag.setLogger({ error: failed, warn: failed, info: ignored, debug: ignored, verbose: ignored }, api.DiagLogLevel.WARN);
  const resource = resourceFromAttributes({ "service.name": environment["OTEL_SERVICE_NAME"] ?? "trent", "service.version": VERSION });
  const root = new trace.TraceIdRatioBasedSampler(ratioIn(environment));
  const tracers = new trace.TracerProvider({
    resource,
    sampler: new trace.ParentBasedSampler({ root }),
    spanProcessors: [new trace.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const meters = new metrics.MeterProvider({
    resource,
    readers: [new metrics.PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
  });
  const tracer = tracers.getTracer("trent", VERSION);
  const duration = meters.getMeter("trent", VERSION).createHistogram("rpc.server.call.duration", {
    description: "Time from request to answer",
    unit: "s",
    advice: { explicitBucketBoundaries: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] },
  });

  function contextOf(parent: string | undefined): Context {
    const [, traceId, spanId, flags] = TRACEPARENT.exec(parent ?? "") ?? [];
    if (!traceId || !spanId || flags === undefined) return api.ROOT_CONTEXT;
    return api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true });
  }

  return {
    metrics({ operation, error, milliseconds }: CallMetric) {
      duration.record(milliseconds / 1000, { "rpc.method": operation, ...(error !== undefined && { "error.type": error }) });
    },
    tracing({ service, operation, region, requestId, error, began, ended, steps, parent }: CallTrace) {
      const about = {
        ...{ "rpc.system": "aws-api", "rpc.service": service, "rpc.method": operation, "aws.request_id": requestId },
        ...(region !== undefined && { "cloud.region": region }),
        ...(error !== undefined && { "error.type": error }),
      };
      const within = contextOf(parent);
      const span = tracer.startSpan(
        `${service}/${operation}`,
        { kind: api.SpanKind.SERVER, startTime: timeOf(began), attributes: about },
        within,
      );
      if (span.isRecording()) {
        const below = api.trace.setSpan(within, span);
        for (const one of steps) tracer.startSpan(one.step, { startTime: timeOf(one.began) }, below).end(timeOf(one.ended));
        if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR });
      }
      span.end(timeOf(ended));
    },
    async stop() {
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
      await Promise.race([Promise.allSettled([tracers.shutdown(), meters.shutdown()]), late]);
    },
  };
}

/** A collector that is gone must not keep a server from stopping. */
const PATIENCE_MS = 1_000;

/** Of `performance.now()`. */
const timeOf = (instant: number): number => performance.timeOrigin + instant;

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** How many calls are traced that are in no trace of their caller's. @see OpenTelemetry, "General SDK Configuration" */
function ratioIn({ OTEL_TRACES_SAMPLER: sampler = "", OTEL_TRACES_SAMPLER_ARG: ratio = "1" }: Environment): number {
  if (sampler.endsWith("always_off")) return 0;
  const part = Number(ratio);
  return sampler.endsWith("traceidratio") && part >= 0 && part <= 1 ? part : 1;
}
