import { describe, expect, test } from "vitest";
import { readTime } from "#domain/policy/time";
import { type Row, table } from "./holds.ts";

const days = (operator: string, wanted: unknown) => ({ [operator]: { "kms:ScheduleKeyDeletionPendingWindowInDays": wanted } });
const given = (value: string) => ({ "kms:ScheduleKeyDeletionPendingWindowInDays": value });

// IAM User Guide, "Numeric condition operators": "comparing a key to an integer or decimal value".
describe("numeric operators", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["NumericEquals: \"Matching\"", days("NumericEquals", "7"), given("7"), "yes"],
    ["… not a neighbour", days("NumericEquals", "7"), given("8"), "no"],
    ["… whatever it is written like", days("NumericEquals", "7.0"), given("7"), "yes"],
    ["… a number without quotes", days("NumericEquals", 7), given("7"), "yes"],
    ["… one of several", days("NumericEquals", [7, 30]), given("30"), "yes"],
    ["NumericNotEquals: \"Negated matching\"", days("NumericNotEquals", "7"), given("7"), "no"],
    ["… of another", days("NumericNotEquals", "7"), given("8"), "yes"],
    ["… none of several", days("NumericNotEquals", [7, 8]), given("8"), "no"],
    ["NumericLessThan: below", days("NumericLessThan", "7"), given("6"), "yes"],
    ["… not the number itself", days("NumericLessThan", "7"), given("7"), "no"],
    ["… not above", days("NumericLessThan", "7"), given("8"), "no"],
    ["… by number, not by letter", days("NumericLessThan", "7"), given("10"), "no"],
    ["NumericLessThanEquals: below", days("NumericLessThanEquals", "7"), given("6.5"), "yes"],
    ["… the number itself", days("NumericLessThanEquals", "7"), given("7"), "yes"],
    ["… not above", days("NumericLessThanEquals", "7"), given("7.01"), "no"],
    ["NumericGreaterThan: above", days("NumericGreaterThan", "7"), given("8"), "yes"],
    ["… not the number itself", days("NumericGreaterThan", "7"), given("7"), "no"],
    ["… not below", days("NumericGreaterThan", "7"), given("6"), "no"],
    ["NumericGreaterThanEquals: above", days("NumericGreaterThanEquals", "7"), given("8"), "yes"],
    ["… the number itself", days("NumericGreaterThanEquals", "7"), given("7"), "yes"],
    ["… not below", days("NumericGreaterThanEquals", "7"), given("6"), "no"],
    ["below zero", days("NumericLessThan", "-1"), given("-2"), "yes"],
    ["decimal fractions", days("NumericGreaterThan", "0.1"), given(".2"), "yes"],
    ["powers of ten", days("NumericEquals", "1e2"), given("100"), "yes"],
    ["with its sign", days("NumericEquals", "+7"), given("7."), "yes"],
    ["what is no number cannot be judged", days("NumericEquals", "7"), given("seven"), "unknown"],
    ["… nor when negated", days("NumericNotEquals", "7"), given("seven"), "unknown"],
    ["… nor nothing", days("NumericLessThan", "7"), given(""), "unknown"],
    ["… nor what looks like one", days("NumericLessThan", "7"), given("0x1"), "unknown"],
    ["the largest that can be told from its neighbours", days("NumericEquals", "9007199254740991"), given("9007199254740991"), "yes"],
    ["… and one more cannot", days("NumericEquals", "7"), given("9007199254740992"), "unknown"],
    ["… nor one less than the least", days("NumericEquals", "7"), given("-9007199254740992"), "unknown"],
    // KMS Developer Guide, kms:ValidTo, compares with `1546257599.0`.
    ["a date as seconds", { NumericLessThanEquals: { "kms:ValidTo": "1546257599.0" } }, { "kms:ValidTo": "1546257599" }, "yes"],
  ];
  table("numeric", ROWS);
});

const now = (operator: string, wanted: unknown) => ({ [operator]: { "aws:CurrentTime": wanted } });
const at = (time: string) => ({ "aws:CurrentTime": time });

