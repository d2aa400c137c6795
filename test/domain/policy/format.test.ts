import fc from "fast-check";
import { expect, test } from "vitest";
import { ADMINISTRATOR_ACCESS, defaultKeyPolicy } from "#domain/policy/default-policy";
import { parsePolicy } from "#domain/policy/document";
import { formatPolicy } from "#domain/policy/format";
import { DELEGATES, document, OWN } from "./cast.ts";

// aws-exact 53 and 139: what AWS answers for a key that was made without a policy.
const DEFAULT = `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::${OWN}:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`;

test("the default key policy is AWS's, letter for letter", () => {
  expect(defaultKeyPolicy(OWN, "aws")).toBe(DEFAULT);
  expect(defaultKeyPolicy(OWN, "aws-cn")).toBe(DEFAULT.replace("arn:aws:", "arn:aws-cn:"));
  expect(parsePolicy(DEFAULT, "key").principals).toEqual([{ form: "account", text: `arn:aws:iam::${OWN}:root`, account: OWN }]);
});

test("AdministratorAccess allows every action on every resource", () => {
  expect(ADMINISTRATOR_ACCESS.arn).toBe("arn:aws:iam::aws:policy/AdministratorAccess");
  expect(JSON.parse(ADMINISTRATOR_ACCESS.document)).toEqual({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  });
  expect(parsePolicy(ADMINISTRATOR_ACCESS.document, "identity").statements).toHaveLength(1);
});

test("objects are indented by two, lists stay on a line, colons have spaces on both sides", () => {
  const given =
    '{"Statement":[{"Action":["kms:Sign","kms:Verify"],"Condition":{"Bool":{"a":true},"NumericEquals":{"b":[1546257599.0,2]}}},{}],"Empty":[]}';
  expect(formatPolicy(given)).toBe(`{
  "Statement" : [ {
    "Action" : [ "kms:Sign", "kms:Verify" ],
    "Condition" : {
      "Bool" : {
        "a" : true
      },
      "NumericEquals" : {
        "b" : [ 1546257599.0, 2 ]
      }
    }
  }, { } ],
  "Empty" : [ ]
}`);
});

test("members keep their order, also where the name is a number", () => {
  expect(formatPolicy('{"b":"1","2":"2","1":"3"}')).toBe('{\n  "b" : "1",\n  "2" : "2",\n  "1" : "3"\n}');
});

test("escapes become letters where a letter can stand", () => {
  expect(formatPolicy(String.raw`{"Sid":"\u00e9\/\"\\\n"}`)).toBe(String.raw`{
  "Sid" : "é/\"\\\n"
}`);
});

test("formatting says the same, and formatting twice changes nothing", () => {
  const leaf = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("tree")), fc.dictionary(fc.string(), tie("tree"))),
  }));
  fc.assert(
    fc.property(tree, fc.boolean(), (value, spaced) => {
      const once = formatPolicy(JSON.stringify(value, null, spaced ? "\t" : ""));
      expect(JSON.stringify(JSON.parse(once))).toBe(JSON.stringify(JSON.parse(JSON.stringify(value))));
      expect(formatPolicy(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});

test("what is no JSON is refused", () => {
  expect(() => formatPolicy(document([DELEGATES]).slice(1))).toThrow("Syntax errors in policy.");
});
