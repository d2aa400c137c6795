import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { type Alias, FunctionUrlAuthType, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Ingress } from "./ingress.ts";

type Entry = LambdaFunction | Alias;

/**
 * The URL of one function that serves everything: for stacks that cannot run the REST API's templates.
 *
 * Least privilege ends here: the role of that function is the union of those of all operations.
 */
export class FunctionUrlIngress extends Construct implements Ingress {
  readonly url: string;
  readonly #dispatcher: Entry;

  constructor(scope: Construct, id: string, { dispatcher }: { readonly dispatcher: Entry }) {
    super(scope, id);
    this.#dispatcher = dispatcher;
    // Open to everybody, as KMS is: who calls is known by the SigV4 signature, which the function verifies.
    this.url = dispatcher.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
  }

  metricCalls(options?: MetricOptions): Metric {
    return this.#dispatcher.metric("UrlRequestCount", { statistic: "Sum", ...options });
  }
  metricServerErrors(options?: MetricOptions): Metric {
    return this.#dispatcher.metric("Url5xxCount", { statistic: "Sum", ...options });
  }
  metricLatency(options?: MetricOptions): Metric {
    return this.#dispatcher.metric("UrlRequestLatency", { statistic: "Average", ...options });
  }
}
