import { contextKeysIn } from "#domain/context-keys";
import { documentsOf } from "#domain/identity-policies";
import { own } from "#domain/quota";
import { sourceAt } from "#domain/simulation";
import { operation } from "#operation";
import { arn, contextKeyNames, policyDocuments } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the condition keys that the policies of a user, group or role ask for, and others that are passed in. */
export const getContextKeysForPrincipalPolicy = operation({
  name: "GetContextKeysForPrincipalPolicy",
  quota: own,
  permission: "iam:GetContextKeysForPrincipalPolicy",
  resource: ({ PolicySourceArn }) => ({ arn: PolicySourceArn }),
  uses: { principals: "read" },
  input: structure({ PolicySourceArn: required(arn), PolicyInputList: policyDocuments }),
  output: structure({ ContextKeyNames: contextKeyNames }),
  errors: ["NoSuchEntityException", "InvalidInputException"],
  async handle({ input, caller: { account }, stores: { principals } }) {
    const source = await sourceAt(input.PolicySourceArn, account, principals);
    return { ContextKeyNames: contextKeysIn([...(await documentsOf(source, principals)), ...(input.PolicyInputList ?? [])]) };
  },
});
