import { invalidGrantId, requireGrantId } from "#domain/grant";
import { grantEntryOf } from "#domain/grant-entry";
import { principalNamed } from "#domain/grant-principal";
import { pageSize } from "#domain/paging";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { grantEntry, grantId, keyId, limit, marker, pageOf, principal, servicePrincipal } from "#wire/members";
import { list, required, structure } from "#wire/shape";

/** Lists the grants of a key: all of them, that with an id, or those to one principal. */
export const listGrants = operation({
  name: "ListGrants",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:ListGrants", states: anyState, acrossAccounts: true } },
  uses: { grants: "read", principals: "read" },
  input: structure({
    Limit: limit,
    Marker: marker,
    KeyId: required(keyId),
    GrantId: grantId,
    GranteePrincipal: principal,
    GranteeServicePrincipal: servicePrincipal,
  }),
  output: structure({ Grants: required(list(grantEntry)), ...pageOf }),
  errors: [
    "NotFoundException",
    "DependencyTimeoutException",
    "InvalidMarkerException",
    "InvalidGrantIdException",
    "InvalidArnException",
    "KMSInternalException",
    "KMSInvalidStateException",
  ],
  async handle({ input, region, keys: { key }, stores: { grants, principals }, paging }) {
    const { GrantId, GranteePrincipal, GranteeServicePrincipal } = input;
    const grantee = GranteeServicePrincipal ?? (GranteePrincipal && principalNamed(GranteePrincipal, region).principal);
    const markers = paging([key.arn, GrantId ?? "", GranteePrincipal ?? "", GranteeServicePrincipal ?? ""]);
    const slice = { after: markers.after(input.Marker), limit: pageSize(input.Limit, 50, 100) };
    const { grants: found, next } =
      GrantId === undefined ? await grants.list(key.id, { ...slice, grantee }) : { grants: await one(GrantId), next: undefined };
    return {
      Grants: await Promise.all(found.map((grant) => grantEntryOf(grant, region, principals.idOf))),
      Truncated: next !== undefined,
      NextMarker: next === undefined ? undefined : markers.next(next),
    };

    async function one(id: string) {
      const grant = await grants.get(key.id, requireGrantId(id));
      if (!grant) throw invalidGrantId(id);
      return grantee === undefined || grant.grantee.principal === grantee ? [grant] : [];
    }
  },
});
