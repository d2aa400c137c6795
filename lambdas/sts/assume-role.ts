import { accountStateOf } from "#domain/account";
import { accountOfRole, assumedRoleUserOf, requireMayAssume, requireRole, roleSession, roleToAssume } from "#domain/assume-role";
import { requestTags } from "#domain/entity-tags";
import { Fault } from "#domain/fault";
import type { Principal } from "#domain/principal";
import { own } from "#domain/quota";
import { passedOn, requireNoMfa, USUAL_ROLE_SESSION } from "#domain/session";
import { credentialsOf, packedOf, sizesOf } from "#domain/session-answer";
import { packedPercent } from "#domain/session-fields";
import { acceptSessionPolicies } from "#domain/session-policies";
import { operation } from "#operation";
import { required, structure, withDefault } from "#wire/shape";
import * as members from "#wire/sts-members";

const refusalFor = (caller: Principal, role: string) => (permission: string) =>
  `User: ${caller.arn} is not authorized to perform: ${permission} on resource: ${role}`;

/** Gives temporary credentials for a role to a caller whom it trusts, and who may. */
export const assumeRole = operation({
  name: "AssumeRole",
  quota: own,
  permission: "sts:AssumeRole",
  async resource({ RoleArn }, { caller, principals, anyPrincipal }) {
    const refused = refusalFor(caller, RoleArn);
    if (anyPrincipal && caller.kind === "root") return { arn: RoleArn, account: accountOfRole(RoleArn), refused };
    requireMayAssume(caller, refused("sts:AssumeRole"));
    return roleToAssume(RoleArn, principals, refused);
  },
  // A source identity that was set goes along the chain, and every role of it must let it be set.
  also: ({ Tags, SourceIdentity }, { session }) => [
    ...(Tags?.length ? (["sts:TagSession"] as const) : []),
    ...((SourceIdentity ?? session?.sourceIdentity) === undefined ? [] : (["sts:SetSourceIdentity"] as const)),
  ],
  conditions: {
    "sts:ExternalId": ({ ExternalId }) => ExternalId,
    "sts:RoleSessionName": ({ RoleSessionName }) => RoleSessionName,
    "sts:SourceIdentity": ({ SourceIdentity }) => SourceIdentity,
    "sts:TransitiveTagKeys": ({ TransitiveTagKeys }) => TransitiveTagKeys,
    ...requestTags,
  },
  uses: { principals: "read", sessions: "issue" },
  input: structure({
    RoleArn: required(members.arn),
    RoleSessionName: required(members.sessionName),
    PolicyArns: members.policyArns,
    Policy: members.unrestrictedPolicy,
    DurationSeconds: withDefault(members.roleDuration, USUAL_ROLE_SESSION),
    Tags: members.tags,
    TransitiveTagKeys: members.tagKeys,
    ExternalId: members.externalId,
    ...members.mfa,
    SourceIdentity: members.sourceIdentity,
    ProvidedContexts: members.providedContexts,
    MinimumSessionTokenSize: members.leastSize,
  }),
  output: structure({
    Credentials: members.credentials,
    AssumedRoleUser: members.assumedRoleUser,
    PackedPolicySize: members.packedSize,
    SourceIdentity: members.sourceIdentity,
    ...members.sizes,
  }),
  errors: ["MalformedPolicyDocumentException", "PackedPolicyTooLargeException", "RegionDisabledException", "ExpiredTokenException"],
  async handle({ input, caller, resource, stores: { principals, sessions }, now }) {
    const { RoleArn, RoleSessionName, DurationSeconds: seconds, Tags: tags, TransitiveTagKeys: transitive } = input;
    requireNoMfa(input);
    const refusal = refusalFor(caller, RoleArn)("sts:AssumeRole");
    const role = await requireRole(resource, principals, refusal);
    const owner = await principals.account(role.account);
    // The session could do nothing. A stranger is not told this from a role that is not there.
    if (owner && accountStateOf(owner, now) !== "active") throw new Fault("AccessDeniedException", refusal);
    const passed = await acceptSessionPolicies(input, role.account, principals);
    const inherited = passedOn({ tags, transitive, sourceIdentity: input.SourceIdentity }, caller.session);
    const chained = caller.kind === "role-session";
    const session = roleSession(role, RoleSessionName, { now, seconds, chained, ...passed, ...inherited });
    const percent = packedPercent(session);
    const issued = await sessions.issue(session, input.MinimumSessionTokenSize);
    return {
      Credentials: credentialsOf(issued, session),
      AssumedRoleUser: assumedRoleUserOf(session),
      SourceIdentity: session.sourceIdentity,
      ...packedOf(percent, session),
      ...sizesOf(issued),
    };
  },
});
