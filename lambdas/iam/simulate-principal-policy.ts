import { listing } from "#domain/listing";
import { own } from "#domain/quota";
import { passedIn, questionsOf, simulatedAs, sourceAt, verdicts } from "#domain/simulation";
import { resultOf } from "#domain/simulation-result";
import { operation } from "#operation";
import { arn, evaluationResults, pageOf, policyDocuments, policyExclusions, simulation } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Tells what the policies of a user, group or role would decide, with others that are passed in. */
export const simulatePrincipalPolicy = operation({
  name: "SimulatePrincipalPolicy",
  quota: own,
  permission: "iam:SimulatePrincipalPolicy",
  resource: ({ PolicySourceArn }) => ({ arn: PolicySourceArn }),
  uses: { principals: "read" },
  input: structure({
    PolicySourceArn: required(arn),
    PolicyInputList: policyDocuments,
    PermissionsBoundaryPolicyInputList: policyDocuments,
    PolicyExclusionList: policyExclusions,
    ...simulation,
  }),
  output: structure({ EvaluationResults: evaluationResults, ...pageOf }),
  errors: ["NoSuchEntityException", "InvalidInputException", "PolicyEvaluationException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const source = await simulatedAs(await sourceAt(input.PolicySourceArn, account, principals), principals);
    const [boundary] = passedIn("PermissionsBoundaryPolicyInputList", input.PermissionsBoundaryPolicyInputList);
    const { entries, end } = listing(questionsOf(input), ({ key }) => key, input, paging([input.PolicySourceArn, ...input.ActionNames]));
    const found = verdicts(entries, input, {
      ...source,
      caller: { ...source.caller, arn: input.CallerArn ?? source.caller.arn },
      policies: [...source.policies, ...passedIn("PolicyInputList", input.PolicyInputList)],
      ...(boundary && { boundary }),
    });
    return { EvaluationResults: found.map(resultOf), ...end };
  },
});
