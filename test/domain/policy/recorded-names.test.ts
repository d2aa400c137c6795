/** By which names a policy means somebody who was renamed, or replaced, since it was written. */
import { describe, expect, test } from "vitest";
import { acceptPolicy } from "#domain/policy/accept";
import { evaluate } from "#domain/policy/evaluate";
import { explain } from "#domain/policy/explain";
import { recordedNames } from "#domain/policy/recorded-names";
import { acceptTrust } from "#domain/role";
import { ADMIN, allow, CALLERS, DELEGATES, deny, document, type Element, OWN, PRINCIPALS, requestOf, spell } from "./cast.ts";

/** Callers as they are now, with the unique ids that they have had from the start. */
const ALICE = { ...CALLERS.alice, id: "AIDAALICE" };
const ANNE = { ...ALICE, arn: `arn:aws:iam::${OWN}:user/anne` };
const MOVED = { ...ALICE, arn: `arn:aws:iam::${OWN}:user/staff/alice` };
const NEXT_ALICE = { ...ALICE, id: "AIDANEXT" };
const BUILD = { ...CALLERS.build, id: "AROABUILDER:build-1" };
const BUILD_2 = { ...CALLERS.build2, id: "AROABUILDER:build-2" };
const NEXT_BUILD = { ...BUILD, id: "AROANEXT:build-1" };
const SERVANT = { ...CALLERS.build, behind: `arn:aws:iam::${OWN}:role/Builder`, id: "AROANEXT:build-1" };
const behind = (user: typeof ALICE) => ({
  ...CALLERS.frida,
  behind: user.arn,
  id: `${OWN}:Frida`,
  session: { issuer: { type: "IAMUser", id: user.id, name: "" } } as never,
});
const ROOT = { ...CALLERS.root, id: OWN };

type Somebody = Parameters<typeof recordedNames>[1] & { readonly account: string };

const KEPT: Readonly<Record<string, string>> = {
  [PRINCIPALS.alice]: "AIDAALICE",
  [PRINCIPALS.Builder]: "AROABUILDER",
  [PRINCIPALS["build-1"]]: "AROABUILDER",
};

function asked(caller: Somebody, statements: readonly Element[], recorded: Readonly<Record<string, string>>) {
  const names = recordedNames(recorded, caller);
  return requestOf({ key: statements, identity: [ADMIN], more: { caller, ...(names && { names }) } });
}

const but = (...arns: readonly string[]): Element => ({ Principal: undefined, NotPrincipal: { AWS: arns } });
const { alice, Builder, account } = PRINCIPALS;
const build1 = PRINCIPALS["build-1"];
const GIVEN = "allow default 1";
const TAKEN = "deny resource explicit-deny default 2";
const NAMED = "deny resource implicit";
const FREE = "allow attached 1";

