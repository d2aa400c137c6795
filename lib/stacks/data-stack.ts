import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { TrentData, type TrentDataProps } from "#lib/constructs/trent-data";

/** In the home Region: what all Regions share. Deployed before any `RegionStack`, and deleted after all of them. */
export class DataStack extends Stack {
  constructor(scope: Construct, id: string, { data, ...props }: StackProps & { readonly data: TrentDataProps }) {
    super(scope, id, props);
    new TrentData(this, "Data", data);
  }
}
