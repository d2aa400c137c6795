import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { passedIn, questionsOf, verdicts } from "#domain/simulation";
import { resultOf } from "#domain/simulation-result";
import { operation } from "#operation";
import { evaluationResults, organizationPolicies, pageOf, policyDocuments, simulation } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Tells what policies that are passed in would decide. */
export const simulateCustomPolicy = operation({
  name: "SimulateCustomPolicy",
  quota: own,
  permission: "iam:SimulateCustomPolicy",
  uses: {},
  input: structure({
    PolicyInputList: required(policyDocuments),
    PermissionsBoundaryPolicyInputList: policyDocuments,
    OrderedOrganizationPolicyInputList: organizationPolicies,
    ...simulation,
  }),
  output: structure({ EvaluationResults: evaluationResults, ...pageOf }),
  errors: ["InvalidInputException", "PolicyEvaluationException"],
  async handle({ input, caller, paging }) {
    const [boundary] = passedIn("PermissionsBoundaryPolicyInputList", input.PermissionsBoundaryPolicyInputList);
    const { entries, end } = listing(questionsOf(input), ({ key }) => key, input, paging(input.ActionNames));
    const found = verdicts(entries, input, {
      caller: { account: caller.account, arn: input.CallerArn ?? caller.arn, kind: "user" },
      known: new Map(),
      policies: passedIn("PolicyInputList", input.PolicyInputList),
      ...(boundary && { boundary }),
    });
    return { EvaluationResults: found.map(resultOf), ...end };
  },
});