// "You must specify date/time values with one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time."
describe("date operators", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["DateEquals: \"Matching a specific date\"", now("DateEquals", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00.000Z"), "yes"],
    ["… in another zone", now("DateEquals", "2026-11-22T13:00:00+01:00"), at("2026-11-22T12:00:00Z"), "yes"],
    ["… not a second later", now("DateEquals", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:01Z"), "no"],
    ["… to the minute", now("DateEquals", "2026-11-22T12:00Z"), at("2026-11-22T12:00:00Z"), "yes"],
    ["… a day is its first moment", now("DateEquals", "2026-11-22"), at("2026-11-22T00:00:00Z"), "yes"],
    ["… a month too", now("DateEquals", "2026-11"), at("2026-11-01T00:00:00Z"), "yes"],
    ["… a year too", now("DateEquals", "2026"), at("2026-01-01T00:00:00Z"), "yes"],
    ["… as seconds", now("DateEquals", "1795348800"), at("2026-11-22T12:00:00Z"), "yes"],
    ["… as a number", now("DateEquals", 1795348800), at("2026-11-22T12:00:00Z"), "yes"],
    ["DateNotEquals: \"Negated matching\"", now("DateNotEquals", "2026-11-22"), at("2026-11-22T00:00:00Z"), "no"],
    ["… of another time", now("DateNotEquals", "2026-11-22"), at("2026-11-22T00:00:01Z"), "yes"],
    ["DateLessThan: \"Matching before a specific date and time\"", now("DateLessThan", "2026-11-22T12:00:00Z"), at("2026-11-22T11:59:59.999Z"), "yes"],
    ["… not at it", now("DateLessThan", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00Z"), "no"],
    ["DateLessThanEquals: \"at or before\"", now("DateLessThanEquals", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00Z"), "yes"],
    ["… not after", now("DateLessThanEquals", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00.001Z"), "no"],
    ["DateGreaterThan: \"after a specific date and time\"", now("DateGreaterThan", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00.001Z"), "yes"],
    ["… not at it", now("DateGreaterThan", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00Z"), "no"],
    ["DateGreaterThanEquals: \"at or after\"", now("DateGreaterThanEquals", "2026-11-22T12:00:00Z"), at("2026-11-22T12:00:00Z"), "yes"],
    ["… not before", now("DateGreaterThanEquals", "2026-11-22T12:00:00Z"), at("2026-11-22T11:59:59Z"), "no"],
    ["aws:EpochTime is seconds", { DateGreaterThan: { "aws:EpochTime": "2026-11-22" } }, { "aws:EpochTime": "1795348800" }, "yes"],
    ["kms:ValidTo with a date operator", { DateLessThan: { "kms:ValidTo": "2027-01-01" } }, { "kms:ValidTo": "1795348800" }, "yes"],
    ["no token was issued: \"the values do not match\"", { DateGreaterThan: { "aws:TokenIssueTime": "2020-01-01T00:00:01Z" } }, {}, "no"],
    ["what is no time cannot be judged", now("DateLessThan", "2026-11-22"), at("today"), "unknown"],
    ["… nor when negated", now("DateNotEquals", "2026-11-22"), at("today"), "unknown"],
  ];
  table("date", ROWS);

  test.each<[string, string | undefined]>([
    ["1994-11-05T08:15:30-05:00", "1994-11-05T13:15:30.000Z"],
    ["1994-11-05T13:15:30.45Z", "1994-11-05T13:15:30.450Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["2025-02-29", undefined],
    ["2025-02-31T00:00Z", undefined],
    ["2025-04-31", undefined],
    ["2025-13-01", undefined],
    ["2025-00", undefined],
    ["2025-01-01T25:00Z", undefined],
    ["2025-01-01T00:00", undefined],
    ["2025-01-01T00:00:00", undefined],
    ["2025-01-01 00:00Z", undefined],
    ["2025-1-1", undefined],
    ["2025-01-01Z", undefined],
    ["x2025-01-01", undefined],
    ["2025-01-01x", undefined],
    ["0", "1970-01-01T00:00:00.000Z"],
    ["-1", "1969-12-31T23:59:59.000Z"],
    ["1.5", "1970-01-01T00:00:01.500Z"],
    ["1.250000000", "1970-01-01T00:00:01.250Z"],
    ["1.2500000000", undefined],
    ["x1", undefined],
    ["1x", undefined],
    ["1.", undefined],
    ["1e3", undefined],
    ["99999999999999", undefined],
    ["", undefined],
    ["*", undefined],
  ])("%s is %s", (text, expected) => {
    const time = readTime(text);
    expect(time === undefined ? undefined : new Date(time).toISOString()).toBe(expected);
  });
});

const secure = (wanted: unknown) => ({ Bool: { "aws:SecureTransport": wanted } });

// "Boolean conditions let you construct Condition elements that restrict access based on comparing a key to "true" or "false"."
describe("Bool", () => {
  // biome-ignore format: one row a line
  const ROWS: readonly Row[] = [
    ["true is true", secure("true"), { "aws:SecureTransport": "true" }, "yes"],
    ["true is not false", secure("true"), { "aws:SecureTransport": "false" }, "no"],
    ["false is false", secure("false"), { "aws:SecureTransport": "false" }, "yes"],
    ["false is not true", secure("false"), { "aws:SecureTransport": "true" }, "no"],
    ["without quotes", secure(true), { "aws:SecureTransport": "true" }, "yes"],
    ["in another case", secure("True"), { "aws:SecureTransport": "true" }, "yes"],
    ["either", secure(["true", "false"]), { "aws:SecureTransport": "false" }, "yes"],
    ["\"If the key … is not present …, the values do not match\"", secure("false"), {}, "no"],
    ["what is no truth cannot be judged", secure("false"), { "aws:SecureTransport": "no" }, "unknown"],
    ["kms:GrantIsForAWSResource", { Bool: { "kms:GrantIsForAWSResource": "true" } }, { "kms:GrantIsForAWSResource": "true" }, "yes"],
  ];
  table("bool", ROWS);
});
