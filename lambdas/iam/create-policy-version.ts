import { versionEntry } from "#domain/entity-metadata";
import { policyResource } from "#domain/iam-resource";
import { acceptManaged, withCurrent, withVersion } from "#domain/managed-policy";
import { requireOwnPolicy } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, policyDocument, policyVersion } from "#wire/iam-members";
import { boolean, required, structure } from "#wire/shape";

/** Makes a new version of a managed policy, which counts from now on if that is asked for. */
export const createPolicyVersion = operation({
  name: "CreatePolicyVersion",
  quota: own,
  permission: "iam:CreatePolicyVersion",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "write" },
  input: structure({ PolicyArn: required(arn), PolicyDocument: required(policyDocument), SetAsDefault: boolean }),
  output: structure({ PolicyVersion: policyVersion }),
  errors: [
    "NoSuchEntityException",
    "MalformedPolicyDocumentException",
    "InvalidInputException",
    "LimitExceededException",
    "ServiceFailureException",
  ],
  async handle({ input, caller, stores: { principals }, now }) {
    const read = await requireOwnPolicy(input.PolicyArn, caller, principals, "iam:CreatePolicyVersion");
    const longer = withVersion(read, acceptManaged(input.PolicyDocument), now);
    const made = longer.versions.at(-1) as (typeof longer.versions)[number];
    const changed = input.SetAsDefault ? withCurrent(longer, made.id, now) : longer;
    await principals.replacePolicy(read, changed);
    return { PolicyVersion: versionEntry(changed, made) };
  },
});
