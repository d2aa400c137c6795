import { expect, test } from "vitest";
import { readJson } from "#domain/policy/json";

const refused = expect.objectContaining({ name: "MalformedPolicyDocumentException" });
const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;

test.each([lists, objects])("ten levels are read and eleven are not (%o)", (nested) => {
  expect(() => readJson(nested(10))).not.toThrow();
  expect(() => readJson(nested(11))).toThrow(refused);
});

test("the depth of one part is not that of the next", () => {
  expect(readJson(`[${lists(9)}, ${objects(9)}, ${lists(9)}, 1]`)).toHaveLength(4);
  expect(readJson(`{"a": ${objects(9)}, "b": ${lists(9)}, "c": 1}`)).toHaveProperty("size", 3);
});

test.each(["1", "-0.5e+3", " 1\t\r\n", '"a"', "true", "null", '{"a":1}', "[1,2]"])("%s is a whole text", (text) => {
  expect(() => readJson(text)).not.toThrow();
});

test.each([
  "",
  " ",
  "1 2",
  "1]",
  "[1",
  '"a',
  '"a\\"',
  "'a'",
  "{a:1}",
  '{a":1}',
  '{1:"a"}',
  '{"a" 1}',
  '{"a":1',
  "tru",
  "+1",
  "1e",
  "\u00a01",
  "[1,]",
])("%s is none", (text) => {
  expect(() => readJson(text)).toThrow(refused);
});
