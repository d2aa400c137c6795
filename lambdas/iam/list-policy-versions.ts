import { versionEntry, versionKey } from "#domain/entity-metadata";
import { policyResource } from "#domain/iam-resource";
import { listing } from "#domain/listing";
import { requirePolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, page, pageOf, policyVersion } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the versions of a managed policy, the newest first. */
export const listPolicyVersions = operation({
  name: "ListPolicyVersions",
  quota: own,
  permission: "iam:ListPolicyVersions",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "read" },
  input: structure({ PolicyArn: required(arn), ...page }),
  output: structure({ Versions: list(policyVersion), ...pageOf }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const found = await requirePolicy(input.PolicyArn, account, principals);
    const { entries, end } = listing(found.versions, versionKey, input, paging([found.id]));
    return { Versions: entries.map((version) => versionEntry(found, version)), ...end };
  },
});
