import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { RestIngress } from "#lib/constructs/ingress/rest";
import { Trent, type TrentProps } from "#lib/constructs/trent";

/** In each Region: its tables, functions, door and alarms. It finds what Regions share by name: no stack refers to another. */
export class RegionStack extends Stack {
  readonly trent: Trent;

  constructor(scope: Construct, id: string, { trent, ...props }: StackProps & { readonly trent: Omit<TrentProps, "data"> }) {
    super(scope, id, props);
    this.trent = new Trent(this, "Trent", { ...trent, data: "deployed" });
    const { endpoint, ingress } = this.trent;
    new CfnOutput(this, "Endpoint", { value: endpoint, description: "endpoint_url for SDKs and tools" });
    if (ingress instanceof RestIngress) new CfnOutput(this, "RestApiId", { value: ingress.api.restApiId });
  }
}
