import { type RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import type { ILayerVersion } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IConstruct } from "constructs";
import { OptionError } from "#lib/option-error";
import type { Roots } from "./root-secrets.ts";

/** What all functions of one Region have in common. */
export interface Site {
  readonly prefix: string;
  readonly layer: ILayerVersion;
  readonly roots: Roots;
  /** The variables of every function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  /** X-Ray sees the requests that it samples. */
  readonly tracing: boolean;
  /** By name, of how many functions AWS keeps so many started that none of these calls waits for a start. */
  readonly provisioned: Readonly<Record<string, number>>;
}

/** The Region of a construct's stack. @throws {OptionError} when it is not known before the deployment: names and replicas depend on it. */
export function requireRegionOf(construct: IConstruct): string {
  const { region } = Stack.of(construct);
  if (Token.isUnresolved(region)) {
    throw new OptionError(
      `${construct.node.path}: Trent needs a stack whose Region is known. Give the stack \`env: { account, region }\`.`,
    );
  }
  return region;
}
