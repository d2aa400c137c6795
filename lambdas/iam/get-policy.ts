import { policyMetadata } from "#domain/entity-metadata";
import { policyResource } from "#domain/iam-resource";
import { requirePolicy } from "#domain/policy-reference";
import { holdersIn, useOf } from "#domain/policy-use";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, policy } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Tells about a managed policy, without its text. */
export const getPolicy = operation({
  name: "GetPolicy",
  quota: own,
  permission: "iam:GetPolicy",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "read" },
  input: structure({ PolicyArn: required(arn) }),
  output: structure({ Policy: policy }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input: { PolicyArn: arn }, caller: { account }, stores: { principals } }) {
    const found = await requirePolicy(arn, account, principals);
    return { Policy: policyMetadata(found, useOf(arn, await holdersIn(account, principals))) };
  },
});
