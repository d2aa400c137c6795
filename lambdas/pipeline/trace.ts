import type { Exchange } from "./exchange.ts";

/** What one step of a call took, by `performance.now()`. */
export interface StepTime {
  readonly step: string;
  readonly began: number;
  readonly ended: number;
}

/** Where the time of a call went: nothing that its caller sent, but, of one that is known, the Region and the trace that the call is part of. */
export interface CallTrace {
  readonly service: string;
  readonly operation: string;
  readonly region: string | undefined;
  readonly requestId: string;
  /** The name of the error that was answered. */
  readonly error?: string;
  readonly began: number;
  readonly ended: number;
  readonly steps: readonly StepTime[];
  /** @see W3C Trace Context, "traceparent Header" */
  readonly parent: string | undefined;
}

export type Tracing = (call: CallTrace) => void;

/** Of a call that is answered now. */
export function traceOf(operation: string, call: Exchange, error?: string): CallTrace {
  const { face, requestId, began = 0, steps = [], http, caller } = call;
  const said = { service: face.service, operation, requestId, began, ended: performance.now(), steps };
  const believed = { region: caller && call.region, parent: caller && http.headers.get("traceparent") };
  return { ...said, ...believed, ...(error !== undefined && { error }) };
}
