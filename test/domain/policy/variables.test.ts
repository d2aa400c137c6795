import { describe, expect, test } from "vitest";
import { compilePolicy } from "#domain/policy/compile";
import { evaluate } from "#domain/policy/evaluate";
import {
  ALIAS,
  allow,
  CALLERS,
  type Case,
  DELEGATES,
  deny,
  document,
  KEY,
  keyPolicy,
  OWN,
  outcome,
  type Says,
  saying,
  spell,
} from "./cast.ts";
import { type Row, table } from "./holds.ts";

/** A variable: `${key}`. */
const v = (key: string) => `\${${key}}`;
const equals = (wanted: string, operator = "StringEquals") => ({ [operator]: { "aws:ResourceTag/Owner": wanted } });
const owned = (owner: string, more: Says = {}) => ({ "aws:ResourceTag/Owner": owner, "aws:username": "alice", ...more });

// IAM User Guide, "IAM policy elements: Variables and tags".
describe("in conditions", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["\"IAM replaces the variable with the friendly name of the actual current user\"", equals(v("aws:username")), owned("alice"), "yes"],
    ["… of another", equals(v("aws:username")), owned("bob"), "no"],
    ["\"Key names are case-insensitive\"", equals(v("AWS:UserName")), owned("alice"), "yes"],
    ["with text around it", equals(`team-${v("aws:username")}-x`), owned("team-alice-x"), "yes"],
    ["… that differs", equals(`team-${v("aws:username")}-x`), owned("team-alice-y"), "no"],
    ["twice", equals(v("aws:username") + v("aws:username")), owned("alicealice"), "yes"],
    ["negated", equals(v("aws:username"), "StringNotEquals"), owned("alice"), "no"],
    ["… of another", equals(v("aws:username"), "StringNotEquals"), owned("bob"), "yes"],
    ["ignoring case", equals(v("aws:username"), "StringEqualsIgnoreCase"), owned("ALICE"), "yes"],
    ["with wildcards around it", equals(`*${v("aws:username")}?`, "StringLike"), owned("team-alice1"), "yes"],
    ["a tag of the caller's", equals(v("aws:PrincipalTag/Team")), owned("red", { "aws:PrincipalTag/Team": "red" }), "yes"],
    ["a tag with a space in its name", equals(v("aws:PrincipalTag/My Team")), owned("red", { "aws:PrincipalTag/My Team": "red" }), "yes"],
    ["one of several values", { StringEquals: { "aws:ResourceTag/Owner": ["root", v("aws:username")] } }, owned("alice"), "yes"],
    ["… the other one", { StringEquals: { "aws:ResourceTag/Owner": ["root", v("aws:username")] } }, owned("root"), "yes"],
    ["a * in a value is no wildcard", equals(v("aws:PrincipalTag/Team"), "StringLike"), owned("red", { "aws:PrincipalTag/Team": "*" }), "no"],
    ["… but that letter", equals(v("aws:PrincipalTag/Team"), "StringLike"), owned("*", { "aws:PrincipalTag/Team": "*" }), "yes"],
    ["… nor is a ?", equals(v("aws:PrincipalTag/Team"), "StringLike"), owned("r", { "aws:PrincipalTag/Team": "?" }), "no"],
    ["a variable in a value is text", equals(v("aws:PrincipalTag/Team")), owned("alice", { "aws:PrincipalTag/Team": v("aws:username") }), "no"],
    ["in an ARN", { ArnLike: { "aws:SourceArn": `arn:aws:s3:::${v("aws:username")}-*` } }, { "aws:SourceArn": "arn:aws:s3:::alice-x", "aws:username": "alice" }, "yes"],
    ["… of another", { ArnLike: { "aws:SourceArn": `arn:aws:s3:::${v("aws:username")}-*` } }, { "aws:SourceArn": "arn:aws:s3:::bob-x", "aws:username": "alice" }, "no"],
    ["… as its account", { ArnLike: { "aws:SourceArn": `arn:aws:s3::${v("aws:PrincipalAccount")}:x` } }, { "aws:SourceArn": "arn:aws:s3::1:x", "aws:PrincipalAccount": "1" }, "yes"],
    ["… whose colons part nothing", { ArnLike: { "aws:SourceArn": `arn:aws:s3::${v("aws:username")}:x` } }, { "aws:SourceArn": "arn:aws:s3::1:x:x", "aws:username": "1:x" }, "no"],
    ["… whose * is no wildcard", { ArnLike: { "aws:SourceArn": `arn:aws:s3:::${v("aws:username")}` } }, { "aws:SourceArn": "arn:aws:s3:::x", "aws:username": "*" }, "no"],
    ["the whole ARN", { ArnEquals: { "aws:SourceArn": v("aws:PrincipalArn") } }, { "aws:SourceArn": KEY, "aws:PrincipalArn": KEY }, "yes"],
    ["… another", { ArnEquals: { "aws:SourceArn": v("aws:PrincipalArn") } }, { "aws:SourceArn": KEY, "aws:PrincipalArn": ALIAS }, "no"],
    ["… that is not there", { ArnEquals: { "aws:SourceArn": v("aws:PrincipalArn") } }, { "aws:SourceArn": KEY }, "no"],
    ["… that is not known", { ArnEquals: { "aws:SourceArn": v("aws:Unheard") } }, { "aws:SourceArn": KEY }, "unknown"],
    ["… of what is no ARN", { ArnEquals: { "aws:SourceArn": v("aws:PrincipalArn") } }, { "aws:SourceArn": "x", "aws:PrincipalArn": "x" }, "unknown"],
    ["an asterisk can be escaped", equals(`a${v("*")}b`, "StringLike"), owned("a*b"), "yes"],
    ["… and nothing else", equals(`a${v("*")}b`, "StringLike"), owned("axb"), "no"],
    ["a question mark can be escaped", equals(`a${v("?")}b`, "StringLike"), owned("a?b"), "yes"],
    ["… and nothing else", equals(`a${v("?")}b`, "StringLike"), owned("axb"), "no"],
    ["a dollar sign can be escaped", equals(`${v("$")}{aws:username}`), owned(v("aws:username")), "yes"],
    ["a dollar sign alone is one", equals("$5 {x}"), owned("$5 {x}"), "yes"],
    ["a brace and a quote before it are letters", equals(`}'${v("aws:username")}'`), owned("}'alice'"), "yes"],
    ["with a default", equals(v("aws:userid, 'anonymous'")), owned("anonymous"), "yes"],
    ["… that is not needed", equals(v("aws:userid, 'anonymous'")), owned("AIDA", { "aws:userid": "AIDA" }), "yes"],
    ["… then it does not match", equals(v("aws:userid, 'anonymous'")), owned("anonymous", { "aws:userid": "AIDA" }), "no"],
    ["… with an empty default", equals(`x${v("aws:userid, ''")}`), owned("x"), "yes"],
    ["… with a brace and a quote in it", equals(v("aws:userid, 'a}b''c'")), owned("a}b'c"), "yes"],
    ["… whose * is a letter", equals(v("aws:userid, '*'"), "StringLike"), owned("x"), "no"],
    ["\"If a variable … has no value\", StringEquals does not match", equals(v("aws:userid")), owned("x"), "no"],
    ["… not even nothing", equals(v("aws:userid")), owned(""), "no"],
    ["… nor with text around it", equals(`x${v("aws:userid")}`, "StringLike"), owned("x"), "no"],
    ["\"Inverted condition operators … do match against a null value\"", equals(v("aws:userid"), "StringNotEquals"), owned("x"), "yes"],
    ["… StringNotLike", equals(v("aws:userid"), "StringNotLike"), owned("x"), "yes"],
    ["… ArnNotLike", { ArnNotLike: { "aws:SourceArn": `arn:aws:s3:::${v("aws:userid")}` } }, { "aws:SourceArn": "arn:aws:s3:::x" }, "yes"],
    ["a key that is not known cannot be judged", equals(v("aws:Unheard")), owned("x"), "unknown"],
    ["… nor with a default", equals(v("aws:Unheard, 'x'")), owned("x"), "unknown"],
    ["… nor when negated", equals(v("aws:Unheard"), "StringNotEquals"), owned("x"), "unknown"],
    ["… nor in a part of an ARN", { ArnLike: { "aws:SourceArn": `arn:aws:s3:::${v("aws:Unheard")}` } }, { "aws:SourceArn": "arn:aws:s3:::x" }, "unknown"],
    ["… whose other parts decide", { ArnLike: { "aws:SourceArn": `arn:aws:sqs:::${v("aws:Unheard")}` } }, { "aws:SourceArn": "arn:aws:s3:::x" }, "no"],
    ["… where another value decides", { StringEquals: { "aws:ResourceTag/Owner": [v("aws:Unheard"), "x"] } }, owned("x"), "yes"],
    ["a key with several values \"can't be used as a policy variable\"", equals(v("aws:TagKeys")), owned("a", { "aws:TagKeys": ["a", "b"] }), "unknown"],
    ["… with one it is that one", equals(v("aws:TagKeys")), owned("a", { "aws:TagKeys": ["a"] }), "yes"],
    ["… with none it has no value", equals(v("aws:TagKeys")), owned("a", { "aws:TagKeys": [] }), "no"],
    ["… but a default", equals(v("aws:TagKeys, 'a'")), owned("a", { "aws:TagKeys": [] }), "yes"],
  ];
  table("variable", ROWS);
});

