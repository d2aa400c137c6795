import { own } from "#domain/quota";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyId, limit, marker, pageOf, policyName } from "#wire/members";
import { list, required, structure } from "#wire/shape";

/** Lists the names of a key's policies: there is one. */
export const listKeyPolicies = operation({
  name: "ListKeyPolicies",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:ListKeyPolicies", states: anyState } },
  uses: {},
  input: structure({ KeyId: required(keyId), Limit: limit, Marker: marker }),
  output: structure({ PolicyNames: required(list(policyName)), ...pageOf }),
  errors: ["NotFoundException", "InvalidArnException", "DependencyTimeoutException", "KMSInternalException", "KMSInvalidStateException"],
  async handle({ input, keys: { key }, paging }) {
    const seen = paging([key.id]).after(input.Marker);
    return { PolicyNames: seen === undefined ? ["default"] : [], Truncated: false };
  },
});
