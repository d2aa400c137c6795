import { Architecture, Code, LayerVersion, Runtime } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/** `@trent/crypto`, which every function requires instead of having it inside. */
export class CryptoLayer extends LayerVersion {
  constructor(scope: Construct, id: string, { asset }: { readonly asset: string }) {
    super(scope, id, {
      description: "@trent/crypto",
      code: Code.fromAsset(asset),
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      compatibleArchitectures: [Architecture.ARM_64],
    });
  }
}
