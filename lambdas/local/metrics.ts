import { equal } from "@trent/crypto";
import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { Metrics } from "#pipeline/metrics";
import type { Beside } from "./beside.ts";
import { pageAt } from "./beside.ts";
import { watchHost } from "./gauges.ts";
import type { Host } from "./host.ts";
import { isLoopback } from "./peer.ts";
import type { Colleagues } from "./workers.ts";

export interface CallMetrics {
  /** Counts a call. */
  readonly count: Metrics;
  /** `GET /metrics` in Prometheus' text format, for clients on this machine, and for whoever shows the token. */
  readonly page: Beside;
  /** Shows what is behind the socket, too: quotas, log and keys. */
  watch(host: Host): void;
}

/** From half a millisecond, in which most calls are answered, to the seconds that an RSA key takes. */
const BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/**
 * What this process counts, or all of a server's together: calls, errors and durations by operation, and what Prometheus expects of every Node
 * process.
 *
 * Labels are out of closed tables: nothing that a caller sent becomes one.
 * @param token lets clients in that are elsewhere, as `Authorization: Bearer`. Without one they are refused.
 * @see Prometheus, "Exposition formats"; "Metric and label naming"
 */
export function callMetrics(token: string | undefined, colleagues?: Colleagues): CallMetrics {
  const registry = new Registry();
  const labelNames = ["operation"] as const;
  const registers = [registry];
  const seconds = new Histogram({
    name: "trent_call_seconds",
    help: "Time from request to answer",
    labelNames,
    buckets: BUCKETS,
    registers,
  });
  const errors = new Counter({
    name: "trent_errors_total",
    help: "Calls that were refused or failed, by the name of the error",
    labelNames: ["operation", "error"],
    registers,
  });
  collectDefaultMetrics({ register: registry });

  const histograms = new Map<string, ReturnType<typeof seconds.labels>>();
  function histogramOf(operation: string): ReturnType<typeof seconds.labels> {
    const known = histograms.get(operation);
    if (known) return known;
    const made = seconds.labels(operation);
    histograms.set(operation, made);
    return made;
  }

  colleagues?.tellBy(() => registry.getMetricsAsJSON());
  const shown = async (): Promise<string> =>
    (colleagues ? AggregatorRegistry.aggregate([...(await colleagues.ask())]) : registry).metrics();

  return {
    count({ operation, error, milliseconds }) {
      histogramOf(operation).observe(milliseconds / 1000);
      if (error !== undefined) errors.inc({ operation, error });
    },
    watch: (host) => watchHost(host, registry),
    page: pageAt("/metrics", async ({ peer, headers }) =>
      isLoopback(peer) || isBearer(headers.get("authorization"), token)
        ? { status: 200, type: registry.contentType, body: await shown() }
        : { status: 403, type: "text/plain", body: "Metrics are for this machine, or for the bearer of TRENT_METRICS_TOKEN.\n" },
    ),
  };
}

const isBearer = (authorization: string | undefined, token: string | undefined): boolean =>
  token !== undefined && authorization !== undefined && equal(Buffer.from(authorization), Buffer.from(`Bearer ${token}`));
