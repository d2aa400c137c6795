import { Fault } from "#domain/fault";
import { compilePolicy } from "#domain/policy/compile";
import type { Principal } from "#domain/principal";
import type { HttpRequest } from "#wire/http";
import { type Claim, claimOf, requireScope, type Scope } from "#wire/sigv4";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";

/** A request with its signature, of which nothing is believed yet. */
export interface Signed {
  readonly http: HttpRequest;
  readonly claim: Claim;
  readonly scope: Scope;
}

/** What a service says of the call that it makes; from anybody else these are headers like any other. */
const SOURCE_ARN = "x-trent-source-arn";
const SOURCE_ACCOUNT = "x-trent-source-account";
/** A request that somebody signed for the service: a presigned GetCallerIdentity that names it in `x-trent-service`. */
const ACCESS = "x-trent-forward-access";
const FOR = "x-trent-service";
/** STS's window. */
const SKEW_SECONDS = 900;

/**
 * As whom a service calls: as itself, for the resource that it names; or as somebody who has handed it a forward access, for as long as that
 * request is good: a quarter of an hour, in the Region that it was signed for, and for keys alone.
 *
 * What is handed over is a signature and no secret, and it is worth nothing to anybody but the service that it names.
 * @throws {Fault} IncompleteSignatureException for what the service did not sign; AccessDeniedException for a forward access that is none.
 * @see IAM User Guide, "Forward access sessions"
 */
export function onBehalf({ serves, wallClock }: Deps, whoSigned: (signed: Signed) => Promise<Principal>) {
  return async (service: Principal, claim: Claim, { http, face, region }: Exchange): Promise<Principal> => {
    const said = (name: string) => signedHeader(http, claim, name);
    const [access, sourceArn, sourceAccount] = [said(ACCESS), said(SOURCE_ARN), said(SOURCE_ACCOUNT)];
    if (access === undefined)
      return { ...service, source: { ...(sourceArn && { arn: sourceArn }), ...(sourceAccount && { account: sourceAccount }) } };
    // A session or an access key of somebody's would outlive what the service was handed.
    if (face.service !== "kms") throw refused("is for AWS KMS only");
    const handed = handedTo(service.arn, access);
    if (!handed) throw refused(`is not a presigned GetCallerIdentity that signs ${FOR}: ${service.arn}`);
    const proof = claimOf(handed);
    const expected = { service: "sts", regions: serves, now: wallClock(), skewSeconds: SKEW_SECONDS };
    const scope = requireScope(proof, handed, expected);
    if (scope.region !== region) throw refused(`was signed for ${scope.region}`);
    if (!proof.signedHeaders.names.has(FOR)) throw refused(`does not sign ${FOR}`);
    const somebody = await whoSigned({ http: handed, claim: proof, scope });
    if (somebody.kind === "service") throw refused("was signed by a service");
    return { ...somebody, via: service.arn };
  };
}

function signedHeader({ headers }: HttpRequest, { signedHeaders }: Claim, name: string): string | undefined {
  const value = headers.get(name);
  if (value !== undefined && !signedHeaders.names.has(name))
    throw new Fault("IncompleteSignatureException", `'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  return value;
}

/** The request that was handed over, as it was signed for this service; undefined when it cannot be one. */
function handedTo(service: string, access: string): HttpRequest | undefined {
  const url = URL.canParse(access) ? new URL(access) : undefined;
  const query = url?.search.slice(1);
  if (!url || !query || url.pathname !== "/" || url.searchParams.get("Action") !== "GetCallerIdentity") return undefined;
  const headers = new Map([
    ["host", url.host],
    [FOR, service],
  ]);
  return { method: "GET", path: "/", query, headers, body: new Uint8Array(), peer: "" };
}

const refused = (why: string): Fault => new Fault("AccessDeniedException", `The forward access ${why}.`);

/** A service may ask which grants it may retire; everything else is for key policies and grants to say. */
const MAY = {
  name: "service",
  policy: compilePolicy(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:ListRetirableGrants","Resource":"*"}]}',
    "identity",
  ),
};

export const servicePrincipal = (principal: string, account: string, accessKeyId: string): Principal => ({
  ...{ kind: "service", account, arn: principal, id: principal, accessKeyId },
  policies: [MAY],
});
