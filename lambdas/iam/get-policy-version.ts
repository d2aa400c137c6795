import { versionMetadata } from "#domain/entity-metadata";
import { policyResource } from "#domain/iam-resource";
import { versionOf } from "#domain/managed-policy";
import { requirePolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, policyVersion, versionId } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Shows a version of a managed policy. */
export const getPolicyVersion = operation({
  name: "GetPolicyVersion",
  quota: own,
  permission: "iam:GetPolicyVersion",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "read" },
  input: structure({ PolicyArn: required(arn), VersionId: required(versionId) }),
  output: structure({ PolicyVersion: policyVersion }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input: { PolicyArn: arn, VersionId: id }, caller: { account }, stores: { principals } }) {
    const found = await requirePolicy(arn, account, principals);
    return { PolicyVersion: versionMetadata(found, versionOf(found, id)) };
  },
});
