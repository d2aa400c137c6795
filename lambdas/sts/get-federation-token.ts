import { requestTags } from "#domain/entity-tags";
import { partitionIn } from "#domain/iam-arn";
import { own } from "#domain/quota";
import { issuerOf, lifeOf, passedOn, type Session, USUAL_USER_SESSION, userDuration } from "#domain/session";
import { credentialsOf, packedOf, sizesOf } from "#domain/session-answer";
import { federatedUserArn } from "#domain/session-arn";
import { packedPercent } from "#domain/session-fields";
import { acceptSessionPolicies } from "#domain/session-policies";
import { operation } from "#operation";
import { required, structure, withDefault } from "#wire/shape";
import * as members from "#wire/sts-members";

/** Gives temporary credentials to somebody whom the caller knows: within the caller's permissions and the policies that are passed. */
export const getFederationToken = operation({
  name: "GetFederationToken",
  quota: own,
  permission: "sts:GetFederationToken",
  resource({ Name }, { caller }) {
    issuerOf(caller, "GetFederationToken");
    return { arn: federatedUserArn({ partition: partitionIn(caller.arn), account: caller.account, name: Name }) };
  },
  also: ({ Tags }) => (Tags?.length ? ["sts:TagSession"] : []),
  conditions: requestTags,
  uses: { principals: "read", sessions: "issue" },
  input: structure({
    Name: required(members.federatedName),
    Policy: members.sessionPolicy,
    PolicyArns: members.policyArns,
    DurationSeconds: withDefault(members.userDuration, USUAL_USER_SESSION),
    Tags: members.tags,
    MinimumSessionTokenSize: members.leastSize,
  }),
  output: structure({
    Credentials: members.credentials,
    FederatedUser: members.federatedUser,
    PackedPolicySize: members.packedSize,
    ...members.sizes,
  }),
  errors: ["MalformedPolicyDocumentException", "PackedPolicyTooLargeException", "RegionDisabledException"],
  async handle({ input, caller, stores: { principals, sessions }, now }) {
    const { Name: name, Tags } = input;
    const { account } = caller;
    const partition = partitionIn(caller.arn);
    const session: Session = {
      ...{ kind: "federated-user", partition, account, name, chained: false },
      issuer: issuerOf(caller, "GetFederationToken"),
      ...lifeOf(now, userDuration(input.DurationSeconds, caller)),
      ...(await acceptSessionPolicies(input, account, principals)),
      ...passedOn({ tags: Tags }, undefined),
    };
    const percent = packedPercent(session);
    const issued = await sessions.issue(session, input.MinimumSessionTokenSize);
    return {
      Credentials: credentialsOf(issued, session),
      FederatedUser: { FederatedUserId: `${account}:${name}`, Arn: federatedUserArn(session) },
      ...packedOf(percent, session),
      ...sizesOf(issued),
    };
  },
});
