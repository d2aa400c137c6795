import { Fault } from "#domain/fault";
import { type Knows, knownIn, type PolicyKind } from "./dialect.ts";
import { isList, isMembers, type Json, readJson } from "./json.ts";
import { malformed } from "./malformed.ts";
import type { Principal } from "./principal.ts";
import { readStatement, type Statement } from "./statement.ts";

export type { PolicyKind } from "./dialect.ts";

/** A policy document, read and compiled once: asking it allocates nothing. */
export interface Policy {
  readonly kind: PolicyKind;
  readonly statements: readonly Statement[];
  /** Everybody whom Principal and NotPrincipal name, each once. */
  readonly principals: readonly Principal[];
  /** What it says about this action, such as `kms:Encrypt`; compared once per action and kept. */
  readonly about: (action: string) => About;
}

/** The statements that cover one action, in their order. */
export interface About {
  readonly denies: readonly Statement[];
  readonly allows: readonly Statement[];
  /** The condition keys that they ask for, in lower case, those of policy variables too. */
  readonly keys: ReadonlySet<string>;
}

/**
 * How much a document of each kind may hold: bytes of a key policy, characters of the others, where white space does not count in IAM's.
 *
 * IAM's limits on managed and inline policies and on trust policies depend on where the document goes, so the caller names them; without,
 * what the API's model allows for any document holds.
 * @see AWS KMS Developer Guide, "Creating a key policy"; IAM User Guide, "IAM and AWS STS quotas"; AWS Organizations User Guide, "Quotas"
 */
const LARGEST: Readonly<Record<PolicyKind, number>> = {
  key: 32_768,
  identity: 131_072,
  session: 2048,
  trust: 131_072,
  "guard-rail": 10_240,
};

export interface Limits {
  readonly largest?: number;
  /** The condition keys that mean something in this document; by default those that mean something in its kind. */
  readonly knows?: Knows;
}

/**
 * Reads a policy document that a caller sends.
 *
 * Refuses one that is too large with LimitExceededException, and with MalformedPolicyDocumentException everything that is not a policy of this
 * kind. Whether the principals exist is for the caller to check: {@link principalsOf}.
 */
export function parsePolicy(text: string, kind: PolicyKind, { largest = LARGEST[kind], knows = knownIn(kind) }: Limits = {}): Policy {
  const unit = kind === "key" ? "bytes" : "characters";
  if (text.length > 131_072 || sizeOf(text, kind) > largest) {
    throw new Fault("LimitExceededException", `The policy is larger than ${largest} ${unit}.`);
  }
  return readPolicy(text, kind, knows);
}

/** "IAM doesn't count white space when calculating the size of a policy"; KMS and Organizations count everything. */
function sizeOf(text: string, kind: PolicyKind): number {
  if (kind === "key") return Buffer.byteLength(text);
  return kind === "identity" || kind === "trust" ? text.replaceAll(/\s/g, "").length : text.length;
}

/** {@link parsePolicy} without the limit on size: for what was accepted before. */
export function readPolicy(text: string, kind: PolicyKind, knows: Knows = knownIn(kind)): Policy {
  const document = readJson(text);
  if (!isMembers(document)) throw malformed();
  for (const name of document.keys()) if (name !== "Version" && name !== "Id" && name !== "Statement") throw malformed();
  // "If you do not include a Version element, the value defaults to 2008-10-17" (IAM User Guide).
  const version = document.has("Version") ? document.get("Version") : "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17") throw malformed();
  if (document.has("Id") && typeof document.get("Id") !== "string") throw malformed();

  const named: Principal[] = [];
  const dialect = { kind, variables: version === "2012-10-17", knows };
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

/**
 * The condition keys, in lower case, that the policy's statements about an action ask for.
 *
 * What has to be fetched before a policy can be evaluated, such as `kms:resourcealiases`, need be fetched only if it is among them.
 */
export function mentions(policy: Policy, action: string): ReadonlySet<string> {
  return policy.about(action).keys;
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
  const known = new Map<string, About>();
  return (action) => {
    let about = known.get(action);
    if (about === undefined) {
      if (known.size >= 128) known.clear();
      const name = action.toLowerCase();
      const covering = statements.filter(({ covers }) => covers(name));
      about = {
        denies: covering.filter(({ effect }) => effect === "Deny"),
        allows: covering.filter(({ effect }) => effect === "Allow"),
        keys: new Set(covering.flatMap(({ keys }) => keys)),
      };
      known.set(action, about);
    }
    return about;
  };
}
