import { tagList } from "#domain/entity-tags";
import { policyResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { requirePolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, page, pageOf, tags } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lists the tags of a managed policy. */
export const listPolicyTags = operation({
  name: "ListPolicyTags",
  quota: own,
  permission: "iam:ListPolicyTags",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "read" },
  input: structure({ PolicyArn: required(arn), ...page }),
  output: structure({ Tags: required(tags), ...pageOf }),
  errors: ["NoSuchEntityException", "ServiceFailureException", "InvalidInputException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const found = await requirePolicy(input.PolicyArn, account, principals);
    const { entries, end } = listing(tagList(found.tags), ({ Key }) => Key, input, paging([found.id]));
    return { Tags: entries, ...end };
  },
});
