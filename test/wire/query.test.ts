import { describe, expect, test } from "vitest";
import { Fault } from "#domain/fault";
import { decode } from "#wire/decode";
import { jsonFrom, parametersOf, xmlFault, xmlOf } from "#wire/query";
import { boolean, integer, list, map, required, string, structure, timestamp } from "#wire/shape";

const NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";

describe("parameters of the query protocol", () => {
  const shape = structure({
    Name: string(),
    Count: integer(),
    Flag: boolean,
    At: timestamp,
    Tags: list(structure({ Key: required(string()), Value: string() })),
    Names: list(string()),
  });
  const read = (text: string) => decode(shape, jsonFrom(shape, parametersOf(text)));

  test("are members, numbered lists and members of members", () => {
    const text = "Name=a%2Bb+c&Count=-5&Flag=true&At=2026-01-02T03:04:05Z&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=l";
    expect(read(text)).toEqual({
      Name: "a+b c",
      Count: -5,
      Flag: true,
      At: new Date("2026-01-02T03:04:05Z"),
      Tags: [{ Key: "k", Value: "v" }, { Key: "l" }],
    });
  });

  test("make an empty list of an empty value, and nothing of what is not numbered from one", () => {
    expect(read("Names=")).toEqual({ Names: [] });
    expect(read("Names.member.2=b&Names.member.0=a&Other=x")).toEqual({});
  });

  test.each(["Count=x", "Count=1.5", "Count=99999999999", "Flag=yes", "At=never"])("are refused as %s", (text) => {
    expect(() => read(text)).toThrow(Fault);
  });
});

describe("XML of the query protocol", () => {
  test("has members, lists, maps and times as AWS writes them", () => {
    const shape = structure({ Name: string(), Names: list(string()), Counts: map, At: timestamp, Absent: string() });
    const value = { Name: "<a & 'b'>", Names: ["x", "y"], Counts: new Map([["Users", "2"]]), At: new Date(1_700_000_000_123) };
    expect(xmlOf(shape, value)).toBe(
      "<Name>&lt;a &amp; &apos;b&apos;&gt;</Name><Names><member>x</member><member>y</member></Names>" +
        "<Counts><entry><key>Users</key><value>2</value></entry></Counts><At>2023-11-14T22:13:20Z</At>",
    );
  });

  test.each([
    ["NoSuchEntityException", "NoSuchEntity", 404, "Sender"],
    ["EntityAlreadyExistsException", "EntityAlreadyExists", 409, "Sender"],
    ["DeleteConflictException", "DeleteConflict", 409, "Sender"],
    ["LimitExceededException", "LimitExceeded", 409, "Sender"],
    ["MalformedPolicyDocumentException", "MalformedPolicyDocument", 400, "Sender"],
    ["InvalidInputException", "InvalidInput", 400, "Sender"],
    ["AccessDeniedException", "AccessDenied", 403, "Sender"],
    ["ServiceFailureException", "ServiceFailure", 500, "Receiver"],
  ] as const)("says %s as %s", (name, code, status, type) => {
    expect(xmlFault(new Fault(name, "a < b"), NAMESPACE, "id")).toEqual({
      status,
      body: `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${code}</Code><Message>a &lt; b</Message></Error><RequestId>id</RequestId></ErrorResponse>`,
    });
  });
});

describe("values of a pattern", () => {
  test("may be of Unicode's classes", () => {
    const shape = structure({ Key: string({ pattern: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+" }) });
    expect(decode(shape, { Key: "Größe 1/ü" })).toEqual({ Key: "Größe 1/ü" });
    expect(() => decode(shape, { Key: "a!" })).toThrow("failed to satisfy constraint");
  });

  test("are refused in the words of the service, where it has some", () => {
    const shape = structure({ UserName: string({ pattern: "[a-z]+", unlike: "It must be small." }) });
    expect(() => decode(shape, { UserName: "A" })).toThrow("The specified value for userName is invalid. It must be small.");
  });
});
