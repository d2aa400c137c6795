/** Who appears in the tables, and how their policies are written in one line. */
import { readPolicy } from "#domain/policy/document";
import { type AccessRequest, type Caller, type Context, type Decision, evaluate } from "#domain/policy/evaluate";

export const OWN = "111122223333";
export const OTHER = "444455556666";
export const KEY = `arn:aws:kms:us-east-1:${OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const OTHER_KEY = `arn:aws:kms:us-east-1:${OWN}:key/99999999-12ab-34cd-56ef-1234567890ab`;
export const ALIAS = `arn:aws:kms:us-east-1:${OWN}:alias/reports`;

const user = (account: string, path: string): Caller => ({ account, arn: `arn:aws:iam::${account}:user/${path}`, kind: "user" });
const rootOf = (account: string): Caller => ({ account, arn: `arn:aws:iam::${account}:root`, kind: "root" });
const session = (account: string, role: string, name: string): Caller => ({
  account,
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
  kind: "role-session",
  behind: `arn:aws:iam::${account}:role/teams/${role}`,
});

const federated = (account: string, name: string, behind: string): Caller => ({
  account,
  arn: `arn:aws:sts::${account}:federated-user/${name}`,
  kind: "federated-user",
  behind: `arn:aws:iam::${account}:user/${behind}`,
});
const service = (arn: string): Caller => ({ account: OWN, arn, kind: "service" });

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
  frida: federated(OWN, "Frida", "alice"),
  logs: service("logs.us-east-1.amazonaws.com"),
  github: { account: OWN, arn: `arn:aws:iam::${OWN}:oidc-provider/token.actions.githubusercontent.com`, kind: "provider" },
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
  "other build-1": `arn:aws:sts::${OTHER}:assumed-role/Builder/build-1`,
  Frida: `arn:aws:sts::${OWN}:federated-user/Frida`,
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

export const keyPolicy = (...statements: readonly Element[]) => readPolicy(document(statements), "key");
export const identityPolicy = (...statements: readonly Element[]) => readPolicy(document(statements), "identity");

export const ADMIN = allow("*");
/** The default policy: the account decides by its identity policies. */
export const DELEGATES = allow("kms:*", "account");
export const CONDITION = { Condition: { Bool: { "aws:SecureTransport": "true" } } };
/** A condition on a key that means nothing here. */
export const UNHEARD = { Condition: { StringEquals: { "kms:Unheard": "of" } } };

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
    context: () => undefined,
    action,
    resource,
    resourceAccount: resource === "*" ? CALLERS[caller].account : OWN,
    caller: CALLERS[caller],
    ...(key === null ? {} : { keyPolicy: keyPolicy(...key) }),
    identityPolicies: identity.length === 0 ? [] : [{ name: "attached", policy: identityPolicy(...identity) }],
  });
}

/** What a request says under condition keys, in any case; under all others nothing. */
export type Says = Readonly<Record<string, string | readonly string[]>>;

export function saying(says: Says): Context {
  const lower = new Map(Object.entries(says).map(([key, value]) => [key.toLowerCase(), value]));
  return (key) => lower.get(key);
}

/** What differs from Alice, an administrator, who encrypts under a key with the default policy. A list of policies is a list of lists. */
export interface Scene {
  /** Absent: the account decides; null: there is no key policy. */
  readonly key?: readonly Element[] | null;
  /** Absent: an administrator's. */
  readonly identity?: readonly Element[];
  readonly session?: readonly (readonly Element[])[];
  readonly boundary?: readonly Element[];
  readonly service?: readonly (readonly Element[])[];
  readonly resource?: readonly (readonly Element[])[];
  readonly grants?: readonly string[];
  readonly caller?: Name;
  readonly action?: string;
  readonly on?: string;
  readonly says?: Says;
  readonly more?: Partial<AccessRequest>;
}

/** The sentence it proves, the scene, and what comes of it. */
export type Case = readonly [says: string, scene: Scene, verdict: string];

export function requestOf(scene: Scene): AccessRequest {
  const { key = [DELEGATES], identity = [ADMIN], caller = "alice", action = "kms:Encrypt", on = KEY, says = {} } = scene;
  const rails = (list: Scene["service"], name: string) =>
    list?.map((each, index) => ({ name: `${name} ${index + 1}`, policy: readPolicy(document(each), "guard-rail") }));
  const [service, resource] = [rails(scene.service, "scp"), rails(scene.resource, "rcp")];
  return {
    action,
    resource: on,
    resourceAccount: on === "*" ? CALLERS[caller].account : OWN,
    caller: CALLERS[caller],
    ...(key === null ? {} : { keyPolicy: keyPolicy(...key) }),
    identityPolicies: identity.length === 0 ? [] : [{ name: "attached", policy: identityPolicy(...identity) }],
    ...(scene.session && {
      sessionPolicies: scene.session.map((each, index) => ({
        name: `session ${index + 1}`,
        policy: readPolicy(document(each), "session"),
      })),
    }),
    ...(scene.boundary && { boundary: { name: "boundary", policy: identityPolicy(...scene.boundary) } }),
    ...((service || resource) && { guardRails: { ...(service && { caller: service }), ...(resource && { resource }) } }),
    ...(scene.grants && { granted: scene.grants.map((to, index) => ({ id: `grant ${index + 1}`, to })) }),
    context: saying(says),
    ...scene.more,
  };
}

/** {@link spell}s what a scene comes to. */
export const outcome = (scene: Scene): string => spell(evaluate(requestOf(scene)));

/** `allow default 1` = allowed by statement 1 of the key policy; `deny resource implicit`; `deny identity explicit-deny attached 2`. */
export function spell(decision: Decision): string {
  const by = "by" in decision ? ` ${decision.by.policy}${decision.by.statement === undefined ? "" : ` ${decision.by.statement}`}` : "";
  return decision.allowed ? `allow${by}` : `deny ${decision.side} ${decision.because}${by}`;
}
