/** Grants, and the other titles to a key that no policy gives. */
import { describe, expect, test } from "vitest";
import { ADMIN, allow, CALLERS, type Case, DELEGATES, deny, type Element, outcome, PRINCIPALS } from "./cast.ts";

const OTHERS: readonly Element[] = [allow("kms:*", "bob")];
const NO_KMS: readonly Element[] = [allow("s3:*")];
const bare = { key: OTHERS, identity: [] } as const;
const { alice, Builder, account, eve } = PRINCIPALS;
const session = PRINCIPALS["build-1"];

// KMS Developer Guide, "Grants in AWS KMS".
describe("a grant", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["\"A grant is a policy instrument that allows AWS principals to use KMS keys\"", { ...bare, grants: [alice] }, "allow grant 1"],
    ["… those whom it names", { ...bare, grants: [PRINCIPALS.bob] }, "deny resource implicit"],
    ["… in the letters of their names", { ...bare, grants: [PRINCIPALS.Alice] }, "deny resource implicit"],
    ["one of several", { ...bare, grants: [PRINCIPALS.bob, alice] }, "allow grant 2"],
    ["the first of several", { ...bare, grants: [alice, alice] }, "allow grant 1"],
    ["no grants at all", { ...bare, grants: [] }, "deny resource implicit"],
    ["the key policy is named before a grant", { key: [allow("kms:*", "alice")], identity: [], grants: [alice] }, "allow default 1"],
    ["… but a nearer grant before the account", { key: [DELEGATES], identity: [], grants: [alice] }, "allow grant 1"],
    ["to a role, a session of it", { ...bare, caller: "build", grants: [Builder] }, "allow grant 1"],
    ["to a session", { ...bare, caller: "build", grants: [session] }, "allow grant 1"],
    ["… not another one", { ...bare, caller: "build2", grants: [session] }, "deny resource implicit"],
    ["to a federated user", { ...bare, caller: "frida", grants: [PRINCIPALS.Frida] }, "allow grant 1"],
    ["to the user behind one", { ...bare, caller: "frida", grants: [alice] }, "allow grant 1"],
    ["… within its session policies", { ...bare, caller: "frida", grants: [alice], session: [] }, "deny session implicit"],
    ["to an account: its identity policies decide", { key: OTHERS, identity: [ADMIN], grants: [account] }, "allow attached 1"],
    ["… which do not allow", { ...bare, grants: [account] }, "deny identity implicit"],
    ["… and its root user", { ...bare, caller: "root", grants: [account] }, "allow grant 1"],
    ["… in every partition", { key: OTHERS, grants: [PRINCIPALS["account in China"]] }, "allow attached 1"],
    ["… not another account", { key: OTHERS, grants: [PRINCIPALS["other account"]] }, "deny resource implicit"],
    ["… nor a service", { ...bare, caller: "logs", grants: [account] }, "deny resource implicit"],
    ["… nor a provider", { ...bare, caller: "github", grants: [account] }, "deny resource implicit"],
    ["to a service", { ...bare, caller: "logs", grants: [CALLERS.logs.arn] }, "allow grant 1"],
    ["to a role is limited as a key policy's Allow is: by the session policy", { ...bare, caller: "build", grants: [Builder], session: [NO_KMS] }, "deny session implicit"],
    ["… by the boundary", { ...bare, caller: "build", grants: [Builder], boundary: NO_KMS }, "deny boundary implicit"],
    ["… and within both it is not", { ...bare, caller: "build", grants: [Builder], session: [[allow("kms:*")]], boundary: [allow("kms:*")] }, "allow grant 1"],
    ["to a session is not limited", { ...bare, caller: "build", grants: [session], session: [NO_KMS], boundary: NO_KMS }, "allow grant 1"],
    ["to a user is not limited by the boundary", { ...bare, grants: [alice], boundary: NO_KMS }, "allow grant 1"],
    ["the session's own grant counts before its role's", { ...bare, caller: "build", grants: [Builder, session], session: [NO_KMS] }, "allow grant 2"],
    ["across accounts the identity policies must allow too", { key: OTHERS, identity: [], caller: "eve", grants: [eve] }, "deny identity implicit"],
    ["… which do", { key: OTHERS, caller: "eve", grants: [eve] }, "allow attached 1"],
    ["… to the account", { key: OTHERS, caller: "eve", grants: [PRINCIPALS["other account"]] }, "allow attached 1"],
    ["\"An explicit deny\" in the key policy beats it", { ...bare, key: [deny("kms:*", "alice")], grants: [alice] }, "deny resource explicit-deny default 1"],
    ["… in an identity policy", { key: OTHERS, identity: [deny("kms:*")], grants: [alice] }, "deny identity explicit-deny attached 1"],
    ["… in a session policy", { ...bare, caller: "build", grants: [session], session: [[deny("kms:*")]] }, "deny session explicit-deny session 1 1"],
    ["… in a service control policy", { ...bare, grants: [alice], service: [[allow("*"), deny("kms:*")]] }, "deny service-control explicit-deny scp 1 2"],
    ["a service control policy must allow", { ...bare, grants: [alice], service: [NO_KMS] }, "deny service-control implicit"],
    ["a name that was borrowed counts, for grants are matched by id before", { ...bare, grants: [alice], more: { names: { own: [], behind: [] } } }, "allow grant 1"],
    ["an ARN that only looks like an account's names nobody", { ...bare, caller: "root", grants: [`${account}s`] }, "deny resource implicit"],
    ["… nor does one with more before it", { ...bare, caller: "root", grants: [`x${account}`] }, "deny resource implicit"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});

const retire = { action: "kms:RetireGrant", more: { resourceOnlyDenies: true } } as const;

// KMS Developer Guide, "Retiring and revoking grants": RetireGrant "is not effective in a key policy".
describe("kms:RetireGrant", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["a key policy does not give it", { ...retire, key: [allow("kms:*", "alice")], grants: [] }, "deny resource implicit"],
    ["… nor by the account", { ...retire, key: [DELEGATES], grants: [] }, "deny resource implicit"],
    ["… nor to everyone", { ...retire, key: [allow("kms:*", "everyone")], grants: [] }, "deny resource implicit"],
    ["the retiring principal may", { ...retire, identity: [], grants: [alice] }, "allow grant 1"],
    ["the account that issued the grant lets its identity policies decide", { ...retire, grants: [account] }, "allow attached 1"],
    ["… who else is not asked", { ...retire, identity: [], grants: [account] }, "deny identity implicit"],
    ["\"a Deny works\"", { ...retire, key: [deny("kms:RetireGrant", "alice")], grants: [alice] }, "deny resource explicit-deny default 1"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));

  test("with titles and no key policy, the titles decide", () => {
    expect(outcome({ key: null, identity: [], grants: [alice] })).toBe("allow grant 1");
    expect(outcome({ key: null, grants: [] })).toBe("deny resource implicit");
  });
});