const keyOf = (name: string) => `arn:aws:kms:us-east-1:${OWN}:alias/${name}`;
const alias = (more: Record<string, unknown>, effect = allow) => effect("kms:UpdateAlias", undefined, more);
const update = { key: null, action: "kms:UpdateAlias" } as const;
const MINE = { Resource: keyOf(`${v("aws:username")}/*`) };
const NOT_MINE = { Resource: undefined, NotResource: keyOf(`${v("aws:username")}/*`) };

// "This portion of the ARN appears after the fifth colon (:)."
describe("in Resource and NotResource", () => {
  // biome-ignore format: one row a line
  test.each<Case>([
    ["\"refers to only\" what is named like the value", { ...update, identity: [alias(MINE)], on: keyOf("alice/x"), says: { "aws:username": "alice" } }, "allow attached 1"],
    ["… nothing else", { ...update, identity: [alias(MINE)], on: keyOf("bob/x"), says: { "aws:username": "alice" } }, "deny identity implicit"],
    ["a value that ends like the resource is no wildcard", { ...update, identity: [alias(MINE)], on: keyOf("bob/x"), says: { "aws:username": "*" } }, "deny identity implicit"],
    ["one of several resources", { ...update, identity: [alias({ Resource: [ALIAS, MINE.Resource] })], on: keyOf("alice/x"), says: { "aws:username": "alice" } }, "allow attached 1"],
    ["… another one of them", { ...update, identity: [alias({ Resource: [ALIAS, MINE.Resource] })], on: ALIAS, says: {} }, "allow attached 1"],
    ["with a default", { ...update, identity: [alias({ Resource: keyOf(`${v("aws:username, 'shared'")}/*`) })], on: keyOf("shared/x") }, "allow attached 1"],
    ["\"the resource that includes a policy variable with no value will not match any resource\"", { ...update, identity: [alias(MINE)], on: keyOf("alice/x") }, "deny identity implicit"],
    ["… in a Deny", { ...update, identity: [alias({}), alias(MINE, deny)], on: keyOf("alice/x") }, "allow attached 1"],
    ["… in NotResource, so that a Deny covers everything", { ...update, identity: [alias({}), alias(NOT_MINE, deny)], on: keyOf("alice/x") }, "deny identity explicit-deny attached 2"],
    ["NotResource in a Deny spares what is named like the value", { ...update, identity: [alias({}), alias(NOT_MINE, deny)], on: keyOf("alice/x"), says: { "aws:username": "alice" } }, "allow attached 1"],
    ["… and covers the rest", { ...update, identity: [alias({}), alias(NOT_MINE, deny)], on: keyOf("bob/x"), says: { "aws:username": "alice" } }, "deny identity explicit-deny attached 2"],
    ["a key that is not known allows nothing", { ...update, identity: [alias({ Resource: keyOf(v("aws:Unheard")) })], on: keyOf("x") }, "deny identity implicit"],
    ["… and refuses in a Deny", { ...update, identity: [alias({}), alias({ Resource: keyOf(v("aws:Unheard")) }, deny)], on: keyOf("x") }, "deny identity not-understood attached 2"],
    ["… in NotResource too", { ...update, identity: [alias({}), alias({ Resource: undefined, NotResource: keyOf(v("aws:Unheard")) }, deny)], on: keyOf("x") }, "deny identity not-understood attached 2"],
    ["… unless * stands beside it", { ...update, identity: [alias({ Resource: ["*", keyOf(v("aws:Unheard"))] })], on: keyOf("x") }, "allow attached 1"],
    ["an asterisk can be escaped", { ...update, identity: [alias({ Resource: keyOf(v("*")) })], on: keyOf("x") }, "deny identity implicit"],
    ["… that letter", { ...update, identity: [alias({ Resource: keyOf(v("*")) })], on: keyOf("*") }, "allow attached 1"],
  ])("%s", (_, scene, verdict) => expect(outcome(scene)).toBe(verdict));
});

