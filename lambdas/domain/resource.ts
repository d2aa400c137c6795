import type { TrustPolicy } from "./role.ts";

/** What an operation without a KMS key works on, as policies see it. */
export interface Resource {
  readonly arn: string;
  /** The Region that it is asked for in, where that is not the call's. */
  readonly region?: string;
  /** The unique id of what is there. */
  readonly id?: string;
  /** How a refusal calls it, where not by its ARN. */
  readonly said?: string;
  readonly tags?: ReadonlyMap<string, string>;
  /** The ARN of its permissions boundary. */
  readonly boundary?: string;
  /** The account it belongs to, where that may be another than the caller's. */
  readonly account?: string;
  /** Of a role, who may assume it: decides like the policy of a key. */
  readonly trust?: TrustPolicy;
  /** What a caller is told that may not, where nothing is to be learnt of the reason. */
  readonly refused?: (permission: string) => string;
}
