import { acceptPolicy, requireWritablePolicyName } from "#domain/policy/accept";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyId, policyName, policyText } from "#wire/members";
import { boolean, required, structure, withDefault } from "#wire/shape";

/** Replaces the key policy. */
export const putKeyPolicy = operation({
  name: "PutKeyPolicy",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:PutKeyPolicy", states: anyState } },
  conditions: {
    // "Null": who does not ask for it does not supply the key.
    "kms:BypassPolicyLockoutSafetyCheck": ({ BypassPolicyLockoutSafetyCheck }) => BypassPolicyLockoutSafetyCheck || undefined,
    "kms:PolicyName": ({ PolicyName }) => PolicyName,
  },
  uses: { keys: "write", principals: "read" },
  input: structure({
    KeyId: required(keyId),
    PolicyName: withDefault(policyName, "default"),
    Policy: required(policyText),
    BypassPolicyLockoutSafetyCheck: withDefault(boolean, false),
  }),
  errors: [
    "NotFoundException",
    "InvalidArnException",
    "MalformedPolicyDocumentException",
    "DependencyTimeoutException",
    "UnsupportedOperationException",
    "KMSInternalException",
    "LimitExceededException",
    "KMSInvalidStateException",
  ],
  async handle({ input, caller, context, region, keys: { key }, stores, anyPrincipal, quotas }) {
    requireWritablePolicyName(input.PolicyName);
    const policy = await acceptPolicy({
      text: input.Policy,
      region,
      caller,
      context,
      bypassLockoutCheck: input.BypassPolicyLockoutSafetyCheck,
      largest: quotas.resource("KeyPolicySize"),
      idOf: anyPrincipal ? undefined : stores.principals.idOf,
    });
    await stores.keys.replace(key, { ...key, ...policy });
  },
});
