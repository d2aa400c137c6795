import { describe, expect, it } from "vitest";
import { constraintsIn, principalsIn, retiredIn } from "#domain/grant-request";

const REGION = "us-east-1";
const ALICE = "arn:aws:iam::111122223333:user/alice";
const BOB = "arn:aws:iam::111122223333:user/bob";
const S3 = "s3.amazonaws.com";
const SOURCE = "arn:aws:s3:::bucket";
const idOf = async (arn: string) => `AIDA ${arn.slice(-5)}`;
const refusal = (message: string) => expect.objectContaining({ name: "ValidationException", message });

describe("whom CreateGrant names", () => {
  const read = (members: Parameters<typeof principalsIn>[0], sourceArn?: string) =>
    principalsIn(members, sourceArn === undefined ? undefined : { sourceArn }, REGION, idOf);

  it("is a grantee, and perhaps somebody to retire the grant, with the unique ids that they have now", async () => {
    const alice = { principal: ALICE, id: "AIDA alice" };
    expect(await read({ GranteePrincipal: ALICE })).toStrictEqual({ grantee: alice });
    expect(await read({ GranteePrincipal: ALICE, RetiringPrincipal: BOB })).toStrictEqual({
      grantee: alice,
      retiring: { principal: BOB, id: "AIDA r/bob" },
    });
  });

  it("may be services, named as such", async () => {
    expect(await read({ GranteeServicePrincipal: S3, RetiringServicePrincipal: S3 }, SOURCE)).toStrictEqual({
      grantee: { principal: S3, service: true },
      retiring: { principal: S3, service: true },
    });
    expect(await read({ GranteeServicePrincipal: S3, RetiringPrincipal: ALICE }, SOURCE)).toStrictEqual({
      grantee: { principal: S3, service: true },
      retiring: { principal: ALICE, id: "AIDA alice" },
    });
    // Who retires it needs no source.
    expect(await read({ GranteePrincipal: ALICE, RetiringServicePrincipal: S3 })).toMatchObject({ retiring: { service: true } });
  });

  it.each<[string, Parameters<typeof principalsIn>[0], string]>([
    ["nobody", {}, "You must specify exactly one of GranteePrincipal and GranteeServicePrincipal."],
    [
      "two grantees",
      { GranteePrincipal: ALICE, GranteeServicePrincipal: S3, RetiringPrincipal: BOB },
      "You must specify exactly one of GranteePrincipal and GranteeServicePrincipal.",
    ],
    [
      "two who retire it",
      { GranteePrincipal: ALICE, RetiringPrincipal: BOB, RetiringServicePrincipal: S3 },
      "You cannot specify both RetiringPrincipal and RetiringServicePrincipal.",
    ],
    [
      "a service that nobody can retire",
      { GranteeServicePrincipal: S3 },
      "RetiringPrincipal or RetiringServicePrincipal is required with GranteeServicePrincipal.",
    ],
  ])("is not %s", async (_, members, message) => {
    await expect(read(members, SOURCE)).rejects.toThrow(refusal(message));
  });

  it("is no service without a source", async () => {
    const members = { GranteeServicePrincipal: S3, RetiringPrincipal: ALICE };
    const message = "A SourceArn constraint is required with GranteeServicePrincipal.";
    await expect(read(members)).rejects.toThrow(refusal(message));
    await expect(principalsIn(members, { subset: new Map() }, REGION, idOf)).rejects.toThrow(refusal(message));
  });
});

it("the constraints of a request are those that are there", () => {
  const context = new Map([["a", "1"]]);
  expect(constraintsIn(undefined)).toBeUndefined();
  expect(constraintsIn({})).toBeUndefined();
  expect(constraintsIn({ EncryptionContextSubset: context })).toStrictEqual({ subset: context });
  expect(constraintsIn({ EncryptionContextEquals: context })).toStrictEqual({ equals: context });
  expect(constraintsIn({ SourceArn: SOURCE })).toStrictEqual({ sourceArn: SOURCE });
  expect(constraintsIn({ EncryptionContextSubset: context, EncryptionContextEquals: new Map(), SourceArn: SOURCE })).toStrictEqual({
    subset: context,
    equals: new Map(),
    sourceArn: SOURCE,
  });
});

describe("which grant RetireGrant means", () => {
  const open = (token: string) => ({ token });

  it("is said by a token, or by key and id", () => {
    expect(retiredIn({ GrantToken: "t" }, open)).toEqual({ token: "t" });
    expect(retiredIn({ KeyId: "k", GrantId: "g" }, open)).toEqual({ keyId: "k", grantId: "g" });
  });

  it.each([
    {},
    { KeyId: "k" },
    { GrantId: "g" },
    { GrantToken: "t", KeyId: "k" },
    { GrantToken: "t", GrantId: "g" },
    { GrantToken: "t", KeyId: "k", GrantId: "g" },
  ])("is not said by %j", (members) => {
    expect(() => retiredIn(members, open)).toThrow(refusal("Grant token OR (grant ID, key ID) must be specified"));
  });
});
