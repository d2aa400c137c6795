import type { KeyObject } from "node:crypto";
import { rootArn } from "#domain/arn";
import { Fault } from "#domain/fault";
import { type IdentityPolicies, policiesOf } from "#domain/identity-policies";
import type { Principal } from "#domain/principal";
import { isSessionKeyId } from "#domain/session-key-id";
import { sessionPrincipal } from "#domain/session-principal";
import type { User } from "#domain/user";
import type { AnyOperation } from "#operation";
import { claimOf, requireScope, requireSignature, type Scope, scopeOf, signingKey } from "#wire/sigv4";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";
import { onBehalf, type Signed, servicePrincipal } from "./on-behalf.ts";

/** Finds whose call it is. @throws {Fault} when it is nobody's. */
export type CallerOf = (event: Exchange) => Principal | Promise<Principal>;

/** Whoever's access key signed this very request: a user, a session, or a service, which may call on behalf of one of the others. */
export function signer(operation: AnyOperation, deps: Deps): CallerOf {
  const { serves, wallClock } = deps;
  const byAccessKey = holderOf(deps);
  const bySession = sessionWith(deps);
  const behalf = onBehalf(deps, (signed) =>
    signed.claim.sessionToken === undefined ? byAccessKey(signed) : bySession(signed, signed.claim.sessionToken),
  );

  return async (event) => {
    const { http, face } = event;
    const claim = claimOf(http);
    if (claim.form === "query" && !face.presigned.includes(operation.name)) throw missingToken();
    const scope = requireScope(claim, http, { service: face.service, regions: serves, now: wallClock(), skewSeconds: face.skewSeconds });
    if (claim.sessionToken === undefined) {
      const holder = await byAccessKey({ http, claim, scope });
      return holder.kind === "service" ? behalf(holder, claim, event) : holder;
    }
    const principal = await bySession({ http, claim, scope }, claim.sessionToken);
    // "You cannot call any IAM API operations": of sessions without MFA of a user, and of federated users, whatever their policies say.
    if (face.service === "iam" && principal.kind !== "role-session") throw badToken("");
    return principal;
  };
}

/** A user, by an access key that its item lists as active; or a service, by the one that it has. */
function holderOf({ shared, signingKeys }: Deps): (signed: Signed) => Promise<Principal> {
  const principals = principalCache();
  return async ({ http, claim, scope }) => {
    const accessKey = await shared.principals.accessKey(scope.accessKeyId);
    const service = accessKey && (await shared.principals.serviceOf(accessKey));
    const user = accessKey && !service ? await shared.principals.userOf(accessKey) : undefined;
    if (!accessKey || !(service || user?.accessKeys.some(({ id, active }) => active && id === accessKey.id))) throw badToken(".");
    const secretVersion = accessKey.wrapped.slice(-16);
    const known = signingKeys.get(scope, secretVersion);
    const key = known ?? derived(scope, await shared.principals.secretOf(accessKey));
    requireSignature(claim, http, key);
    if (!known) signingKeys.set(scope, secretVersion, key);
    if (service) return servicePrincipal(service.principal, service.account, accessKey.id);
    return principals(user as User, await policiesOf(user as User, shared.principals), accessKey.id);
  };
}

/** A session, by its token: of a role or user that is still there. Who is behind it is looked up with every call. */
function sessionWith({ shared, signingKeys, now }: Deps): (signed: Signed, token: string) => Promise<Principal> {
  return async ({ http, claim, scope }, token) => {
    const opened = await shared.sessions.open(scope.accessKeyId, token);
    // What the holder of the secret did not sign might be somebody else's.
    if (!opened || (claim.form === "header" && !claim.signedHeaders.names.has(TOKEN_HEADER))) throw badToken("");
    const known = signingKeys.get(scope, opened.version);
    const key = known ?? derived(scope, opened.secret);
    requireSignature(claim, http, key);
    if (!known) signingKeys.set(scope, opened.version, key);
    const { session } = opened;
    if (session.expires.getTime() <= now().getTime()) throw expiredToken();
    const principal = await sessionPrincipal(session, scope.accessKeyId, shared.principals);
    if (!principal) throw badToken("");
    return principal;
  };
}

const TOKEN_HEADER = "x-amz-security-token";

function derived(scope: Scope, secret: KeyObject): KeyObject {
  const bytes = secret.export();
  try {
    return signingKey(bytes, scope);
  } finally {
    bytes.fill(0);
  }
}

/** A principal is made once for each version of what it may, and access key. */
function principalCache() {
  const made = new WeakMap<IdentityPolicies, Map<string, Principal>>();
  return ({ account, arn, id, name, tags }: User, may: IdentityPolicies, accessKeyId: string): Principal => {
    const byKey = made.get(may) ?? new Map<string, Principal>();
    made.set(may, byKey);
    const known = byKey.get(accessKeyId);
    // Its policies may be the same where its tags are not.
    if (known?.tags === tags && known.arn === arn) return known;
    const principal: Principal = { kind: "user", account, arn, id, name, accessKeyId, tags, ...may };
    byKey.set(accessKeyId, principal);
    return principal;
  };
}

/**
 * The sandbox: a session, when the call shows its token; otherwise the root user of the account that the access key id names, whoever signs, if
 * anybody does.
 */
export function anybody({ serves, shared, now }: Deps): CallerOf {
  return async ({ http, region }) => {
    if (!serves(region)) throw new Fault("InvalidSignatureException", "Credential should be scoped to a valid region. ");
    const accessKeyId = scopeOf(http)?.accessKeyId;
    const token = http.headers.get(TOKEN_HEADER);
    if (accessKeyId !== undefined && token !== undefined && isSessionKeyId(accessKeyId)) {
      const session = (await shared.sessions.open(accessKeyId, token))?.session;
      if (session && session.expires.getTime() <= now().getTime()) throw expiredToken();
      const principal = session && (await sessionPrincipal(session, accessKeyId, shared.principals));
      if (principal) return principal;
    }
    const account = accessKeyId !== undefined && /^\d{12}$/.test(accessKeyId) ? accessKeyId : "000000000000";
    return {
      kind: "root",
      account,
      arn: rootArn(region, account),
      id: account,
      ...(accessKeyId !== undefined && { accessKeyId }),
      policies: [],
    };
  };
}

const missingToken = (): Fault => new Fault("MissingAuthenticationTokenException", "Missing Authentication Token");
/** With a full stop for a key that is not known, without one for a bad session token: as AWS. */
const badToken = (stop: "." | ""): Fault =>
  new Fault("UnrecognizedClientException", `The security token included in the request is invalid${stop}`);
const expiredToken = (): Fault => new Fault("ExpiredTokenException", "The security token included in the request is expired");