/** What an Allow of this principal gives each caller, and what a Deny of it takes. */
describe("a statement of the key policy", () => {
  test.each<[says: string, who: keyof typeof PRINCIPALS, caller: Somebody, isMeant: boolean]>([
    ["a user", "alice", ALICE, true],
    ["a user who has another name now", "alice", ANNE, true],
    ["a user who has another path now", "alice", MOVED, true],
    ["not who has the user's name now", "alice", NEXT_ALICE, false],
    ["a federated user by the user behind", "alice", behind(ALICE), true],
    ["… who has another name now", "alice", behind(ANNE), true],
    ["… but not by who has that name now", "alice", behind(NEXT_ALICE), false],
    ["a federated user itself, whose name is not kept", "Frida", behind(ANNE), true],
    ["a session by its role", "Builder", BUILD, true],
    ["… but not by another role of that name", "Builder", NEXT_BUILD, false],
    ["a session itself", "build-1", BUILD, true],
    ["… but not of another role of that name", "build-1", NEXT_BUILD, false],
    ["… nor if that has another path", "build-1", SERVANT, false],
    ["no other session of the role by that one's name", "build-1", BUILD_2, false],
    ["no user by a session", "build-1", ALICE, false],
    ["a user whose name was not kept", "bob", { ...CALLERS.bob, id: "AIDABOB" }, true],
    ["not that user under another name", "bob", { ...CALLERS.bob, arn: `arn:aws:iam::${OWN}:user/robert`, id: "AIDABOB" }, false],
  ])("means %s", (_, who, caller, isMeant) => {
    const given = evaluate(asked(caller, [allow("kms:*", who)], KEPT));
    const taken = evaluate(asked(caller, [{ ...allow("kms:*"), Principal: "*" }, deny("kms:*", who)], KEPT));
    expect([spell(given), spell(taken)]).toEqual([isMeant ? GIVEN : NAMED, isMeant ? TAKEN : "allow default 1"]);
  });

  test.each<[says: string, arns: readonly string[], caller: Somebody, isSpared: boolean]>([
    ["a user who has another name now", [account, alice], ANNE, true],
    ["not who has the user's name now", [account, alice], NEXT_ALICE, false],
    ["a session", [account, Builder, build1], BUILD, true],
    ["not a session of another role of that name", [account, Builder, build1], NEXT_BUILD, false],
    ["not another session of the role", [account, Builder, build1], BUILD_2, false],
    ["a federated user of one who has another name now", [account, alice, PRINCIPALS.Frida], behind(ANNE), true],
    ["the root user, who has no such name", [account, alice], ROOT, true],
  ])("spares by NotPrincipal %s", (_, arns, caller, isSpared) => {
    expect(spell(evaluate(asked(caller, [DELEGATES, deny("kms:*", undefined, but(...arns))], KEPT)))).toBe(
      isSpared ? (caller.kind === "root" ? GIVEN : FREE) : TAKEN,
    );
  });

  test.each<[says: string, caller: Somebody, verdict: string]>([
    ["who has another name now", ANNE, NAMED],
    ["but not who has the name", NEXT_ALICE, GIVEN],
  ])("leaves out by NotPrincipal of an Allow %s", (_, caller, verdict) => {
    expect(spell(evaluate(asked(caller, [allow("kms:*", undefined, but(alice))], KEPT)))).toBe(verdict);
  });

  test("means a session whose role was not there then, by its text", () => {
    expect(spell(evaluate(asked(BUILD, [allow("kms:*", "build-1")], { [alice]: "AIDAALICE" })))).toBe(GIVEN);
  });

  test("means a user by each name that is kept for it, and by its present one only if that was nobody's", () => {
    const bob = PRINCIPALS.bob;
    expect(recordedNames({ [alice]: "AIDAALICE", [bob]: "AIDAALICE" }, ANNE)).toEqual({ own: [alice, bob, ANNE.arn], behind: [] });
    expect(recordedNames({ [alice]: "AIDAALICE", [ANNE.arn]: "AIDAGONE" }, ANNE)).toEqual({ own: [alice], behind: [] });
    expect(recordedNames({}, ANNE)).toBeUndefined();
  });

  test("limits a session by its role, and not by its own name, to its own policies", () => {
    const limited = (statement: Element) => evaluate({ ...asked(BUILD, [statement], KEPT), sessionPolicies: [] });
    expect([spell(limited(allow("kms:*", "build-1"))), spell(limited(allow("kms:*", "Builder")))]).toEqual([
      GIVEN,
      "deny session implicit",
    ]);
  });

  test("is explained by the name that it has for the caller", () => {
    const request = asked(ANNE, [DELEGATES, deny("kms:*", "alice")], KEPT);
    const { decision, statements } = explain(request);
    expect(decision).toEqual(evaluate(request));
    expect(statements.find(({ effect }) => effect === "Deny")).toMatchObject({
      relation: "direct",
      parts: [{ part: "Principal", wanted: [alice], found: [ANNE.arn, alice], matched: "yes" }, { part: "Resource" }],
      speaks: "yes",
    });
  });
});

describe("a policy that names a session", () => {
  const idOf = async (arn: string) => KEPT[arn];
  const statements = (who: keyof typeof PRINCIPALS) => document([DELEGATES, allow("kms:*", who)]);
  const trust = (who: keyof typeof PRINCIPALS) =>
    document([{ Effect: "Allow", Principal: { AWS: PRINCIPALS[who] }, Action: "sts:AssumeRole" }]);
  const accepted = (who: keyof typeof PRINCIPALS) =>
    acceptPolicy({ text: statements(who), region: "us-east-1", caller: CALLERS.alice, bypassLockoutCheck: false, idOf });

  test.each<[says: string, who: keyof typeof PRINCIPALS, kept: object]>([
    ["is kept with the id of its role", "build-1", { [build1]: "AROABUILDER" }],
    ["is kept without, if there is no such role", "other build-1", {}],
  ])("%s", async (_, who, kept) => {
    expect((await accepted(who)).principals).toEqual(kept);
    expect((await acceptTrust(trust(who), idOf)).principals).toEqual(kept);
    expect((await acceptTrust(trust(who), undefined)).principals).toEqual({});
  });
});
