import { describe } from "vitest";
import { type Row, table } from "./holds.ts";

const keys = (operator: string, wanted: string | readonly string[]) => ({ [operator]: { "kms:EncryptionContextKeys": wanted } });
const given = (...values: string[]) => ({ "kms:EncryptionContextKeys": values });
const tags = (operator: string, wanted: string | readonly string[]) => ({ [operator]: { "aws:TagKeys": wanted } });
const tagged = (...values: string[]) => ({ "aws:TagKeys": values });

// IAM User Guide, "Set operators for multivalued context keys".
describe("ForAllValues and ForAnyValue", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["ForAllValues: \"every one of the specified key values in the request\" matches \"at least one value in the policy\"", keys("ForAllValues:StringEquals", ["AppName", "ExpireDate"]), given("AppName", "ExpireDate"), "yes"],
    ["… also some of them", keys("ForAllValues:StringEquals", ["AppName", "ExpireDate"]), given("AppName"), "yes"],
    ["… not one more", keys("ForAllValues:StringEquals", ["AppName"]), given("AppName", "FilePath"), "no"],
    ["… \"also returns true if there are no context keys in the request\"", keys("ForAllValues:StringEquals", "AppName"), {}, "yes"],
    ["… or an empty list", keys("ForAllValues:StringEquals", "AppName"), given(), "yes"],
    ["… or \"an empty data set (for example, an empty string)\"", keys("ForAllValues:StringEquals", "AppName"), given(""), "yes"],
    ["… as one value too", keys("ForAllValues:StringEquals", "AppName"), { "kms:EncryptionContextKeys": "" }, "yes"],
    ["… but not one of two", keys("ForAllValues:StringEquals", "AppName"), given("", "AppName"), "no"],
    ["ForAnyValue: \"any one of the key values in the request matches any one of the condition values\"", keys("ForAnyValue:StringEquals", ["AppName", "x"]), given("FilePath", "AppName"), "yes"],
    ["… none of them", keys("ForAnyValue:StringEquals", ["AppName", "x"]), given("FilePath"), "no"],
    ["… \"returns false\" without the key", keys("ForAnyValue:StringEquals", "AppName"), {}, "no"],
    ["… or with an empty list", keys("ForAnyValue:StringEquals", "AppName"), given(), "no"],
    ["… or an empty string", keys("ForAnyValue:StringEquals", ""), given(""), "no"],
    ["with wildcards: key1:hr and key1:personnel", tags("ForAllValues:StringLike", "key1*"), tagged("key1:hr", "key1:personnel"), "yes"],
    ["negated, \"aws:TagKeys: key1:legal\": no match", tags("ForAllValues:StringNotLike", "key1*"), tagged("key1:legal"), "no"],
    ["negated, \"key1:hr, key1:personnel\": no match", tags("ForAllValues:StringNotLike", "key1*"), tagged("key1:hr", "key1:personnel"), "no"],
    ["negated, \"key2:audit\": match", tags("ForAllValues:StringNotLike", "key1*"), tagged("key2:audit"), "yes"],
    ["negated, \"No aws:TagKeys in the request context\": match", tags("ForAllValues:StringNotLike", "key1*"), {}, "yes"],
    ["negated, one of each: not all are unlike it", tags("ForAllValues:StringNotLike", "key1*"), tagged("key1:hr", "key2:audit"), "no"],
    ["ForAnyValue negated: one that is none of them is enough", tags("ForAnyValue:StringNotEquals", ["a", "b"]), tagged("a", "c"), "yes"],
    ["… all of them are", tags("ForAnyValue:StringNotEquals", ["a", "b"]), tagged("a", "b"), "no"],
    ["… without the key there is none", tags("ForAnyValue:StringNotEquals", ["a", "b"]), {}, "no"],
    ["over a single value: ForAnyValue", { "ForAnyValue:StringEquals": { "kms:ViaService": "s3" } }, { "kms:ViaService": "s3" }, "yes"],
    ["over a single value: ForAllValues", { "ForAllValues:StringEquals": { "kms:ViaService": "s3" } }, { "kms:ViaService": "ec2" }, "no"],
    ["with numbers", { "ForAnyValue:NumericGreaterThan": { "kms:RotationPeriodInDays": 100 } }, { "kms:RotationPeriodInDays": ["90", "365"] }, "yes"],
    ["… one of which cannot be judged", { "ForAllValues:NumericGreaterThan": { "kms:RotationPeriodInDays": 100 } }, { "kms:RotationPeriodInDays": ["365", "x"] }, "unknown"],
    ["… where another decides", { "ForAllValues:NumericGreaterThan": { "kms:RotationPeriodInDays": 100 } }, { "kms:RotationPeriodInDays": ["x", "90"] }, "no"],
    ["… or is enough", { "ForAnyValue:NumericGreaterThan": { "kms:RotationPeriodInDays": 100 } }, { "kms:RotationPeriodInDays": ["x", "365"] }, "yes"],
    ["… and where none is", { "ForAnyValue:NumericGreaterThan": { "kms:RotationPeriodInDays": 100 } }, { "kms:RotationPeriodInDays": ["x", "90"] }, "unknown"],
    ["names of set operators in another case", keys("forallvalues:StringEquals", "AppName"), given("AppName", "x"), "no"],
    ["\"Multivalued context keys require a condition set operator\": one value is that value", keys("StringEquals", "AppName"), given("AppName"), "yes"],
    ["… another", keys("StringEquals", "AppName"), given("FilePath"), "no"],
    ["… several cannot be judged", keys("StringEquals", "AppName"), given("AppName", "FilePath"), "unknown"],
    ["… nor when negated", keys("StringNotEquals", "AppName"), given("AppName", "FilePath"), "unknown"],
    ["… an empty list is a missing key", keys("StringEquals", "AppName"), given(), "no"],
    ["… also when negated", keys("StringNotEquals", "AppName"), given(), "yes"],
    ["… and \"\" is a value", keys("StringEquals", ""), given(""), "yes"],
  ];
  table("sets", ROWS);
});

