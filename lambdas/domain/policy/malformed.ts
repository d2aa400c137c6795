import { Fault } from "#domain/fault";

/**
 * The refusal of a policy document: MalformedPolicyDocumentException, with the most exact text that AWS is known to send.
 *
 * KMS words the texts about principals and about lockout itself; the others are IAM's.
 */
export function malformed(text = "Syntax errors in policy."): Fault {
  return new Fault("MalformedPolicyDocumentException", text);
}

/** A principal that is not written as one, or that does not exist. */
export function invalidPrincipals(): Fault {
  return malformed("Policy contains a statement with one or more invalid principals.");
}
