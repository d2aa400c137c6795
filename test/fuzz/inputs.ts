/** Inputs of operations by their shapes: right ones, ones at the edge of what is right, and wrong ones. */
import { type Field, type Fields, type Shape, shapeOf } from "#wire/shape";
import type { Chance } from "../faults/chance.ts";
import { oddValue, oneOf, spoiltBase64, spoiltText } from "./spoil.ts";
import type { World } from "./world.ts";

/** Making these takes the processor for longer than a case may take. */
const SLOW = /^RSA_/;

type Known = World["known"];

/** An input with most of its members, some of them spoilt. */
export function inputOf(chance: Chance, fields: Fields, known: Known): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields))
    if (chance.of(isRequired(field) ? 0.95 : 0.3)) input[name] = memberOf(chance, name, field, known);
  if (chance.of(0.05)) input[oneOf(chance, ["Extra", "__proto__x", "constructor", ""])] = oddValue(chance);
  return input;
}

const isRequired = (field: Field): boolean => "field" in field && field.field === "required";

function memberOf(chance: Chance, name: string, field: Field, known: Known): unknown {
  const right = known.get(name);
  if (right && chance.of(0.7)) {
    const value = right[Math.floor(chance.between(0, right.length))];
    return typeof value === "string" && chance.of(0.25) ? (isBlob(shapeOf(field)) ? spoiltBase64 : spoiltText)(chance, value) : value;
  }
  return chance.of(0.8) ? shapedValue(chance, shapeOf(field), known) : oddValue(chance);
}

const isBlob = ({ kind }: Shape): boolean => kind === "blob";

function shapedValue(chance: Chance, shape: Shape, known: Known): unknown {
  switch (shape.kind) {
    case "string":
      return shape.values ? enumValue(chance, shape.values) : textOf(chance, shape.min, shape.max);
    case "blob":
      return Buffer.alloc(lengthOf(chance, shape.min, shape.max), Math.floor(chance.between(0, 256))).toString("base64");
    case "integer":
    case "double":
      return oneOf(chance, [shape.min ?? 0, (shape.min ?? 0) - 1, shape.max ?? 100, (shape.max ?? 100) + 1, chance.between(-10, 10), 1]);
    case "boolean":
      return chance.of(0.5);
    case "timestamp":
      return oneOf<unknown>(chance, [0, Date.now() / 1000, Date.now() / 1000 + 86_400, -1e12, 1e15, "2026-01-01T00:00:00Z", "never"]);
    case "list":
      return Array.from({ length: Math.floor(chance.between(0, 4)) }, () => shapedValue(chance, shape.of, known));
    case "map":
      return Object.fromEntries(
        Array.from({ length: Math.floor(chance.between(0, 4)) }, () => [textOf(chance, 0, 20), textOf(chance, 0, 20)]),
      );
    case "structure":
      return inputOf(chance, shape.fields, known);
    case "unavailable":
      return shapedValue(chance, shape.of, known);
  }
}

function enumValue(chance: Chance, values: readonly string[]): string {
  const quick = values.filter((value) => !SLOW.test(value));
  return chance.of(0.9)
    ? (quick[Math.floor(chance.between(0, quick.length))] ?? "")
    : oneOf(chance, ["", "unknown", values[0]?.toLowerCase() ?? ""]);
}

/** At most 10,000, whatever the shape allows. */
function lengthOf(chance: Chance, min = 0, max = 100): number {
  const longest = Math.min(max + 1, 10_000);
  return Math.max(0, Math.floor(oneOf(chance, [min, min - 1, longest - 1, longest, chance.between(min, Math.min(longest, 200))])));
}

const LETTERS: readonly string[] = [
  "a",
  "Z",
  "0",
  "-",
  "_",
  "/",
  ":",
  ".",
  "*",
  "?",
  "$",
  " ",
  "\n",
  "\0",
  "é",
  "\u{1f511}",
  "<",
  "&",
  '"',
  "\\",
  "\ud800",
];

function textOf(chance: Chance, min?: number, max?: number): string {
  const length = lengthOf(chance, min, max);
  return chance.of(0.5) ? "a".repeat(length) : Array.from({ length: Math.min(length, 300) }, () => oneOf(chance, LETTERS)).join("");
}

const EFFECTS: readonly unknown[] = ["Allow", "Deny", "allow", 1, null];
const PRINCIPALS: readonly unknown[] = [
  ...[
    "*",
    { AWS: "*" },
    { AWS: ["111122223333", 7] },
    { AWS: "arn:aws:iam::111122223333:root" },
    { Service: "s3.amazonaws.com" },
    { Federated: "x" },
    {},
    3,
  ],
];
const OPERATORS: readonly string[] = [
  ...[
    "StringEquals",
    "StringLike",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotLike",
    "NumericLessThan",
    "DateGreaterThan",
    "Bool",
    "Null",
  ],
  ...["IpAddress", "ArnLike", "BinaryEquals", "StringEqualsIfExists", "Nonsense", "ForAllValues:"],
];
const CONDITION_KEYS: readonly string[] = [
  ...[
    "kms:ViaService",
    "kms:EncryptionContext:a",
    "aws:PrincipalArn",
    "aws:SourceIp",
    "aws:CurrentTime",
    "kms:GrantIsForAWSResource",
    "",
    "a:b",
  ],
];
const PATTERNS: readonly unknown[] = [
  "*",
  "kms:*",
  "kms:Enc?ypt",
  "**?*?**",
  "",
  "s3:Get*",
  3,
  null,
  `${"*a".repeat(60)}b`,
  `arn:aws:kms:*:*:key/$\{aws:username}`,
];

/** A policy document by its grammar, now and then with something else in its place. */
export function policyOf(chance: Chance): string {
  const some = (values: readonly unknown[]): unknown =>
    chance.of(0.6) ? oneOf(chance, values) : [oneOf(chance, values), oneOf(chance, values)];
  const statement = (): unknown => {
    const made: Record<string, unknown> = { Effect: oneOf(chance, EFFECTS), [oneOf(chance, ["Action", "NotAction"])]: some(PATTERNS) };
    if (chance.of(0.8)) made[oneOf(chance, ["Principal", "NotPrincipal"])] = oneOf(chance, PRINCIPALS);
    if (chance.of(0.9)) made[oneOf(chance, ["Resource", "NotResource"])] = some(PATTERNS);
    if (chance.of(0.3)) made["Sid"] = textOf(chance, 0, 30);
    if (chance.of(0.5))
      made["Condition"] = {
        [oneOf(chance, OPERATORS)]: { [oneOf(chance, CONDITION_KEYS)]: some([...PATTERNS, ...EFFECTS] as [unknown, ...unknown[]]) },
      };
    if (chance.of(0.1)) made[oneOf(chance, ["Extra", "sid", "effect"])] = oddValue(chance);
    return chance.of(0.95) ? made : oddValue(chance);
  };
  const document: Record<string, unknown> = { Version: oneOf(chance, ["2012-10-17", "2008-10-17", "1", null]) };
  document["Statement"] = chance.of(0.9) ? Array.from({ length: Math.floor(chance.between(0, 5)) }, statement) : statement();
  if (chance.of(0.2)) document["Id"] = oddValue(chance);
  const text = JSON.stringify(document);
  return chance.of(0.85) ? text : spoiltText(chance, text);
}
