import { attachedKey, policyEntry } from "#domain/entity-metadata";
import { partitionIn } from "#domain/iam-arn";
import { listResource } from "#domain/iam-resource";
import { allOf, listing, under } from "#domain/listing";
import { awsManagedIn } from "#domain/managed-policies";
import { holdersIn, useOf } from "#domain/policy-use";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { page, pageOf, policy, policyPath, usage } from "#wire/iam-members";
import { boolean, enumeration, list, structure, withDefault } from "#wire/shape";

/** Lists managed policies: those of the account, those that AWS manages, or both. */
export const listPolicies = operation({
  name: "ListPolicies",
  quota: own,
  permission: "iam:ListPolicies",
  resource: ({ PathPrefix }, facts) => listResource("policy", PathPrefix, facts),
  uses: { principals: "read" },
  input: structure({
    Scope: withDefault(enumeration(["All", "AWS", "Local"]), "All"),
    OnlyAttached: boolean,
    PathPrefix: policyPath,
    PolicyUsageFilter: usage,
    ...page,
  }),
  output: structure({ Policies: list(policy), ...pageOf }),
  errors: ["ServiceFailureException"],
  async handle({ input, caller, stores: { principals }, paging }) {
    const { Scope: scope, OnlyAttached: only, PathPrefix: prefix, PolicyUsageFilter: usage } = input;
    const { account } = caller;
    const local = scope === "AWS" ? [] : await allOf((part) => principals.policies(account, part));
    const aws = scope === "Local" ? [] : awsManagedIn(partitionIn(caller.arn));
    const holders = await holdersIn(account, principals);
    const used = [...local, ...aws].filter(under(prefix)).map((found) => policyEntry(found, useOf(found.arn, holders)));
    const wanted = used.filter(({ AttachmentCount, PermissionsBoundaryUsageCount }) => {
      if (usage === "PermissionsBoundary") return PermissionsBoundaryUsageCount > 0;
      if (usage === "PermissionsPolicy") return AttachmentCount > 0;
      return !only || AttachmentCount > 0;
    });
    const filters = [scope, String(only), prefix ?? "", usage ?? ""];
    const { entries, end } = listing(wanted, ({ Arn }) => attachedKey(Arn), input, paging(filters));
    return { Policies: entries, ...end };
  },
});
