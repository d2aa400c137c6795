import { accountOfRole, assumedRoleUserOf, requireRole, roleSession, roleToAssume } from "#domain/assume-role";
import { own } from "#domain/quota";
import { USUAL_ROLE_SESSION } from "#domain/session";
import { credentialsOf, packedOf, sizesOf } from "#domain/session-answer";
import { packedPercent } from "#domain/session-fields";
import { acceptSessionPolicies } from "#domain/session-policies";
import { operation } from "#operation";
import { required, string, structure, withDefault } from "#wire/shape";
import * as members from "#wire/sts-members";

const REFUSED = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

/** Gives temporary credentials for a role to somebody whom an OpenID Connect provider of the role's account vouches for. */
export const assumeRoleWithWebIdentity = operation({
  name: "AssumeRoleWithWebIdentity",
  quota: own,
  auth: "none",
  vouched: ({ RoleArn, WebIdentityToken: token }) => ({ account: accountOfRole(RoleArn), token }),
  permission: "sts:AssumeRoleWithWebIdentity",
  resource: ({ RoleArn }, { principals }) => roleToAssume(RoleArn, principals, () => REFUSED),
  conditions: { "sts:RoleSessionName": ({ RoleSessionName }) => RoleSessionName },
  uses: { principals: "read", sessions: "issue" },
  input: structure({
    RoleArn: required(members.arn),
    RoleSessionName: required(members.sessionName),
    WebIdentityToken: required(members.webIdentityToken),
    ProviderId: members.providerId,
    PolicyArns: members.policyArns,
    Policy: members.sessionPolicy,
    DurationSeconds: withDefault(members.roleDuration, USUAL_ROLE_SESSION),
    MinimumSessionTokenSize: members.leastSize,
  }),
  output: structure({
    Credentials: members.credentials,
    SubjectFromWebIdentityToken: string({ min: 6, max: 255 }),
    AssumedRoleUser: members.assumedRoleUser,
    PackedPolicySize: members.packedSize,
    Provider: string(),
    Audience: string(),
    SourceIdentity: members.sourceIdentity,
    ...members.sizes,
  }),
  errors: [
    "MalformedPolicyDocumentException",
    "PackedPolicyTooLargeException",
    "IDPRejectedClaimException",
    "IDPCommunicationErrorException",
    "InvalidIdentityTokenException",
    "ExpiredTokenException",
    "RegionDisabledException",
  ],
  async handle({ input, caller, resource, stores: { principals, sessions }, now }) {
    const role = await requireRole(resource, principals, REFUSED);
    const passed = await acceptSessionPolicies(input, role.account, principals);
    const nothing = { tags: new Map(), transitive: [], chained: false };
    const life = { now, seconds: input.DurationSeconds };
    const session = roleSession(role, input.RoleSessionName, { ...life, ...passed, ...nothing, provider: caller.arn });
    const percent = packedPercent(session);
    const issued = await sessions.issue(session, input.MinimumSessionTokenSize);
    return {
      Credentials: credentialsOf(issued, session),
      SubjectFromWebIdentityToken: caller.vouched?.subject,
      AssumedRoleUser: assumedRoleUserOf(session),
      Provider: caller.arn,
      Audience: caller.vouched?.audience,
      ...packedOf(percent, session),
      ...sizesOf(issued),
    };
  },
});
