import { describe, expect, test } from "vitest";
import { compilePolicy } from "#domain/policy/compile";
import { evaluate } from "#domain/policy/evaluate";
import {
  ADMIN,
  allow,
  CALLERS,
  type Case,
  DELEGATES,
  deny,
  document,
  type Element,
  type Name,
  OWN,
  outcome,
  PRINCIPALS,
  spell,
  type Who,
} from "./cast.ts";

const NOBODY: readonly Element[] = [];
const except = (...who: Who[]) => ({ Principal: undefined, NotPrincipal: { AWS: who.map((each) => PRINCIPALS[each]) } });
const spared = (caller: Name, ...who: Who[]) => ({
  caller,
  key: [allow("kms:*", ["account", "other account"]), deny("kms:*", undefined, except(...who))],
});
const SERVICE = { Principal: { Service: "logs.us-east-1.amazonaws.com" } };

// IAM User Guide, "AWS JSON policy elements: NotPrincipal".
describe("NotPrincipal", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["Deny: \"all principals except the one named\"", spared("bob", "alice", "account"), "deny resource explicit-deny default 2"],
    ["… \"you must also specify the account ARN of the not-denied principal\"", spared("alice", "alice"), "deny resource explicit-deny default 2"],
    ["… with it, she is spared", spared("alice", "alice", "account"), "allow attached 1"],
    ["… the account alone does not spare her", spared("alice", "account"), "deny resource explicit-deny default 2"],
    ["… the bare id means the account", spared("alice", "alice", "account id"), "allow attached 1"],
    ["… another account's does not", spared("alice", "alice", "other account"), "deny resource explicit-deny default 2"],
    ["… \"the ARN of the assumed-role user, the role, and the AWS account\"", spared("build", "build-1", "Builder", "account"), "allow attached 1"],
    ["… \"missing the ARN of the role\"", spared("build", "build-1", "account"), "deny resource explicit-deny default 2"],
    ["… missing the ARN of the session", spared("build", "Builder", "account"), "deny resource explicit-deny default 2"],
    ["… \"missing the ARN of the AWS account\"", spared("build", "build-1", "Builder"), "deny resource explicit-deny default 2"],
    ["… another session of the role", spared("build2", "build-1", "Builder", "account"), "deny resource explicit-deny default 2"],
    ["… the root user is the account", spared("root", "account"), "allow default 1"],
    ["… and no user", spared("root", "alice"), "deny resource explicit-deny default 2"],
    ["… a federated user, the user behind it and the account", spared("frida", "Frida", "alice", "account"), "allow attached 1"],
    ["… without the user", spared("frida", "Frida", "account"), "deny resource explicit-deny default 2"],
    ["… \"in either the same or a different AWS account\"", spared("eve", "eve", "other account"), "allow attached 1"],
    ["… everyone is spared by *", { key: [DELEGATES, deny("kms:*", undefined, { Principal: undefined, NotPrincipal: "*" })] }, "allow attached 1"],
    ["… a service by its name", { caller: "logs", key: [allow("kms:*", "everyone"), deny("kms:*", undefined, { Principal: undefined, NotPrincipal: SERVICE.Principal })] }, "allow default 1"],
    ["… and not another", { caller: "logs", key: [allow("kms:*", "everyone"), deny("kms:*", undefined, { Principal: undefined, NotPrincipal: { Service: "ec2.amazonaws.com" } })] }, "deny resource explicit-deny default 2"],
    ["Allow: \"granted to all principals except for the ones specified\"", { key: [allow("kms:*", undefined, except("bob"))], identity: NOBODY }, "allow default 1"],
    ["… not to those", { key: [allow("kms:*", undefined, except("alice"))] }, "deny resource implicit"],
    ["… nor to a session of theirs", { caller: "build", key: [allow("kms:*", undefined, except("Builder"))] }, "deny resource implicit"],
    ["… nor to that session", { caller: "build", key: [allow("kms:*", undefined, except("build-1"))] }, "deny resource implicit"],
    ["… nor to anybody in the account", { key: [allow("kms:*", undefined, except("account"))] }, "deny resource implicit"],
    ["… nor to its root user", { caller: "root", key: [allow("kms:*", undefined, except("account"))] }, "deny resource implicit"],
    ["… to nobody but *", { key: [allow("kms:*", undefined, { Principal: undefined, NotPrincipal: "*" })] }, "deny resource implicit"],
    ["… across accounts within the identity policies", { caller: "eve", key: [allow("kms:*", undefined, except("bob"))], identity: NOBODY }, "deny identity implicit"],
    ["… which then allow", { caller: "eve", key: [allow("kms:*", undefined, except("bob"))] }, "allow attached 1"],
    ["… within the boundary, for AWS says nothing of it", { key: [allow("kms:*", undefined, except("bob"))], boundary: [allow("s3:*")] }, "deny boundary implicit"],
    ["… unless the caller borrows the name", { key: [allow("kms:*", undefined, except("alice"))], more: { names: { own: [], behind: [] } } }, "allow default 1"],
    ["Deny: nor does a borrowed name spare", { ...spared("alice", "alice", "account"), more: { names: { own: [], behind: [] } } }, "deny resource explicit-deny default 2"],
    ["… nor a borrowed role", { ...spared("build", "build-1", "Builder", "account"), more: { names: { own: [PRINCIPALS["build-1"]], behind: [] } } }, "deny resource explicit-deny default 2"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});

