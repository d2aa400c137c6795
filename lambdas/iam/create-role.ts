import { randomBytes } from "@trent/crypto";
import { requireFree, requireRoom } from "#domain/entity";
import { ID_BYTES, uniqueId } from "#domain/entity-id";
import { roleMetadata } from "#domain/entity-metadata";
import { requestTags, withEntityTags } from "#domain/entity-tags";
import { entityArn, partitionIn } from "#domain/iam-arn";
import { newResource } from "#domain/iam-resource";
import { boundedBy } from "#domain/policy-holder";
import { requireAttachable, requireStillThere } from "#domain/policy-reference";
import { own } from "#domain/quota";
import { acceptTrust, ROLES, USUAL_SESSION } from "#domain/role";
import { operation } from "#operation";
import { arn, maxSessionDuration, path, policyDocument, role, roleDescription, roleName, tags } from "#wire/iam-members";
import { required, structure, withDefault } from "#wire/shape";

/** Makes a role, which may do nothing yet, for whom its trust policy says. */
export const createRole = operation({
  name: "CreateRole",
  quota: own,
  permission: "iam:CreateRole",
  resource: ({ Path, RoleName }, facts) => newResource("role", Path, RoleName, facts),
  also: ({ Tags }) => (Tags?.length ? ["iam:TagRole"] : []),
  conditions: {
    "iam:PermissionsBoundary": ({ PermissionsBoundary }) => PermissionsBoundary,
    ...requestTags,
  },
  uses: { principals: "write" },
  input: structure({
    Path: withDefault(path, "/"),
    RoleName: required(roleName),
    AssumeRolePolicyDocument: required(policyDocument),
    Description: roleDescription,
    MaxSessionDuration: withDefault(maxSessionDuration, USUAL_SESSION),
    PermissionsBoundary: arn,
    Tags: tags,
  }),
  output: structure({ Role: required(role) }),
  errors: [
    "LimitExceededException",
    "InvalidInputException",
    "EntityAlreadyExistsException",
    "MalformedPolicyDocumentException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input, caller, stores: { principals }, now, anyPrincipal }) {
    const { RoleName: name, Path: path, PermissionsBoundary, Description: description } = input;
    const { account } = caller;
    requireFree(await principals.role(account, name), "Role", name);
    requireRoom(await principals.roleCount(account, now), "RolesPerAccount", ROLES);
    const boundary = PermissionsBoundary === undefined ? undefined : await requireAttachable(PermissionsBoundary, caller, principals);
    const made = {
      account,
      name,
      path,
      id: uniqueId("AROA", randomBytes(ID_BYTES)),
      arn: entityArn(partitionIn(caller.arn), account, "role", path, name),
      created: now,
      trust: await acceptTrust(input.AssumeRolePolicyDocument, anyPrincipal ? undefined : principals.idOf),
      ...(description !== undefined && { description }),
      longestSession: input.MaxSessionDuration,
      inline: [],
      attached: [],
      ...(boundary && boundedBy(boundary)),
      tags: withEntityTags(new Map(), input.Tags ?? []),
      version: 0,
    };
    await principals.createRole(made);
    if (boundary) await requireStillThere(boundary, principals, () => principals.removeRole({ ...made, version: 1 }));
    return { Role: roleMetadata(made) };
  },
});
