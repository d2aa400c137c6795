import { requestTags, withEntityTags } from "#domain/entity-tags";
import { policyResource } from "#domain/iam-resource";
import { requireOwnPolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, tags } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Adds tags to a managed policy, or gives those it has new values. */
export const tagPolicy = operation({
  name: "TagPolicy",
  quota: own,
  permission: "iam:TagPolicy",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  conditions: requestTags,
  uses: { principals: "write" },
  input: structure({ PolicyArn: required(arn), Tags: required(tags) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input: { PolicyArn: arn, Tags: tags }, caller, stores: { principals } }) {
    const read = await requireOwnPolicy(arn, caller, principals, "iam:TagPolicy");
    await principals.replacePolicy(read, { ...read, tags: withEntityTags(read.tags, tags) });
  },
});
