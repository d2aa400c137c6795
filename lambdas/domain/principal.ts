import type { NamedPolicy } from "./policy/evaluate.ts";

/** Whose call it is: a value, made once by `authenticate`. */
export interface Principal {
  readonly kind: "root" | "user";
  readonly account: string;
  readonly arn: string;
  /** The unique id: `AIDA…` of a user, the account of its root. */
  readonly id: string;
  readonly name?: string;
  readonly accessKeyId?: string;
  /** The policies attached to it, compiled. */
  readonly policies: readonly NamedPolicy[];
  /** Of a session: the ARN of the role, with its path, or of the user behind it. */
  readonly behind?: string;
  /** Of a session that was made with some: it may no more than they allow. */
  readonly sessionPolicies?: readonly NamedPolicy[];
  /** The permissions boundary. */
  readonly boundary?: NamedPolicy;
}
