import { keyArn, rootArn } from "./arn.ts";
import type { Grant } from "./grant.ts";
import { type Grantee, type IdOf, shownAs } from "./grant-principal.ts";

/**
 * A grant as ListGrants and ListRetirableGrants show it.
 * @param idOf whether its principals are still who they were.
 * @see AWS KMS API Reference, "GrantListEntry".
 */
export async function grantEntryOf(grant: Grant, region: string, idOf: IdOf) {
  const { id, keyId, account, name, grantee, retiring, operations, constraints, issuer, created } = grant;
  return {
    KeyId: keyArn(region, account, keyId),
    GrantId: id,
    Name: name,
    CreationDate: created,
    GranteePrincipal: await shown(grantee, undefined),
    RetiringPrincipal: await shown(retiring, undefined),
    IssuingAccount: rootArn(region, issuer),
    Operations: operations,
    Constraints: constraints && {
      EncryptionContextSubset: constraints.subset,
      EncryptionContextEquals: constraints.equals,
      SourceArn: constraints.sourceArn,
    },
    GranteeServicePrincipal: await shown(grantee, true),
    RetiringServicePrincipal: await shown(retiring, true),
  };

  /** By the member that it was given in. */
  async function shown(principal: Grantee | undefined, service: true | undefined): Promise<string | undefined> {
    return principal && principal.service === service ? shownAs(principal, idOf) : undefined;
  }
}
