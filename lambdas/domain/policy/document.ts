import { Fault } from "#domain/fault";
import { isList, isMembers, type Json, readJson } from "./json.ts";
import { malformed } from "./malformed.ts";
import type { Principal } from "./principal.ts";
import { type PolicyKind, readStatement, type Statement } from "./statement.ts";

/** A policy document, read and compiled once: asking it allocates nothing. */
export interface Policy {
  readonly kind: PolicyKind;
  readonly statements: readonly Statement[];
  /** Everybody whom Principal and NotPrincipal name, each once. */
  readonly principals: readonly Principal[];
  /** The statements that cover this action, such as `kms:Encrypt`; compared once per action and kept. */
  readonly about: (action: string) => readonly Statement[];
}

/** "Key policy document size: 32 KB (32,768 bytes)" (AWS KMS Developer Guide, "Creating a key policy"). */
const LARGEST_KEY_POLICY = 32_768;
/** What the API's model allows for any document. */
const LARGEST_POLICY = 131_072;

/**
 * Reads a policy document that a caller sends.
 *
 * Refuses a key policy above 32,768 bytes with LimitExceededException, and with MalformedPolicyDocumentException everything that is not a
 * policy of this kind. Whether the principals exist is for the caller to check: {@link principalsOf}.
 */
export function parsePolicy(text: string, kind: PolicyKind): Policy {
  const largest = kind === "key" ? LARGEST_KEY_POLICY : LARGEST_POLICY;
  if (text.length > largest || Buffer.byteLength(text) > largest) {
    throw new Fault("LimitExceededException", `The policy is larger than ${largest} bytes.`);
  }
  return readPolicy(text, kind);
}

/** {@link parsePolicy} without the limit on size: for what was accepted before. */
export function readPolicy(text: string, kind: PolicyKind): Policy {
  const document = readJson(text);
  if (!isMembers(document)) throw malformed();
  for (const name of document.keys()) if (name !== "Version" && name !== "Id" && name !== "Statement") throw malformed();
  // "If you do not include a Version element, the value defaults to 2008-10-17" (IAM User Guide).
  const version = document.has("Version") ? document.get("Version") : "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17") throw malformed();
  if (document.has("Id") && typeof document.get("Id") !== "string") throw malformed();

  const named: Principal[] = [];
  const dialect = { kind, variables: version === "2012-10-17" };
  const statements = elementsOf(document.get("Statement")).map((element, index) => readStatement(element, index + 1, dialect, named));
  requireUniqueSids(statements);
  return {
    kind,
    statements,
    principals: Array.from(new Map(named.map((principal) => [`${principal.form} ${principal.text}`, principal])).values()),
    about: remembering(statements),
  };
}

/** Every principal that the policy names, each once and with its form. */
export function principalsOf(policy: Policy): readonly Principal[] {
  return policy.principals;
}

function elementsOf(element: Json | undefined): readonly Json[] {
  if (element === undefined) throw malformed();
  const statements = isList(element) ? element : [element];
  if (statements.length === 0) throw malformed();
  return statements;
}

function requireUniqueSids(statements: readonly Statement[]): void {
  const sids = statements.flatMap(({ sid }) => (sid === undefined || sid === "" ? [] : [sid]));
  if (new Set(sids).size < sids.length) throw malformed("Statement IDs (SID) in a single policy must be unique.");
}

/** Actions come from a short list, so each is compared with the patterns once. Unknown ones cannot make the memory grow. */
function remembering(statements: readonly Statement[]): Policy["about"] {
  const known = new Map<string, readonly Statement[]>();
  return (action) => {
    let about = known.get(action);
    if (about === undefined) {
      if (known.size >= 128) known.clear();
      const name = action.toLowerCase();
      about = statements.filter(({ covers }) => covers(name));
      known.set(action, about);
    }
    return about;
  };
}
