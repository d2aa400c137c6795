import { requireGrantId, unknownGrant } from "#domain/grant";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { grantId, keyId } from "#wire/members";
import { boolean, required, structure } from "#wire/shape";

/** Removes a grant on behalf of those who administer its key. */
export const revokeGrant = operation({
  name: "RevokeGrant",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:RevokeGrant", states: anyState, acrossAccounts: true } },
  uses: { grants: "write" },
  input: structure({ KeyId: required(keyId), GrantId: required(grantId), DryRun: boolean }),
  errors: [
    "NotFoundException",
    "DependencyTimeoutException",
    "InvalidArnException",
    "InvalidGrantIdException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input: { GrantId: id }, keys: { key }, stores }) {
    const grant = await stores.grants.get(key.id, requireGrantId(id));
    if (!grant) throw unknownGrant(id);
    await stores.grants.remove(grant);
  },
});
