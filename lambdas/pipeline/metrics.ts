import type { AnyOperation } from "#operation";
import type { Deps } from "./deps.ts";
import type { Step } from "./exchange.ts";
import { answeredAs } from "./outcome.ts";
import { traceOf } from "./trace.ts";

/** What is counted of a call: nothing that its caller sent. */
export interface CallMetric {
  readonly operation: string;
  /** The name of the error that was answered. */
  readonly error?: string;
  /** From the request to the answer, to a microsecond. */
  readonly milliseconds: number;
}

export type Metrics = (call: CallMetric) => void;

/**
 * One line a call in CloudWatch's embedded metric format: `Calls`, `Errors` and `Latency` by Operation, and of refused calls also by Error.
 *
 * Both names are out of closed tables, so what CloudWatch charges for is bounded.
 * @see Amazon CloudWatch User Guide, "Specification: Embedded metric format"
 */
export function embeddedMetrics(write: (line: string) => void = (line) => process.stdout.write(line)): Metrics {
  return ({ operation, error, milliseconds }) => {
    const Dimensions = error === undefined ? [["Operation"]] : [["Operation"], ["Operation", "Error"]];
    const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: "Trent", Dimensions, Metrics: METRICS }] };
    const values = { Operation: operation, Error: error, Calls: 1, Errors: error === undefined ? 0 : 1, Latency: milliseconds };
    write(`${JSON.stringify({ _aws, ...values })}\n`);
  };
}

const METRICS = [
  { Name: "Calls", Unit: "Count" },
  { Name: "Errors", Unit: "Count" },
  { Name: "Latency", Unit: "Milliseconds" },
];

/** Counts a call when its answer stands, and tells where its time went, where somebody asks. */
export function measure({ name: operation }: AnyOperation, { metrics, tracing }: Deps): Step {
  const since = (began = performance.now()): number => Math.round((performance.now() - began) * 1000) / 1000;
  return {
    before: ({ event }) => {
      event.began = performance.now();
      if (tracing) event.steps = [];
    },
    after({ event }) {
      metrics?.({ operation, milliseconds: since(event.began) });
      tracing?.(traceOf(operation, event));
    },
    onError({ event, error }) {
      metrics?.({ operation, error: answeredAs(error), milliseconds: since(event.began) });
      tracing?.(traceOf(operation, event, answeredAs(error)));
    },
  };
}
