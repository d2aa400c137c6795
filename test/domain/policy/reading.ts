/** What comes of reading a document, in the words that tables compare. */
import { Fault } from "#domain/fault";
import type { PolicyKind } from "#domain/policy/dialect";
import { type Limits, parsePolicy } from "#domain/policy/document";

/** The refusal as `name: text`, or "accepted". */
export function outcome(text: string, kind: PolicyKind = "key", limits?: Limits): string {
  try {
    parsePolicy(text, kind, limits);
    return "accepted";
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

export const malformed = (text: string) => `MalformedPolicyDocumentException: ${text}`;
export const SYNTAX = malformed("Syntax errors in policy.");
export const PRINCIPAL = malformed("Policy contains a statement with one or more invalid principals.");
export const NOBODY = malformed("Policy contains a statement with no principal.");
