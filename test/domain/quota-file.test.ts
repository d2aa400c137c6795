import { describe, expect, test } from "vitest";
import { QUOTAS } from "#domain/quota-catalogue";
import { BUCKETS, profileFrom } from "#domain/quota-file";
import { QUOTA_PROFILES, rateOf } from "#domain/quota-profiles";
import { RESOURCE_QUOTAS } from "#domain/quota-resources";
import { quotaValues } from "#domain/quota-values";

describe("a file of quotas", () => {
  test("names what differs from a profile", () => {
    const profile = profileFrom(
      '{"profile":"2023","quotas":{"CreateKey":50,"ListKeys":{"us-east-1":0.5},"DescribeKey":null,"Cryptographic operations (symmetric)":{"*":9}}}',
    );
    expect(rateOf(profile, "us-east-1", "CreateKey")).toBe(50);
    expect([rateOf(profile, "us-east-1", "ListKeys"), rateOf(profile, "eu-west-1", "ListKeys")]).toEqual([0.5, 500]);
    expect(rateOf(profile, "us-east-1", "DescribeKey")).toBeUndefined();
    const symmetric = "Cryptographic operations (symmetric)";
    expect([rateOf(profile, "us-east-1", symmetric), rateOf(profile, "sa-east-1", symmetric)]).toEqual([50_000, 9]);
    expect(rateOf(profile, "us-east-1", "Cryptographic operations (RSA)")).toBe(500);
  });

  test("that says nothing is AWS's of today", () => {
    expect(profileFrom("{}")).toEqual(QUOTA_PROFILES.current);
    expect(profileFrom('{"profile":"off","quotas":{"CreateKey":1}}')).toEqual({ CreateKey: 1 });
  });

  test.each([
    ["not JSON", "{", "it is not JSON"],
    ["no object", "[]", "it is not a JSON object"],
    ["of another profile", '{"profile":"2019"}', "profile is not one of 2023, current, off"],
    ["with a member more", '{"rates":{}}', 'it has a member "rates"'],
    ["with quotas that are none", '{"quotas":[]}', "quotas is not an object"],
    ["with a bucket that there is not", '{"quotas":{"MakeKey":1}}', '"MakeKey" is not a quota'],
    ["with a rate below nothing", '{"quotas":{"CreateKey":-1}}', "CreateKey is not a number from 0 to 1000000"],
    ["with a rate that is text", '{"quotas":{"CreateKey":"5"}}', "CreateKey is not a number"],
    ["with a rate beyond all", '{"quotas":{"CreateKey":1e9}}', "CreateKey is not a number"],
    ["with no Region", '{"quotas":{"CreateKey":{"here":1}}}', '"here" in CreateKey is not the name of a Region'],
    ["with a wrong rate of a Region", '{"quotas":{"CreateKey":{"us-east-1":null}}}', "CreateKey in us-east-1 is not a number"],
  ])("%s is refused in one line", (_, text, line) => {
    expect(() => profileFrom(text)).toThrow(line);
  });
});

test("every quota has one code, which Service Quotas takes", () => {
  const codes = QUOTAS.map(({ code }) => code);
  expect(new Set(codes).size).toBe(BUCKETS.length - 1 + Object.keys(RESOURCE_QUOTAS).length);
  for (const code of codes) expect(code).toMatch(/^[a-zA-Z][a-zA-Z0-9-]{1,127}$/);
  expect(codes).toContain("T-GenerateDataKeyPair-RSA-2048");
  expect([...codes].sort()).toEqual(codes);
});

test("what was set for an account holds before the profile, Region by Region", () => {
  const values = (region: string) => quotaValues({ CreateKey: 5 }, { CreateKey: { "us-east-1": 9 }, TagsPerKey: 3 }, region);
  expect([values("us-east-1").of("CreateKey"), values("eu-west-1").of("CreateKey"), values("us-east-1").usual("CreateKey")]).toEqual([
    9, 5, 5,
  ]);
  expect([
    values("us-east-1").resource("TagsPerKey"),
    values("us-east-1").usual("TagsPerKey"),
    values("us-east-1").of("AliasesPerKey"),
  ]).toEqual([3, 50, 50]);
  expect(values("us-east-1").of("ListKeys")).toBeUndefined();
});
