import { isConditionKey, isIssuerClaim } from "./condition-keys.ts";

/**
 * What a document is for: `key`, the policy of one KMS key; `identity`, attached to a user, group or role, or a permissions boundary;
 * `session`, passed with a session; `trust`, who may assume a role; `guard-rail`, of the organization.
 */
export type PolicyKind = "key" | "identity" | "session" | "trust" | "guard-rail";

/** Says whether a condition key, in lower case, means something here. */
export type Knows = (key: string) => boolean;

/** How one document says things, which its statements depend on. */
export interface Dialect {
  readonly kind: PolicyKind;
  /** `${…}` stands for a value of the request: since version 2012-10-17. */
  readonly variables: boolean;
  readonly knows: Knows;
}

/** The keys that documents of this kind may speak of: in a trust policy also what an issuer says of somebody. */
export const knownIn = (kind: PolicyKind): Knows =>
  kind === "trust" ? (key) => isConditionKey(key) || isIssuerClaim(key) : isConditionKey;
