import { requirePolicyName } from "#domain/policy/accept";
import { formatPolicy } from "#domain/policy/format";
import { shownPolicy } from "#domain/policy/shown-names";
import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyId, policyName, policyText } from "#wire/members";
import { required, structure, withDefault } from "#wire/shape";

/** Answers the key policy, laid out as AWS lays it out, with the names that its principals have now. */
export const getKeyPolicy = operation({
  name: "GetKeyPolicy",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:GetKeyPolicy", states: anyState } },
  conditions: { "kms:PolicyName": ({ PolicyName }) => PolicyName },
  uses: { principals: "read" },
  input: structure({ KeyId: required(keyId), PolicyName: withDefault(policyName, "default") }),
  output: structure({ Policy: required(policyText), PolicyName: required(policyName) }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException", "KMSInvalidStateException"],
  async handle({ input, keys: { key }, stores: { principals } }) {
    requirePolicyName(input.PolicyName);
    return { Policy: formatPolicy(await shownPolicy(key.policy, key.principals, principals.arnOf)), PolicyName: input.PolicyName };
  },
});
