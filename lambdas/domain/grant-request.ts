import { Fault } from "./fault.ts";
import type { Constraints } from "./grant-constraints.ts";
import { type Grantee, granteeNamed, type IdOf } from "./grant-principal.ts";

/** A principal as requests name it: by one of two members. */
interface Principals {
  readonly GranteePrincipal?: string | undefined;
  readonly GranteeServicePrincipal?: string | undefined;
  readonly RetiringPrincipal?: string | undefined;
  readonly RetiringServicePrincipal?: string | undefined;
}

/**
 * Whom CreateGrant names: exactly one grantee, at most one to retire the grant. A service named as such needs a source ARN and somebody who can
 * retire the grant.
 *
 * Texts are UNVERIFIED, except that of a principal that is none.
 * @throws {Fault} ValidationException, InvalidArnException
 */
export async function principalsIn(
  { GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal }: Principals,
  constraints: Constraints | undefined,
  region: string,
  idOf: IdOf | undefined,
): Promise<{ readonly grantee: Grantee; readonly retiring?: Grantee }> {
  requireOneGrantee({ GranteePrincipal, GranteeServicePrincipal });
  if (RetiringPrincipal !== undefined && RetiringServicePrincipal !== undefined)
    throw new Fault("ValidationException", "You cannot specify both RetiringPrincipal and RetiringServicePrincipal.");
  if (GranteeServicePrincipal !== undefined) {
    if (constraints?.sourceArn === undefined)
      throw new Fault("ValidationException", "A SourceArn constraint is required with GranteeServicePrincipal.");
    if (RetiringPrincipal === undefined && RetiringServicePrincipal === undefined)
      throw new Fault("ValidationException", "RetiringPrincipal or RetiringServicePrincipal is required with GranteeServicePrincipal.");
  }
  const named = async (principal: string | undefined, service: string | undefined): Promise<Grantee | undefined> => {
    if (service !== undefined) return { principal: service, service: true };
    return principal === undefined ? undefined : granteeNamed(principal, region, idOf);
  };
  const retiring = await named(RetiringPrincipal, RetiringServicePrincipal);
  return { grantee: (await named(GranteePrincipal, GranteeServicePrincipal)) as Grantee, ...(retiring && { retiring }) };
}

function requireOneGrantee({ GranteePrincipal, GranteeServicePrincipal }: Principals): void {
  if ((GranteePrincipal === undefined) === (GranteeServicePrincipal === undefined))
    throw new Fault("ValidationException", "You must specify exactly one of GranteePrincipal and GranteeServicePrincipal.");
}

/** The constraints of a request; undefined when it has none. */
export function constraintsIn(
  constraints:
    | {
        readonly EncryptionContextSubset?: ReadonlyMap<string, string> | undefined;
        readonly EncryptionContextEquals?: ReadonlyMap<string, string> | undefined;
        readonly SourceArn?: string | undefined;
      }
    | undefined,
): Constraints | undefined {
  const { EncryptionContextSubset: subset, EncryptionContextEquals: equals, SourceArn: sourceArn } = constraints ?? {};
  if (!subset && !equals && sourceArn === undefined) return undefined;
  return { ...(subset && { subset }), ...(equals && { equals }), ...(sourceArn !== undefined && { sourceArn }) };
}

/** Which grant RetireGrant means. @throws {Fault} ValidationException unless it is named by a token, or by key and id. */
export function retiredIn<R>(
  {
    GrantToken,
    KeyId,
    GrantId,
  }: { readonly GrantToken?: string | undefined; readonly KeyId?: string | undefined; readonly GrantId?: string | undefined },
  open: (token: string) => R,
): R | { readonly keyId: string; readonly grantId: string } {
  if (GrantToken !== undefined && KeyId === undefined && GrantId === undefined) return open(GrantToken);
  if (GrantToken === undefined && KeyId !== undefined && GrantId !== undefined) return { keyId: KeyId, grantId: GrantId };
  // UNVERIFIED
  throw new Fault("ValidationException", "Grant token OR (grant ID, key ID) must be specified");
}
