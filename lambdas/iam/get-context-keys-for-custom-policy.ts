import { contextKeysIn } from "#domain/context-keys";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { contextKeyNames, policyDocuments } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the condition keys that policies which are passed in ask for. */
export const getContextKeysForCustomPolicy = operation({
  name: "GetContextKeysForCustomPolicy",
  quota: own,
  permission: "iam:GetContextKeysForCustomPolicy",
  uses: {},
  input: structure({ PolicyInputList: required(policyDocuments) }),
  output: structure({ ContextKeyNames: contextKeyNames }),
  errors: ["InvalidInputException"],
  async handle({ input: { PolicyInputList: documents } }) {
    return { ContextKeyNames: contextKeysIn(documents) };
  },
});
