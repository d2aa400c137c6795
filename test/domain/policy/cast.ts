/** Who appears in the tables, and how their policies are written in one line. */
import { compilePolicy } from "#domain/policy/compile";
import { type Caller, type Decision, evaluate } from "#domain/policy/evaluate";

export const OWN = "111122223333";
export const OTHER = "444455556666";
export const KEY = `arn:aws:kms:us-east-1:${OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const OTHER_KEY = `arn:aws:kms:us-east-1:${OWN}:key/99999999-12ab-34cd-56ef-1234567890ab`;
export const ALIAS = `arn:aws:kms:us-east-1:${OWN}:alias/reports`;

const user = (account: string, path: string): Caller => ({ account, arns: [`arn:aws:iam::${account}:user/${path}`], root: false });
const rootOf = (account: string): Caller => ({ account, arns: [`arn:aws:iam::${account}:root`], root: true });
const session = (account: string, role: string, name: string): Caller => ({
  account,
  arns: [`arn:aws:iam::${account}:role/teams/${role}`, `arn:aws:sts::${account}:assumed-role/${role}/${name}`],
  root: false,
});

export const CALLERS = {
  alice: user(OWN, "alice"),
  Alice: user(OWN, "Alice"),
  bob: user(OWN, "staff/bob"),
  build: session(OWN, "Builder", "build-1"),
  build2: session(OWN, "Builder", "build-2"),
  root: rootOf(OWN),
  eve: user(OTHER, "eve"),
  otherBuild: session(OTHER, "Builder", "build-1"),
  otherRoot: rootOf(OTHER),
} as const satisfies Record<string, Caller>;

export type Name = keyof typeof CALLERS;

export const PRINCIPALS = {
  everyone: "*",
  alice: `arn:aws:iam::${OWN}:user/alice`,
  Alice: `arn:aws:iam::${OWN}:user/Alice`,
  bob: `arn:aws:iam::${OWN}:user/staff/bob`,
  Builder: `arn:aws:iam::${OWN}:role/teams/Builder`,
  "build-1": `arn:aws:sts::${OWN}:assumed-role/Builder/build-1`,
  account: `arn:aws:iam::${OWN}:root`,
  "account id": OWN,
  "account in China": `arn:aws-cn:iam::${OWN}:root`,
  eve: `arn:aws:iam::${OTHER}:user/eve`,
  "other Builder": `arn:aws:iam::${OTHER}:role/teams/Builder`,
  "other account": `arn:aws:iam::${OTHER}:root`,
  "other account id": OTHER,
} as const;

export type Who = keyof typeof PRINCIPALS;
export type Element = Readonly<Record<string, unknown>>;

/** One statement in one line: `allow("kms:Encrypt", "alice")`; the last argument overrides or adds elements. */
export const allow = (action: string | readonly string[], who?: Who | readonly Who[], more: Element = {}): Element =>
  statement("Allow", action, who, more);
export const deny = (action: string | readonly string[], who?: Who | readonly Who[], more: Element = {}): Element =>
  statement("Deny", action, who, more);

function statement(effect: string, action: string | readonly string[], who: Who | readonly Who[] | undefined, more: Element): Element {
  const named = typeof who === "string" ? PRINCIPALS[who] : who?.map((each) => PRINCIPALS[each]);
  return { Effect: effect, ...(named === undefined ? {} : { Principal: { AWS: named } }), Action: action, Resource: "*", ...more };
}

export const document = (statements: readonly Element[], version = "2012-10-17"): string =>
  JSON.stringify({ Version: version, Statement: statements });

export const keyPolicy = (...statements: readonly Element[]) => compilePolicy(document(statements), "key");
export const identityPolicy = (...statements: readonly Element[]) => compilePolicy(document(statements), "identity");

export const ADMIN = allow("*");
/** The default policy: the account decides by its identity policies. */
export const DELEGATES = allow("kms:*", "account");
export const CONDITION = { Condition: { Bool: { "aws:SecureTransport": "true" } } };

/** One row: what it proves, the key policy, the caller's identity policy, the caller, what is asked, and what comes of it. */
export type Row = readonly [
  says: string,
  key: readonly Element[] | null,
  identity: readonly Element[],
  caller: Name,
  action: string,
  verdict: string,
  resource?: string,
];

export function decide([, key, identity, caller, action, , resource = KEY]: Row): Decision {
  return evaluate({
    action,
    resource,
    resourceAccount: resource === "*" ? CALLERS[caller].account : OWN,
    caller: CALLERS[caller],
    ...(key === null ? {} : { keyPolicy: keyPolicy(...key) }),
    identityPolicies: identity.length === 0 ? [] : [{ name: "attached", policy: identityPolicy(...identity) }],
  });
}

/** `allow default 1` = allowed by statement 1 of the key policy; `deny resource implicit`; `deny identity explicit-deny attached 2`. */
export function spell(decision: Decision): string {
  const by = "by" in decision ? ` ${decision.by.policy}${decision.by.statement === undefined ? "" : ` ${decision.by.statement}`}` : "";
  return decision.allowed ? `allow${by}` : `deny ${decision.side} ${decision.because}${by}`;
}
