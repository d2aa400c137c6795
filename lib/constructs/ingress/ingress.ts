import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";

/** The door that callers come through, whichever it is. */
export interface Ingress {
  /** What clients are given as `endpoint_url`. */
  readonly url: string;
  metricCalls(options?: MetricOptions): Metric;
  metricServerErrors(options?: MetricOptions): Metric;
  metricLatency(options?: MetricOptions): Metric;
}
