import { describe } from "vitest";
import { type Row, table } from "./holds.ts";

const via = (operator: string, wanted: string | readonly string[]) => ({ [operator]: { "kms:ViaService": wanted } });
const S3 = "s3.us-east-1.amazonaws.com";
const said = { "kms:ViaService": S3 };

// IAM User Guide, "IAM JSON policy elements: Condition operators", "String condition operators".
describe("string operators", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["\"Exact matching, case sensitive\"", via("StringEquals", S3), said, "yes"],
    ["… not another text", via("StringEquals", "ec2.us-east-1.amazonaws.com"), said, "no"],
    ["… nor one in another case", via("StringEquals", S3.toUpperCase()), said, "no"],
    ["… nor a beginning", via("StringEquals", "s3"), said, "no"],
    ["… nor with more behind it", via("StringEquals", `${S3}.cn`), said, "no"],
    ["… in which * is a letter", via("StringEquals", "s3.*"), said, "no"],
    ["… and means that letter", via("StringEquals", "s3.*"), { "kms:ViaService": "s3.*" }, "yes"],
    ["… and ? is a letter", via("StringEquals", "s?.us-east-1.amazonaws.com"), said, "no"],
    ["an empty text equals an empty one", via("StringEquals", ""), { "kms:ViaService": "" }, "yes"],
    ["\"Negated matching\"", via("StringNotEquals", S3), said, "no"],
    ["… of another text", via("StringNotEquals", "ec2.us-east-1.amazonaws.com"), said, "yes"],
    ["… in another case", via("StringNotEquals", S3.toUpperCase()), said, "yes"],
    ["\"Exact matching, ignoring case\"", via("StringEqualsIgnoreCase", S3.toUpperCase()), said, "yes"],
    ["… on either side", via("StringEqualsIgnoreCase", S3), { "kms:ViaService": S3.toUpperCase() }, "yes"],
    ["… not another text", via("StringEqualsIgnoreCase", "S3"), said, "no"],
    ["… without wildcards", via("StringEqualsIgnoreCase", "S3*"), said, "no"],
    ["\"Negated matching, ignoring case\"", via("StringNotEqualsIgnoreCase", S3.toUpperCase()), said, "no"],
    ["… of another text", via("StringNotEqualsIgnoreCase", "S3"), said, "yes"],
    ["\"The values can include multi-character match wildcards (*)\"", via("StringLike", "s3.*.amazonaws.com"), said, "yes"],
    ["\"… and single-character match wildcards (?)\"", via("StringLike", "s?.us-east-1.amazonaws.com"), said, "yes"],
    ["\"… anywhere in the string\"", via("StringLike", "*east*"), said, "yes"],
    ["\"You must specify wildcards to achieve partial string matches\"", via("StringLike", "s3"), said, "no"],
    ["? is one character, not none", via("StringLike", "s3?.us-east-1.amazonaws.com"), said, "no"],
    ["\"Case-sensitive matching\"", via("StringLike", "S3.*"), said, "no"],
    ["\"Negated case-sensitive matching\"", via("StringNotLike", "s3.*"), said, "no"],
    ["… of another text", via("StringNotLike", "ec2.*"), said, "yes"],
    ["… in another case", via("StringNotLike", "S3.*"), said, "yes"],
  ];
  table("string", ROWS);
});

// IAM User Guide, "Conditions with multiple context keys or values".
describe("several operators, keys and values", () => {
  const both = { StringEquals: { "kms:ViaService": S3, "kms:CallerAccount": "1" } };
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["\"values … are evaluated using a logical OR\"", via("StringEquals", ["ec2", S3]), said, "yes"],
    ["… none of them", via("StringEquals", ["ec2", "s3"]), said, "no"],
    ["… with wildcards in some", via("StringLike", ["ec2.*", "s3.*"]), said, "yes"],
    ["negated: \"evaluated using a logical NOR\"", via("StringNotEquals", ["ec2", S3]), said, "no"],
    ["… none of them", via("StringNotEquals", ["ec2", "s3"]), said, "yes"],
    ["… with wildcards", via("StringNotLike", ["ec2.*", "s3.*"]), said, "no"],
    ["\"keys … are evaluated using a logical AND\"", both, { ...said, "kms:CallerAccount": "1" }, "yes"],
    ["… the first one wrong", both, { "kms:ViaService": "ec2", "kms:CallerAccount": "1" }, "no"],
    ["… the second one wrong", both, { ...said, "kms:CallerAccount": "2" }, "no"],
    ["operators are evaluated using a logical AND", { ...via("StringLike", "s3.*"), ...via("StringNotLike", "*.cn") }, said, "yes"],
    ["… the second one wrong", { ...via("StringLike", "s3.*"), ...via("StringNotLike", "*.com") }, said, "no"],
    ["… the first one wrong", { ...via("StringLike", "ec2.*"), ...via("StringNotLike", "*.cn") }, said, "no"],
    ["a Condition without operators always holds", {}, {}, "yes"],
    ["an operator without keys always holds", { StringEquals: {} }, {}, "yes"],
    ["no value at all equals nothing", via("StringEquals", []), said, "no"],
    ["… and everything is unlike it", via("StringNotEquals", []), said, "yes"],
    ["a number in the policy is its digits", { StringEquals: { "kms:CallerAccount": 111122223333 } }, { "kms:CallerAccount": "111122223333" }, "yes"],
    ["a truth in the policy is its word", { StringEquals: { "kms:MultiRegion": true } }, { "kms:MultiRegion": "true" }, "yes"],
  ];
  table("several", ROWS);
});

// IAM User Guide: "Condition key names are not case-sensitive." KMS Developer Guide says so of the encryption context's keys.
describe("names of operators and keys", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["a key in another case", { StringEquals: { "KMS:viaservice": S3 } }, said, "yes"],
    ["a context's key in another case", { StringEquals: { "kms:EncryptionContext:DEPARTMENT": "IT" } }, { "kms:EncryptionContext:Department": "IT" }, "yes"],
    ["… whose value is case-sensitive", { StringEquals: { "kms:EncryptionContext:Department": "it" } }, { "kms:EncryptionContext:Department": "IT" }, "no"],
    ["a tag's key in another case", { StringEquals: { "aws:ResourceTag/PROJECT": "x" } }, { "aws:ResourceTag/Project": "x" }, "yes"],
    ["an operator in another case", { stringequals: { "kms:ViaService": S3 } }, said, "yes"],
  ];
  table("names", ROWS);
});
