import { isSubset, requireGrantable, requireGrantRoom } from "#domain/grant";
import { constraintTypeOf } from "#domain/grant-constraints";
import { constraintsIn, principalsIn } from "#domain/grant-request";
import { own } from "#domain/quota";
import { usable } from "#domain/states";
import { operation } from "#operation";
import {
  grantConstraints,
  grantId,
  grantName,
  grantOperations,
  grantToken,
  grantTokens,
  keyId,
  principal,
  servicePrincipal,
} from "#wire/members";
import { boolean, required, structure } from "#wire/shape";

/** Lets a principal use a key. */
export const createGrant = operation({
  name: "CreateGrant",
  quota: own,
  on: {
    key: {
      id: ({ KeyId }) => KeyId,
      permission: "kms:CreateGrant",
      states: [...usable, "Unavailable"],
      acrossAccounts: true,
      context: ({ Constraints: { EncryptionContextSubset, EncryptionContextEquals } = {} }) =>
        EncryptionContextSubset ?? EncryptionContextEquals ?? new Map(),
      suits: (grant, { Operations, Constraints }) => {
        const constraints = constraintsIn(Constraints);
        return isSubset({ operations: Operations, ...(constraints && { constraints }) }, grant);
      },
    },
  },
  conditions: {
    "kms:GranteePrincipal": ({ GranteePrincipal }) => GranteePrincipal,
    "kms:GranteeServicePrincipal": ({ GranteeServicePrincipal }) => GranteeServicePrincipal,
    "kms:RetiringPrincipal": ({ RetiringPrincipal }) => RetiringPrincipal,
    "kms:RetiringServicePrincipal": ({ RetiringServicePrincipal }) => RetiringServicePrincipal,
    "kms:GrantOperations": ({ Operations }) => Operations,
    "kms:GrantConstraintType": ({ Constraints }) => constraintTypeOf(constraintsIn(Constraints) ?? {}),
    "kms:GrantConstraintSourceArn": ({ Constraints }) => Constraints?.SourceArn,
  },
  uses: { grants: "write", principals: "read" },
  input: structure({
    KeyId: required(keyId),
    GranteePrincipal: principal,
    RetiringPrincipal: principal,
    Operations: required(grantOperations),
    Constraints: grantConstraints,
    GrantTokens: grantTokens,
    Name: grantName,
    DryRun: boolean,
    GranteeServicePrincipal: servicePrincipal,
    RetiringServicePrincipal: servicePrincipal,
  }),
  output: structure({ GrantToken: grantToken, GrantId: grantId }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "DependencyTimeoutException",
    "InvalidArnException",
    "KMSInternalException",
    "InvalidGrantTokenException",
    "LimitExceededException",
    "KMSInvalidStateException",
    "DryRunOperationException",
  ],
  async handle({ input, caller, region, keys: { key }, stores, now, tokens, anyPrincipal, quotas }) {
    const operations = [...new Set(input.Operations)];
    const constraints = constraintsIn(input.Constraints);
    requireGrantable(key, operations, constraints);
    const principals = await principalsIn(input, constraints, region, anyPrincipal ? undefined : stores.principals.idOf);
    const proposed = {
      ...{ keyId: key.id, account: key.account, name: input.Name ?? "", ...principals, operations, ...(constraints && { constraints }) },
      // A service is in no account: the key's own stands behind what it grants.
      ...{ issuer: caller.kind === "service" ? key.account : caller.account, creator: caller.id },
    };
    const id = stores.grants.idOf(proposed);
    const grant = { ...proposed, id, created: now, version: 0 };
    // The same request under the same name has been answered before: it finds its grant.
    if (input.Name === undefined || !(await stores.grants.get(key.id, id))) {
      requireGrantRoom(key, await stores.grants.count(key.id, now), quotas.resource("GrantsPerKey"));
      await stores.grants.create(grant);
    }
    return { GrantToken: tokens.issue(grant), GrantId: id };
  },
});
