import { groupDetailOf, policyDetailOf, roleDetailOf, userDetailOf } from "#domain/entity-metadata";
import { partitionIn } from "#domain/iam-arn";
import { allOf, listing } from "#domain/listing";
import { awsManagedIn } from "#domain/managed-policies";
import { shownRole } from "#domain/policy/shown-names";
import { holdersIn, useOf } from "#domain/policy-use";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { entityType, groupDetail, page, pageOf, policyDetail, roleDetail, userDetail } from "#wire/iam-members";
import { list, structure } from "#wire/shape";

/** Shows all users, groups, roles and managed policies of the account, with all that they may. */
export const getAccountAuthorizationDetails = operation({
  name: "GetAccountAuthorizationDetails",
  quota: own,
  permission: "iam:GetAccountAuthorizationDetails",
  uses: { principals: "read" },
  input: structure({ Filter: list(entityType), ...page }),
  output: structure({
    UserDetailList: list(userDetail),
    GroupDetailList: list(groupDetail),
    RoleDetailList: list(roleDetail),
    Policies: list(policyDetail),
    ...pageOf,
  }),
  errors: ["ServiceFailureException"],
  async handle({ input, caller, stores: { principals }, paging }) {
    const { account } = caller;
    const holders = await holdersIn(account, principals);
    const local = await allOf((part) => principals.policies(account, part));
    const aws = awsManagedIn(partitionIn(caller.arn)).filter(({ arn }) => {
      const { attached, boundary } = useOf(arn, holders);
      return attached + boundary > 0;
    });
    const all = [
      ...holders.users.map((user) => ({ kind: "User" as const, is: user })),
      ...holders.groups.map((group) => ({ kind: "Group" as const, is: group })),
      ...holders.roles.map((role) => ({ kind: "Role" as const, is: role })),
      ...local.map((policy) => ({ kind: "LocalManagedPolicy" as const, is: policy })),
      ...aws.map((policy) => ({ kind: "AWSManagedPolicy" as const, is: policy })),
    ];
    const filter = input.Filter?.length ? input.Filter : undefined;
    const wanted = all.filter(({ kind }) => filter?.includes(kind) ?? true);
    const { entries, end } = listing(wanted, ({ kind, is }) => `${kind} ${is.name}`, input, paging(filter ?? []));
    const users = entries.flatMap((entry) => (entry.kind === "User" ? [entry.is] : []));
    const roles = entries.flatMap((entry) => (entry.kind === "Role" ? [entry.is] : []));
    const names = new Map(holders.groups.map(({ id, name }) => [id, name]));
    return {
      UserDetailList: users.map((user) =>
        userDetailOf(
          user,
          user.groups.map(({ id, name }) => names.get(id) ?? name),
        ),
      ),
      GroupDetailList: entries.flatMap((entry) => (entry.kind === "Group" ? [groupDetailOf(entry.is)] : [])),
      RoleDetailList: (await Promise.all(roles.map((one) => shownRole(one, principals.arnOf)))).map(roleDetailOf),
      Policies: entries.flatMap((entry) =>
        entry.kind === "LocalManagedPolicy" || entry.kind === "AWSManagedPolicy"
          ? [policyDetailOf(entry.is, useOf(entry.is.arn, holders))]
          : [],
      ),
      ...end,
    };
  },
});
