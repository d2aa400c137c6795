import { expect, it } from "vitest";
import type { Grant } from "#domain/grant";
import { grantEntryOf } from "#domain/grant-entry";

const ALICE = "arn:aws:iam::111122223333:user/alice";
const GRANT: Grant = {
  id: "0".repeat(64),
  keyId: "1234abcd-12ab-34cd-56ef-1234567890ab",
  account: "111122223333",
  name: "for alice",
  grantee: { principal: ALICE, id: "AIDAALICE" },
  operations: ["Encrypt"],
  issuer: "444455556666",
  creator: "AIDAADMIN",
  created: new Date(0),
  version: 1,
};
const idOf = async (arn: string) => (arn === ALICE ? "AIDAALICE" : undefined);

it("a grant is shown with its key's ARN and its issuing account, and without what it has not", async () => {
  expect(await grantEntryOf(GRANT, "us-east-1", idOf)).toStrictEqual({
    KeyId: `arn:aws:kms:us-east-1:111122223333:key/${GRANT.keyId}`,
    GrantId: GRANT.id,
    Name: "for alice",
    CreationDate: new Date(0),
    GranteePrincipal: ALICE,
    RetiringPrincipal: undefined,
    IssuingAccount: "arn:aws:iam::444455556666:root",
    Operations: ["Encrypt"],
    Constraints: undefined,
    GranteeServicePrincipal: undefined,
    RetiringServicePrincipal: undefined,
  });
});

it("each principal is shown by the member that it was given in", async () => {
  const S3 = { principal: "s3.amazonaws.com", service: true } as const;
  const byService = await grantEntryOf({ ...GRANT, grantee: S3, retiring: GRANT.grantee }, "us-east-1", idOf);
  expect(byService).toMatchObject({ GranteeServicePrincipal: "s3.amazonaws.com", RetiringPrincipal: ALICE });
  expect(byService.GranteePrincipal ?? byService.RetiringServicePrincipal).toBeUndefined();
  const toService = await grantEntryOf({ ...GRANT, retiring: S3 }, "us-east-1", idOf);
  expect(toService).toMatchObject({ GranteePrincipal: ALICE, RetiringServicePrincipal: "s3.amazonaws.com" });
  expect(toService.RetiringPrincipal ?? toService.GranteeServicePrincipal).toBeUndefined();
});

it("a principal that is nobody any more is shown by the unique id that it had", async () => {
  const entry = await grantEntryOf({ ...GRANT, retiring: GRANT.grantee }, "us-east-1", async () => undefined);
  expect(entry).toMatchObject({ GranteePrincipal: "AIDAALICE", RetiringPrincipal: "AIDAALICE" });
});

it("constraints are shown by their names on the wire", async () => {
  const [subset, equals, sourceArn] = [new Map([["a", "1"]]), new Map([["b", "2"]]), "arn:aws:s3:::bucket"];
  expect((await grantEntryOf({ ...GRANT, constraints: { subset } }, "us-east-1", idOf)).Constraints).toStrictEqual({
    EncryptionContextSubset: subset,
    EncryptionContextEquals: undefined,
    SourceArn: undefined,
  });
  expect((await grantEntryOf({ ...GRANT, constraints: { equals, sourceArn } }, "us-east-1", idOf)).Constraints).toStrictEqual({
    EncryptionContextSubset: undefined,
    EncryptionContextEquals: equals,
    SourceArn: sourceArn,
  });
});