// `If you don't include the Version element and set it to an appropriate version date, variables like ${v("aws:username")} are treated as literal strings`.
describe("before version 2012-10-17", () => {
  const old = (statement: Record<string, unknown>, on: string, says: Says) => {
    const policy = compilePolicy(document([allow("kms:Sign", undefined, statement)], "2008-10-17"), "identity");
    const identityPolicies = [{ name: "old", policy }];
    const asked = { action: "kms:Sign", resource: on, resourceAccount: OWN, caller: CALLERS.alice, keyPolicy: keyPolicy(DELEGATES) };
    return spell(evaluate({ ...asked, identityPolicies, context: saying(says) }));
  };
  const condition = (wanted: string) => ({ Condition: { StringLike: { "aws:userid": wanted } } });

  // biome-ignore format: one row a line
  test.each<[string, string, string]>([
    ["a variable is text", old(condition(v("aws:username")), KEY, { "aws:userid": v("aws:username") }), "allow old 1"],
    ["… and stands for nothing", old(condition(v("aws:username")), KEY, { "aws:userid": "alice", "aws:username": "alice" }), "deny identity implicit"],
    ["what escapes later is a wildcard in braces", old(condition(v("*")), KEY, { "aws:userid": v("anything") }), "allow old 1"],
    ["a resource with a variable is text", old(MINE, keyOf(`${v("aws:username")}/x`), {}), "allow old 1"],
    ["… that stands for nothing", old(MINE, keyOf("alice/x"), { "aws:username": "alice" }), "deny identity implicit"],
    ["… also before the fifth colon", old({ Resource: `arn:aws:kms:${v("aws")}:1:key/x` }, `arn:aws:kms:${v("aws")}:1:key/x`, {}), "allow old 1"],
    ["and may be written as nobody could mean it", old(condition(v("aws:username").slice(0, -1)), KEY, { "aws:userid": v("aws:username").slice(0, -1) }), "allow old 1"],
  ])("%s", (_, found, verdict) => expect(found).toBe(verdict));
});