// IAM User Guide, "AWS JSON policy elements: Principal".
describe("services, federated users and borrowed names", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["\"You can specify AWS services in the Principal element\"", { caller: "logs", identity: NOBODY, key: [allow("kms:*", undefined, SERVICE)] }, "allow default 1"],
    ["… another service is not meant", { caller: "logs", identity: NOBODY, key: [allow("kms:*", undefined, { Principal: { Service: "logs.amazonaws.com" } })] }, "deny resource implicit"],
    ["… nor is a service by the account", { caller: "logs", key: [DELEGATES] }, "deny resource implicit"],
    ["… but by everyone", { caller: "logs", identity: NOBODY, key: [allow("kms:*", "everyone")] }, "allow default 1"],
    ["… wherever the key is", { caller: "logs", identity: NOBODY, key: [allow("kms:*", undefined, SERVICE)], more: { resourceAccount: "444455556666" } }, "allow default 1"],
    ["a Deny on the service", { caller: "logs", key: [allow("kms:*", "everyone"), deny("kms:*", undefined, SERVICE)] }, "deny resource explicit-deny default 2"],
    ["a service has no right without a policy of the resource's", { caller: "logs", key: null, identity: NOBODY, action: "kms:ListKeys", on: "*" }, "deny identity implicit"],
    ["a federated user by the session's ARN", { caller: "frida", identity: NOBODY, key: [allow("kms:*", "Frida")] }, "allow default 1"],
    ["… by the user who federated", { caller: "frida", identity: NOBODY, key: [allow("kms:*", "alice")] }, "allow default 1"],
    ["… not by another", { caller: "frida", key: [allow("kms:*", "bob")] }, "deny resource implicit"],
    ["… by the account, within the identity policies", { caller: "frida", key: [DELEGATES] }, "allow attached 1"],
    ["… and the user is not the session", { key: [allow("kms:*", "Frida")] }, "deny resource implicit"],
    ["a Deny on the user who federated", { caller: "frida", key: [DELEGATES, deny("kms:*", "alice")] }, "deny resource explicit-deny default 2"],
    ["a session of an unknown role is still that session", { caller: "build", identity: NOBODY, key: [allow("kms:*", "build-1")], more: { caller: { ...without(CALLERS.build) } } }, "allow default 1"],
    ["\"if you delete and recreate\" the user, the policy \"no longer applies\"", { key: [allow("kms:*", "alice")], more: { names: { own: [], behind: [] } } }, "deny resource implicit"],
    ["… nor its Deny", { key: [DELEGATES, deny("kms:*", "alice")], more: { names: { own: [], behind: [] } } }, "allow attached 1"],
    ["… for a role", { caller: "build", key: [allow("kms:*", "Builder")], more: { names: { own: [PRINCIPALS["build-1"]], behind: [] } } }, "deny resource implicit"],
    ["… whose session is still named by itself", { caller: "build", key: [allow("kms:*", "build-1")], more: { names: { own: [PRINCIPALS["build-1"]], behind: [] } } }, "allow default 1"],
    ["… the account is asked all the same", { key: [allow("kms:*", "alice"), DELEGATES], more: { names: { own: [], behind: [] } } }, "allow attached 1"],
    ["\"The account ARN and the shortened account ID behave the same way\"", { caller: "root", identity: NOBODY, key: [allow("kms:*", "account id")] }, "allow default 1"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});

