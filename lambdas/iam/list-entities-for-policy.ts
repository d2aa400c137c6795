import { policyResource } from "#domain/iam-resource";
import { listing, under } from "#domain/listing";
import { requirePolicy } from "#domain/policy-reference";
import { holdersIn } from "#domain/policy-use";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { arn, entityId, entityType, groupName, page, pageOf, path, roleName, usage, userName } from "#wire/iam-members";
import { list, required, structure } from "#wire/shape";

/** Lists the users, groups and roles that a managed policy is attached to, or bounds. */
export const listEntitiesForPolicy = operation({
  name: "ListEntitiesForPolicy",
  quota: own,
  permission: "iam:ListEntitiesForPolicy",
  resource: ({ PolicyArn }, facts) => policyResource(PolicyArn, facts),
  uses: { principals: "read" },
  input: structure({
    PolicyArn: required(arn),
    EntityFilter: entityType,
    PathPrefix: path,
    PolicyUsageFilter: usage,
    ...page,
  }),
  output: structure({
    PolicyGroups: list(structure({ GroupName: groupName, GroupId: entityId })),
    PolicyUsers: list(structure({ UserName: userName, UserId: entityId })),
    PolicyRoles: list(structure({ RoleName: roleName, RoleId: entityId })),
    ...pageOf,
  }),
  errors: ["NoSuchEntityException", "InvalidInputException", "ServiceFailureException"],
  async handle({ input, caller: { account }, stores: { principals }, paging }) {
    const { PolicyArn: arn, EntityFilter: filter, PathPrefix: prefix, PolicyUsageFilter: usage } = input;
    await requirePolicy(arn, account, principals);
    const { users, roles, groups } = await holdersIn(account, principals);
    const all = [
      ...groups.map((group) => ({ ...group, kind: "Group" as const, boundary: undefined })),
      ...roles.map((role) => ({ ...role, kind: "Role" as const })),
      ...users.map((user) => ({ ...user, kind: "User" as const })),
    ];
    const wanted = all.filter((each) => {
      const attached = usage !== "PermissionsBoundary" && each.attached.includes(arn);
      const bounded = usage !== "PermissionsPolicy" && each.boundary === arn;
      return (attached || bounded) && under(prefix)(each) && (filter === undefined || filter === each.kind);
    });
    const markers = paging([arn, filter ?? "", prefix ?? "", usage ?? ""]);
    const { entries, end } = listing(wanted, ({ kind, name }) => `${kind} ${name}`, input, markers);
    const of = (wantedKind: string) => entries.filter(({ kind }) => kind === wantedKind);
    return {
      PolicyGroups: of("Group").map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of("User").map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of("Role").map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...end,
    };
  },
});
