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
}