// The trust policy of a role stands in the key policy's place; the resource is the role.
describe("who may assume a role", () => {
  const GITHUB = CALLERS.github.arn;
  const claim = { StringEquals: { "token.actions.githubusercontent.com:sub": "repo:x" } };
  const assume = (principal: unknown, caller: Name, says: Record<string, string> = {}, more: Element = {}, effect = "Allow") => {
    const statement = { Effect: effect, Principal: principal, Action: "sts:Assume*", ...more };
    const first = effect === "Deny" ? [{ Effect: "Allow", Principal: "*", Action: "sts:*" }] : [];
    return spell(
      evaluate({
        action: "sts:AssumeRole",
        resource: PRINCIPALS.Builder,
        resourceAccount: OWN,
        caller: CALLERS[caller],
        keyPolicy: compilePolicy(document([...first, statement]), "trust"),
        identityPolicies: caller === "alice" ? [{ name: "attached", policy: compilePolicy(document([ADMIN]), "identity") }] : [],
        context: (key) => says[key],
      }),
    );
  };

  // biome-ignore format: one row a line
  test.each<[string, string, string]>([
    ["the account trusts, and the identity policies allow", assume({ AWS: OWN }, "alice"), "allow attached 1"],
    ["… without one", assume({ AWS: OWN }, "bob"), "deny identity implicit"],
    ["a user by name", assume({ AWS: PRINCIPALS.bob }, "bob"), "allow default 1"],
    ["a user of another account needs both sides", assume({ AWS: PRINCIPALS.eve }, "eve"), "deny identity implicit"],
    ["a service", assume(SERVICE.Principal, "logs"), "allow default 1"],
    ["an identity provider", assume({ Federated: GITHUB }, "github"), "allow default 1"],
    ["… another", assume({ Federated: `${GITHUB}x` }, "github"), "deny resource implicit"],
    ["… is no service", assume({ Service: "token.actions.githubusercontent.com" }, "github"), "deny resource implicit"],
    ["… with a claim that holds", assume({ Federated: GITHUB }, "github", { "token.actions.githubusercontent.com:sub": "repo:x" }, { Condition: claim }), "allow default 1"],
    ["… with another", assume({ Federated: GITHUB }, "github", { "token.actions.githubusercontent.com:sub": "repo:y" }, { Condition: claim }), "deny resource implicit"],
    ["… a Deny by a claim", assume({ Federated: GITHUB }, "github", { "token.actions.githubusercontent.com:sub": "repo:x" }, { Condition: claim }, "Deny"), "deny resource explicit-deny default 2"],
    ["… of all but one provider", assume(undefined, "github", {}, { NotPrincipal: { Federated: GITHUB } }, "Deny"), "allow default 1"],
    ["… of all but another", assume(undefined, "github", {}, { NotPrincipal: { Federated: "accounts.google.com" } }, "Deny"), "deny resource explicit-deny default 2"],
    ["… a Deny on a user", assume({ AWS: PRINCIPALS.alice }, "github", {}, {}, "Deny"), "allow default 1"],
  ])("%s", (_, found, verdict) => expect(found).toBe(verdict));
});

function without({ account, arn, kind }: (typeof CALLERS)["build"]) {
  return { account, arn, kind };
}
