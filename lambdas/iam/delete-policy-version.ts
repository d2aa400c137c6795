import { policyResource } from "#domain/iam-resource";
import { withoutVersion } from "#domain/managed-policy";
import { requireOwnPolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, versionId } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Deletes a version of a managed policy that does not count. */
export const deletePolicyVersion = operation({
  name: "DeletePolicyVersion",
  quota: own,
  permission: "iam:DeletePolicyVersion",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "write" },
  input: structure({ PolicyArn: required(arn), VersionId: required(versionId) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "DeleteConflictException",
    "ServiceFailureException",
  ],
  async handle({ input: { PolicyArn: arn, VersionId: id }, caller, stores: { principals } }) {
    const read = await requireOwnPolicy(arn, caller, principals, "iam:DeletePolicyVersion");
    await principals.replacePolicy(read, withoutVersion(read, id));
  },
});
