import type { KeyObject } from "node:crypto";
import { rootArn } from "#domain/arn";
import { Fault } from "#domain/fault";
import { policiesOf } from "#domain/managed-policies";
import type { Principal } from "#domain/principal";
import type { User } from "#domain/user";
import type { AnyOperation } from "#operation";
import type { Shared } from "#store";
import { claimOf, requireScope, requireSignature, type Scope, scopeOf, signingKey } from "#wire/sigv4";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";

/** Finds whose call it is. @throws {Fault} when it is nobody's. */
export type CallerOf = (event: Exchange) => Principal | Promise<Principal>;

/** The user whose access key signed this very request. */
export function signer(operation: AnyOperation, { shared, serves, wallClock, home, signingKeys }: Deps): CallerOf {
  const principals = principalCache();

  return async ({ http, face }) => {
    const claim = claimOf(http);
    if (claim.form === "query" && !face.presigned.includes(operation.name)) throw missingToken();
    const scope = requireScope(claim, http, { service: face.service, regions: serves, now: wallClock(), skewSeconds: face.skewSeconds });
    if (claim.sessionToken !== undefined) throw badToken("");
    const accessKey = await shared.principals.accessKey(scope.accessKeyId);
    const user = accessKey && (await shared.principals.user(accessKey.account, accessKey.user));
    if (!accessKey || !user?.accessKeys.some(({ id, active }) => active && id === accessKey.id)) throw badToken(".");
    const secretVersion = accessKey.wrapped.slice(-16);
    const known = signingKeys.get(scope, secretVersion);
    const key = known ?? (await deriveFor(scope, shared, accessKey));
    requireSignature(claim, http, key);
    if (!known) signingKeys.set(scope, secretVersion, key);
    return principals(user, accessKey.id, home);
  };
}

async function deriveFor(scope: Scope, shared: Shared, accessKey: Parameters<Shared["principals"]["secretOf"]>[0]): Promise<KeyObject> {
  const secret = (await shared.principals.secretOf(accessKey)).export();
  try {
    return signingKey(secret, scope);
  } finally {
    secret.fill(0);
  }
}

/** A principal is made once for each version of its user's item and access key. */
function principalCache() {
  const made = new WeakMap<User, Map<string, Principal>>();
  return (user: User, accessKeyId: string, home: string): Principal => {
    const byKey = made.get(user) ?? new Map<string, Principal>();
    made.set(user, byKey);
    const known = byKey.get(accessKeyId);
    if (known) return known;
    const { account, arn, id, name } = user;
    const principal: Principal = { kind: "user", account, arn, id, name, accessKeyId, policies: policiesOf(user, home) };
    byKey.set(accessKeyId, principal);
    return principal;
  };
}

/** The sandbox: the root user of the account that the access key id names, whoever signs, if anybody does. */
export function anybody({ serves }: Deps): CallerOf {
  return ({ http, region }) => {
    if (!serves(region)) throw new Fault("InvalidSignatureException", "Credential should be scoped to a valid region. ");
    const accessKeyId = scopeOf(http)?.accessKeyId;
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
