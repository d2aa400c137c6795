import { unknownGrant } from "#domain/grant";
import { retiredIn } from "#domain/grant-request";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { grantId, grantToken, keyId } from "#wire/members";
import { boolean, structure } from "#wire/shape";

/** Removes a grant on behalf of those whom it concerns. */
export const retireGrant = operation({
  name: "RetireGrant",
  quota: own,
  on: {
    key: {
      id: ({ KeyId = "" }) => KeyId,
      permission: "kms:RetireGrant",
      states: anyState,
      acrossAccounts: true,
      retires: true,
      grant: retiredIn,
    },
  },
  uses: { grants: "write" },
  input: structure({ GrantToken: grantToken, KeyId: keyId, GrantId: grantId, DryRun: boolean }),
  errors: [
    "InvalidArnException",
    "InvalidGrantTokenException",
    "InvalidGrantIdException",
    "NotFoundException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input: { GrantId = "" }, grantOf: { key: grant }, stores }) {
    if (!grant) throw unknownGrant(GrantId);
    await stores.grants.remove(grant);
  },
});
