import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePolicy } from "#domain/policy/compile";
import type { PolicyKind } from "#domain/policy/dialect";
import { readPolicy } from "#domain/policy/document";
import { type Decision, evaluate } from "#domain/policy/evaluate";
import { formatPolicy } from "#domain/policy/format";
import {
  allow,
  CALLERS,
  CONDITION,
  deny,
  document,
  type Element,
  KEY,
  type Name,
  OTHER_KEY,
  OWN,
  PRINCIPALS,
  UNHEARD,
  type Who,
} from "./cast.ts";

const ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"] as const;
const action = fc.constantFrom<string>(...ACTIONS, "kms:*", "kms:De*", "*", "s3:*");
const who = fc.constantFrom(...(Object.keys(PRINCIPALS) as Who[]));
const resource = fc.constantFrom<Element>({}, { Resource: KEY }, { Resource: OTHER_KEY }, { Resource: undefined, NotResource: OTHER_KEY });
const extra = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Element>({}) },
  { weight: 1, arbitrary: fc.constantFrom<Element>(CONDITION, UNHEARD) },
);
const effect = fc.constantFrom(allow, deny);

const keyStatement = fc.tuple(effect, action, who, extra).map(([make, what, whom, more]) => make(what, whom, more));
const identityStatement = fc
  .tuple(effect, action, resource, extra)
  .map(([make, what, where, more]) => make(what, undefined, { ...where, ...more }));
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
const situation = fc.record({
  key: fc.option(fc.array(keyStatement, { minLength: 1, maxLength: 5 })),
  identity: fc.array(fc.array(identityStatement, { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
  caller: fc.constantFrom(...(Object.keys(CALLERS) as Name[])),
  action: fc.constantFrom(...ACTIONS),
  secure: fc.boolean(),
  session: rarely(fc.array(fc.array(identityStatement, { minLength: 1, maxLength: 2 }), { maxLength: 2 })),
  boundary: rarely(fc.array(identityStatement, { minLength: 1, maxLength: 3 })),
  service: rarely(fc.array(fc.array(identityStatement, { minLength: 1, maxLength: 2 }), { maxLength: 2 })),
  grants: fc.array(fc.constantFrom(...Object.values(PRINCIPALS)), { maxLength: 2 }),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function decide(
  { key, identity, caller, secure, session, boundary, service, grants, action: asked }: Situation,
  read = compilePolicy,
): Decision {
  const named = (policies: readonly (readonly Element[])[], kind: PolicyKind) =>
    policies.map((statements, index) => ({ name: `${index}`, policy: read(document(statements), kind) }));
  return evaluate({
    context: (key) => (key === "aws:securetransport" && secure ? "true" : undefined),
    action: asked,
    resource: KEY,
    resourceAccount: OWN,
    caller: CALLERS[caller],
    ...(key === null ? {} : { keyPolicy: read(document(key), "key") }),
    identityPolicies: named(identity, "identity"),
    ...(session === null ? {} : { sessionPolicies: named(session, "session") }),
    ...(boundary === null ? {} : { boundary: { name: "boundary", policy: read(document(boundary), "identity") } }),
    ...(service === null ? {} : { guardRails: { caller: named(service, "guard-rail") } }),
    ...(key === null ? {} : { granted: grants.map((to) => ({ id: to, to })) }),
  });
}

const verdict = (decision: Decision) => (decision.allowed ? "allow" : `${decision.because} ${decision.side}`);
const within = <T>(list: readonly T[], place: number, added: T): T[] => list.toSpliced(place % (list.length + 1), 0, added);

test("an added Deny never allows", () => {
  fc.assert(
    fc.property(situation, keyStatement, identityStatement, fc.nat(), (before, inKey, inIdentity, place) => {
      fc.pre(!decide(before).allowed);
      const withKey = before.key && { ...before, key: within(before.key, place, { ...inKey, Effect: "Deny" }) };
      const withIdentity = { ...before, identity: within(before.identity, place, [{ ...inIdentity, Effect: "Deny" }]) };
      expect([withKey && decide(withKey).allowed, decide(withIdentity).allowed]).not.toContain(true);
    }),
    { numRuns: 400 },
  );
});

test("a bound or a Deny that is added anywhere never allows", () => {
  fc.assert(
    fc.property(situation, identityStatement, fc.nat(), (before, statement, place) => {
      fc.pre(!decide(before).allowed);
      const denying = { ...statement, Effect: "Deny" };
      const bounded: Situation[] = [
        { ...before, session: before.session ?? [[statement]] },
        { ...before, session: before.session && within(before.session, place, [denying]) },
        { ...before, boundary: before.boundary ? within(before.boundary, place, denying) : [statement] },
        // One of several service control policies must allow, so only the first one is a bound, and later only a Deny.
        { ...before, service: before.service?.length ? within(before.service, place, [denying]) : [[statement]] },
      ];
      expect(bounded.map((each) => decide(each).allowed)).not.toContain(true);
    }),
    { numRuns: 400 },
  );
});

test("an added Allow never refuses", () => {
  fc.assert(
    fc.property(situation, keyStatement, identityStatement, fc.nat(), (before, inKey, inIdentity, place) => {
      fc.pre(decide(before).allowed);
      const withKey = before.key && { ...before, key: within(before.key, place, { ...inKey, Effect: "Allow" }) };
      const withIdentity = { ...before, identity: within(before.identity, place, [{ ...inIdentity, Effect: "Allow" }]) };
      expect([withKey && decide(withKey).allowed, decide(withIdentity).allowed]).not.toContain(false);
    }),
    { numRuns: 400 },
  );
});

test("an added statement that is not understood never allows", () => {
  fc.assert(
    fc.property(situation, keyStatement, identityStatement, fc.nat(), (before, inKey, inIdentity, place) => {
      fc.pre(!decide(before).allowed);
      const withKey = before.key && { ...before, key: within(before.key, place, { ...inKey, ...UNHEARD }) };
      const withIdentity = { ...before, identity: within(before.identity, place, [{ ...inIdentity, ...UNHEARD }]) };
      expect([withKey && decide(withKey).allowed, decide(withIdentity).allowed]).not.toContain(true);
    }),
    { numRuns: 400 },
  );
});

test("the order of statements and of policies is irrelevant", () => {
  fc.assert(
    fc.property(situation, (given) => {
      const turned = {
        ...given,
        key: given.key?.toReversed() ?? null,
        identity: given.identity.map((each) => each.toReversed()).toReversed(),
        session: given.session?.map((each) => each.toReversed()).toReversed() ?? null,
        boundary: given.boundary?.toReversed() ?? null,
        service: given.service?.map((each) => each.toReversed()).toReversed() ?? null,
        grants: given.grants.toReversed(),
      };
      expect(verdict(decide(turned))).toBe(verdict(decide(given)));
    }),
    { numRuns: 400 },
  );
});

test("re-serialising a policy changes nothing", () => {
  fc.assert(
    fc.property(situation, (given) => {
      expect(decide(given, (text, kind) => readPolicy(formatPolicy(text), kind))).toEqual(decide(given));
    }),
    { numRuns: 300 },
  );
});

test("without any Allow nobody is allowed, but the root user where identity policies decide", () => {
  fc.assert(
    fc.property(situation, (given) => {
      const key = given.key?.map((statement) => ({ ...statement, Effect: "Deny" })) ?? null;
      const identity = given.identity.map((each) => each.map((statement) => ({ ...statement, Effect: "Deny" })));
      const decision = decide({ ...given, key, identity, grants: [] });
      expect(decision.allowed).toBe(decision.allowed && key === null && given.caller === "root");
    }),
    { numRuns: 300 },
  );
});
