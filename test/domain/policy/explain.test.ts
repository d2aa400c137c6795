import { expect, test } from "vitest";
import { compilePolicy } from "#domain/policy/compile";
import { evaluate } from "#domain/policy/evaluate";
import { explain } from "#domain/policy/explain";
import { ADMIN, allow, DELEGATES, deny, document, KEY, OTHER_KEY, outcome, PRINCIPALS, requestOf, type Scene, UNHEARD } from "./cast.ts";

const explained = (scene: Scene) => explain(requestOf(scene));
const SECURE = { Condition: { Bool: { "aws:SecureTransport": "true" }, StringLike: { "kms:ViaService": ["s3.*", "ec2.*"] } } };

test("each statement about the action is taken apart: what it wants, what the request has, whether the one is the other", () => {
  const key = [DELEGATES, allow("kms:Sign", "alice"), deny("kms:En*", "bob", { Sid: "Not Bob", ...SECURE })];
  expect(explained({ key, says: { "aws:SecureTransport": "true", "kms:ViaService": "ebs.x" } }).statements).toStrictEqual([
    {
      side: "resource",
      policy: "default",
      statement: 1,
      effect: "Allow",
      relation: "account",
      parts: [
        { part: "Principal", wanted: [PRINCIPALS.account], found: [PRINCIPALS.alice], matched: "yes" },
        { part: "Resource", wanted: ["*"], found: [KEY], matched: "yes" },
      ],
      speaks: "yes",
    },
    {
      side: "resource",
      policy: "default",
      statement: 3,
      sid: "Not Bob",
      effect: "Deny",
      relation: "none",
      parts: [
        { part: "Principal", wanted: [PRINCIPALS.bob], found: [PRINCIPALS.alice], matched: "no" },
        { part: "Resource", wanted: ["*"], found: [KEY], matched: "yes" },
        { part: "Condition", operator: "Bool", key: "aws:SecureTransport", wanted: ["true"], found: ["true"], matched: "yes" },
        { part: "Condition", operator: "StringLike", key: "kms:ViaService", wanted: ["s3.*", "ec2.*"], found: ["ebs.x"], matched: "no" },
      ],
      speaks: "no",
    },
    {
      side: "identity",
      policy: "attached",
      statement: 1,
      effect: "Allow",
      parts: [{ part: "Resource", wanted: ["*"], found: [KEY], matched: "yes" }],
      speaks: "yes",
    },
  ]);
});

test("exceptions are called by their names, and a session by both of its", () => {
  const key = [allow("kms:*", undefined, { Principal: undefined, NotPrincipal: { AWS: PRINCIPALS.bob } })];
  const identity = [allow("kms:*", undefined, { Resource: undefined, NotResource: [OTHER_KEY] })];
  const parts = explained({ caller: "build", key, identity }).statements.flatMap((statement) => statement.parts);
  expect(parts).toEqual([
    { part: "NotPrincipal", wanted: [PRINCIPALS.bob], found: [PRINCIPALS["build-1"], PRINCIPALS.Builder], matched: "yes" },
    { part: "Resource", wanted: ["*"], found: [KEY], matched: "yes" },
    { part: "NotResource", wanted: [OTHER_KEY], found: [KEY], matched: "yes" },
  ]);
});

test("what a request has none or several of, and what cannot be judged, is shown as that", () => {
  const Condition = {
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/b" },
    ...UNHEARD.Condition,
    Null: { "kms:RequestAlias": true },
  };
  const identity = [deny("kms:*", undefined, { Condition })];
  const [, statement] = explained({ identity, says: { "kms:ResourceAliases": ["alias/a", "alias/b"] } }).statements;
  expect(statement?.speaks).toBe("unknown");
  expect(statement?.parts.slice(1).map(({ key, found, matched }) => [key, found, matched])).toEqual([
    ["kms:ResourceAliases", ["alias/a", "alias/b"], "yes"],
    ["kms:Unheard", [], "unknown"],
    ["kms:RequestAlias", [], "yes"],
  ]);
});

test("every side is there, in the order in which it is asked, and grants", () => {
  const { statements } = explained({
    caller: "build",
    identity: [ADMIN],
    session: [[allow("kms:*")], [deny("kms:*")]],
    boundary: [ADMIN],
    service: [[ADMIN]],
    resource: [[deny("s3:*"), deny("kms:*")]],
    grants: [PRINCIPALS.Builder, PRINCIPALS.bob],
  });
  expect(statements.map(({ side, policy, statement, effect, speaks }) => `${side} ${policy} ${statement} ${effect} ${speaks}`)).toEqual([
    "service-control scp 1 1 Allow yes",
    "resource-control rcp 1 2 Deny yes",
    "resource default 1 Allow yes",
    "identity attached 1 Allow yes",
    "boundary boundary 1 Allow yes",
    "session session 1 1 Allow yes",
    "session session 2 1 Deny yes",
    "grant grant 1 undefined Allow yes",
    "grant grant 2 undefined Allow no",
  ]);
  expect(statements.at(-2)).toEqual({
    side: "grant",
    policy: "grant 1",
    effect: "Allow",
    relation: "behind",
    parts: [{ part: "Principal", wanted: [PRINCIPALS.Builder], found: [PRINCIPALS["build-1"], PRINCIPALS.Builder], matched: "yes" }],
    speaks: "yes",
  });
});

test("without a key policy only the caller's are there, and statements about other actions nowhere", () => {
  const { statements } = explained({ key: null, on: "*", action: "kms:ListKeys", identity: [allow("kms:Sign"), allow("kms:List*")] });
  expect(statements.map(({ side, statement }) => [side, statement])).toEqual([["identity", 2]]);
});

test("a statement that names somebody else speaks of nothing here, though all its other parts match", () => {
  const [statement] = explained({ key: [deny("kms:*", "bob")] }).statements;
  expect(statement).toMatchObject({ relation: "none", speaks: "no", parts: [{ matched: "no" }, { matched: "yes" }] });
});

test("the trust of a role has no resource to explain", () => {
  const trust = JSON.parse(document([allow("sts:AssumeRole", "alice")])) as { Statement: object[] };
  const text = JSON.stringify({ ...trust, Statement: [{ ...trust.Statement[0], Resource: undefined }] });
  const more = { keyPolicy: compilePolicy(text, "trust") };
  const [statement] = explained({ action: "sts:AssumeRole", more }).statements;
  expect(statement?.parts.map(({ part }) => part)).toEqual(["Principal"]);
});

test("the decision is the one that the call gets", () => {
  const scenes: readonly Scene[] = [{}, { identity: [] }, { key: [deny("kms:*", "alice", UNHEARD)] }, { grants: [PRINCIPALS.alice] }];
  for (const scene of scenes) expect(explained(scene).decision).toEqual(evaluate(requestOf(scene)));
  expect(scenes.map(outcome)).toEqual([
    "allow attached 1",
    "deny identity implicit",
    "deny resource not-understood default 1",
    "allow grant 1",
  ]);
});
