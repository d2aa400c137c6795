import { Fault } from "#domain/fault";
import { policyResource } from "#domain/iam-resource";
import { requireOwnPolicy } from "#domain/policy-reference";
import { holdersIn, useOf } from "#domain/policy-use";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

const VERSIONS_LEFT =
  "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.";

/** Deletes a managed policy that is attached to nobody, and has one version left. */
export const deletePolicy = operation({
  name: "DeletePolicy",
  quota: own,
  permission: "iam:DeletePolicy",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "write" },
  input: structure({ PolicyArn: required(arn) }),
  errors: [
    "NoSuchEntityException",
    "LimitExceededException",
    "InvalidInputException",
    "DeleteConflictException",
    "ServiceFailureException",
  ],
  async handle({ input: { PolicyArn: arn }, caller, stores: { principals } }) {
    const policy = await requireOwnPolicy(arn, caller, principals, "iam:DeletePolicy");
    const requireUnused = async () => {
      const { attached, boundary } = useOf(arn, await holdersIn(caller.account, principals));
      if (attached + boundary > 0) throw new Fault("DeleteConflictException", "Cannot delete a policy attached to entities.");
    };
    await requireUnused();
    if (policy.versions.length > 1) throw new Fault("DeleteConflictException", VERSIONS_LEFT);
    await principals.removePolicy(policy);
    // Whoever attached it meanwhile either finds it gone or is found here: nobody holds what is not there.
    await requireUnused().catch(async (cause) => {
      await principals.createPolicy(policy);
      throw cause;
    });
  },
});
