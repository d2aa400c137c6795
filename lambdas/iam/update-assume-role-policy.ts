import { requireEntity } from "#domain/entity";
import { roleResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { acceptTrust } from "#domain/role";
import { operation } from "#operation";
import { policyDocument, roleName } from "#wire/iam-members";
import { required, structure } from "#wire/shape";

/** Changes who may assume a role. */
export const updateAssumeRolePolicy = operation({
  name: "UpdateAssumeRolePolicy",
  quota: own,
  permission: "iam:UpdateAssumeRolePolicy",
  resource: ({ RoleName }, facts) => roleResource(RoleName, facts),
  uses: { principals: "write" },
  input: structure({ RoleName: required(roleName), PolicyDocument: required(policyDocument) }),
  errors: [
    "NoSuchEntityException",
    "MalformedPolicyDocumentException",
    "LimitExceededException",
    "UnmodifiableEntityException",
    "ServiceFailureException",
  ],
  async handle({ input: { RoleName: name, PolicyDocument: document }, caller: { account }, stores: { principals }, anyPrincipal }) {
    const role = requireEntity(await principals.role(account, name), "role", name);
    const trust = await acceptTrust(document, anyPrincipal ? undefined : principals.idOf);
    await principals.replaceRole(role, { ...role, trust });
  },
});