const via = (operator: string) => ({ [operator]: { "kms:ViaService": "s3" } });

// "If the key that you specify in a policy condition is not present in the request context, the values do not match and the condition is false.
// If the policy condition requires that the key is not matched …, the condition is true."
describe("missing keys", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["StringEquals", via("StringEquals"), {}, "no"],
    ["StringNotEquals", via("StringNotEquals"), {}, "yes"],
    ["StringEqualsIgnoreCase", via("StringEqualsIgnoreCase"), {}, "no"],
    ["StringNotEqualsIgnoreCase", via("StringNotEqualsIgnoreCase"), {}, "yes"],
    ["StringLike *", { StringLike: { "kms:ViaService": "*" } }, {}, "no"],
    ["StringNotLike *", { StringNotLike: { "kms:ViaService": "*" } }, {}, "yes"],
    ["NumericEquals", { NumericEquals: { "kms:RotationPeriodInDays": 90 } }, {}, "no"],
    ["NumericNotEquals", { NumericNotEquals: { "kms:RotationPeriodInDays": 90 } }, {}, "yes"],
    ["NumericLessThan", { NumericLessThan: { "kms:RotationPeriodInDays": 90 } }, {}, "no"],
    ["DateNotEquals", { DateNotEquals: { "kms:ValidTo": "2026" } }, {}, "yes"],
    ["IpAddress", { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }, {}, "no"],
    ["NotIpAddress", { NotIpAddress: { "aws:SourceIp": "0.0.0.0/0" } }, {}, "yes"],
    ["ArnNotEquals", { ArnNotEquals: { "aws:SourceArn": "arn:aws:s3:::x" } }, {}, "yes"],
    ["IfExists: \"If the key is not present, evaluate the condition element as true\"", via("StringEqualsIfExists"), {}, "yes"],
    ["… \"If the policy key is present …, process the key as specified\"", via("StringEqualsIfExists"), { "kms:ViaService": "ec2" }, "no"],
    ["… and it matches", via("StringEqualsIfExists"), { "kms:ViaService": "s3" }, "yes"],
    ["… negated, \"still denied even if the tag is missing\"", via("StringNotEqualsIfExists"), {}, "yes"],
    ["… negated, present", via("StringNotEqualsIfExists"), { "kms:ViaService": "s3" }, "no"],
    ["… with Bool", { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } }, {}, "yes"],
    ["… which is there and false", { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } }, { "aws:MultiFactorAuthPresent": "false" }, "no"],
    ["… with ForAnyValue", keys("ForAnyValue:StringEqualsIfExists", "AppName"), {}, "yes"],
    ["… which is there and an empty string", keys("ForAnyValue:StringEqualsIfExists", "AppName"), given(""), "no"],
    ["… for all values", keys("ForAllValues:StringEqualsIfExists", "AppName"), given("x"), "no"],
    ["… in another case", via("StringEqualsifexists"), {}, "yes"],
    ["Null: \"true (the key doesn't exist — it is null)\"", { Null: { "aws:TokenIssueTime": "true" } }, {}, "yes"],
    ["… it exists", { Null: { "aws:TokenIssueTime": "true" } }, { "aws:TokenIssueTime": "2026-11-22T00:00:00Z" }, "no"],
    ["Null: \"false (the key exists and its value is not null)\"", { Null: { "kms:EncryptionContextKeys": "false" } }, given("AppName"), "yes"],
    ["… several values", { Null: { "kms:EncryptionContextKeys": false } }, given("a", "b"), "yes"],
    ["… it does not exist", { Null: { "kms:EncryptionContextKeys": "false" } }, {}, "no"],
    ["… an empty list is null", { Null: { "kms:EncryptionContextKeys": "true" } }, given(), "yes"],
    ["… an empty text exists", { Null: { "kms:ViaService": "false" } }, { "kms:ViaService": "" }, "yes"],
    ["… in another case", { null: { "kms:ViaService": "True" } }, {}, "yes"],
  ];
  table("missing", ROWS);
});
