import { GROUPS } from "#domain/group";
import { allOf } from "#domain/listing";
import { POLICIES, POLICY_SIZE, VERSIONS } from "#domain/managed-policy";
import { ATTACHED, INLINE_SIZE } from "#domain/policy-holder";
import { holdersIn } from "#domain/policy-use";
import { own } from "#domain/quota";
import { ROLES, TRUST_SIZE } from "#domain/role";
import { ACCESS_KEYS, GROUPS_PER_USER, USERS } from "#domain/user";
import { operation } from "#operation";
import { map, structure } from "#wire/shape";

/** What AWS counts and there is none of here: passwords, devices and certificates. */
const NOT_HERE = {
  AccountAccessKeysPresent: 0,
  AccountMFAEnabled: 0,
  AccountPasswordPresent: 0,
  AccountSigningCertificatesPresent: 0,
  GlobalEndpointTokenVersion: 2,
  InstanceProfiles: 0,
  InstanceProfilesQuota: 0,
  MFADevices: 0,
  MFADevicesInUse: 0,
  ServerCertificates: 0,
  ServerCertificatesQuota: 0,
  SigningCertificatesPerUserQuota: 0,
};

/** Counts what is in the account, and says how much of it there may be. */
export const getAccountSummary = operation({
  name: "GetAccountSummary",
  quota: own,
  permission: "iam:GetAccountSummary",
  uses: { principals: "read" },
  input: structure({}),
  output: structure({ SummaryMap: map }),
  errors: ["ServiceFailureException"],
  async handle({ caller: { account }, stores: { principals } }) {
    const { users, roles, groups } = await holdersIn(account, principals);
    const policies = await allOf((part) => principals.policies(account, part));
    const providers = await principals.oidcProviders(account);
    const counts = {
      Users: users.length,
      UsersQuota: USERS,
      Groups: groups.length,
      GroupsQuota: GROUPS,
      Roles: roles.length,
      RolesQuota: ROLES,
      Policies: policies.length,
      PoliciesQuota: POLICIES,
      PolicyVersionsInUse: policies.reduce((sum, { versions }) => sum + versions.length, 0),
      PolicyVersionsInUseQuota: POLICIES * VERSIONS,
      Providers: providers.length,
      AccessKeysPerUserQuota: ACCESS_KEYS,
      GroupsPerUserQuota: GROUPS_PER_USER,
      AttachedPoliciesPerUserQuota: ATTACHED,
      AttachedPoliciesPerGroupQuota: ATTACHED,
      AttachedPoliciesPerRoleQuota: ATTACHED,
      UserPolicySizeQuota: INLINE_SIZE.user,
      GroupPolicySizeQuota: INLINE_SIZE.group,
      RolePolicySizeQuota: INLINE_SIZE.role,
      AssumeRolePolicySizeQuota: TRUST_SIZE,
      PolicySizeQuota: POLICY_SIZE,
      VersionsPerPolicyQuota: VERSIONS,
      ...NOT_HERE,
    };
    return { SummaryMap: new Map(Object.entries(counts).map(([name, count]) => [name, String(count)])) };
  },
});
