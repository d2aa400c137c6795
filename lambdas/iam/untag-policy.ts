import { withoutEntityTags } from "#domain/entity-tags";
import { policyResource } from "#domain/iam-resource";
import { requireOwnPolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, tagKeys } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Takes tags from a managed policy. */
export const untagPolicy = operation({
  name: "UntagPolicy",
  quota: own,
  permission: "iam:UntagPolicy",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  conditions: { "aws:TagKeys": ({ TagKeys }) => TagKeys },
  uses: { principals: "write" },
  input: structure({ PolicyArn: required(arn), TagKeys: required(tagKeys) }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ConcurrentModificationException", "ServiceFailureException"],
  async handle({ input: { PolicyArn: arn, TagKeys: keys }, caller, stores: { principals } }) {
    const read = await requireOwnPolicy(arn, caller, principals, "iam:UntagPolicy");
    await principals.replacePolicy(read, { ...read, tags: withoutEntityTags(read.tags, keys) });
  },
});
