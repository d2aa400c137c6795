import { policyResource } from "#domain/iam-resource";
import { withCurrent } from "#domain/managed-policy";
import { requireOwnPolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, versionId } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Lets another version of a managed policy count. */
export const setDefaultPolicyVersion = operation({
  name: "SetDefaultPolicyVersion",
  quota: own,
  permission: "iam:SetDefaultPolicyVersion",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "write" },
  input: structure({ PolicyArn: required(arn), VersionId: required(versionId) }),
  errors: ["NoSuchEntityException", "InvalidInputException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { PolicyArn: arn, VersionId: id }, caller, stores: { principals }, now }) {
    const read = await requireOwnPolicy(arn, caller, principals, "iam:SetDefaultPolicyVersion");
    await principals.replacePolicy(read, withCurrent(read, id, now));
  },
});
