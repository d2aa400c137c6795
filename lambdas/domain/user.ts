/** An IAM user: who it is, what it may, and its access keys. @see IAM User Guide, "IAM users". */
export interface User {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  /** `AIDA…`: never used again, whoever takes the name next. */
  readonly id: string;
  readonly arn: string;
  readonly created: Date;
  /** Policies of its own, by name. */
  readonly inline: readonly { readonly name: string; readonly document: string }[];
  /** ARNs of the managed policies attached to it. */
  readonly attached: readonly string[];
  /** An access key works only while it is listed here as active. */
  readonly accessKeys: readonly { readonly id: string; readonly active: boolean; readonly created: Date }[];
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly created: Date;
  readonly version: number;
}
