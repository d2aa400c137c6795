/** AWS's words to who may not. @see IAM User Guide, "Troubleshoot access denied error messages" */

/** What somebody asked for in vain. */
export interface Asked {
  /** The caller's ARN. */
  readonly who: string;
  /** Such as `kms:Encrypt`. */
  readonly action: string;
  /** ARN, or `*`. */
  readonly on: string;
}

const user = (who: string, action: string) => `AccessDeniedException: User: ${who} is not authorized to perform: ${action}`;
const UNSEEN =
  "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";

/** Why not, and how AWS says so. */
export const SAID = {
  /** The key policy leaves it to the account, whose policies do not allow it. */
  "no identity policy": ({ who, action, on }) =>
    `${user(who, action)} on resource: ${on} because no identity-based policy allows the ${action} action`,
  /** The key policy neither allows it nor leaves it to the account. */
  "no key policy": ({ who, action, on }) =>
    `${user(who, action)} on resource: ${on} because no resource-based policy allows the ${action} action`,
  "denied by identity policy": ({ who, action, on }) =>
    `${user(who, action)} on resource: ${on} with an explicit deny in an identity-based policy`,
  "denied by key policy": ({ who, action, on }) =>
    `${user(who, action)} on resource: ${on} with an explicit deny in a resource-based policy`,
  /** The key is another account's. */
  "foreign key": ({ who, action }) => `${user(who, action)} on this resource ${UNSEEN}`,
  /** The key is named by nothing but the ciphertext. */
  "foreign ciphertext": ({ who, action }) => `${user(who, action)} on the resource associated with this ciphertext ${UNSEEN}`,
} as const satisfies Record<string, (asked: Asked) => string>;

export type Why = keyof typeof SAID;
