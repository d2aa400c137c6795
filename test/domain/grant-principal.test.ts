import { describe, expect, it } from "vitest";
import { granteeForms, granteeNamed, means, principalNamed, shownAs } from "#domain/grant-principal";

const REGION = "us-east-1";
const ALICE = "arn:aws:iam::111122223333:user/team/alice";
const ROLE = "arn:aws:iam::111122223333:role/path/reader";
const SESSION = "arn:aws:sts::111122223333:assumed-role/reader/one";
const ROOT = "arn:aws:iam::111122223333:root";
const user = { account: "111122223333", arn: ALICE, id: "AIDAALICE" };
const session = { account: "111122223333", arn: SESSION, behind: ROLE, id: "AROAREADER:one" };

describe("a principal that a grant may name", () => {
  it.each([ALICE, ROLE, SESSION, ROOT, "arn:aws:sts::111122223333:federated-user/bob", "s3.amazonaws.com", "ec2.us-west-2.amazonaws.com"])(
    "%s",
    (text) => {
      expect(principalNamed(text, REGION).principal).toBe(text);
    },
  );

  it("is an account by its number, in the partition of the Region", () => {
    expect(principalNamed("111122223333", REGION).principal).toBe(ROOT);
    expect(principalNamed("111122223333", "cn-north-1").principal).toBe("arn:aws-cn:iam::111122223333:root");
  });

  it.each([
    "*",
    "",
    "alice",
    "11112222333",
    "arn:aws:iam::111122223333:group/a",
    "arn:aws:iam::111122223333:user/",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:sts::111122223333:assumed-role/reader",
    "arn:aws:sts::111122223333:assumed-role/path/reader/one",
    "arn:aws:iam:us-east-1:111122223333:root",
    "arn:aws:s3:::bucket",
    "arn:aws-us-gov:iam::111122223333:root",
    "AIDAALICE",
    "example.com",
    "S3.amazonaws.com",
    "s3.amazonaws.com.cn.example.com",
    "s3.amazonaws.com ",
    "1111222233334",
    "x111122223333",
    `${ALICE}\n`,
  ])("is not '%s'", (text) => {
    const message = `ARN does not refer to a valid principal: ${text}`;
    expect(() => principalNamed(text, REGION)).toThrow(expect.objectContaining({ name: "InvalidArnException", message }));
  });

  it("has the unique id that it had then, unless it can have none", async () => {
    const ids = new Map([
      [ALICE, "AIDAALICE"],
      [SESSION, "AROAREADER"],
    ]);
    const idOf = async (arn: string) => ids.get(arn);
    expect(await granteeNamed(ALICE, REGION, idOf)).toEqual({ principal: ALICE, id: "AIDAALICE" });
    expect(await granteeNamed(SESSION, REGION, idOf)).toEqual({ principal: SESSION, id: "AROAREADER" });
    for (const text of [ROOT, "s3.amazonaws.com", "arn:aws:sts::111122223333:federated-user/bob"])
      expect(await granteeNamed(text, REGION, idOf)).toEqual({ principal: text });
    await expect(granteeNamed(ROLE, REGION, idOf)).rejects.toThrow(`ARN does not refer to a valid principal: ${ROLE}`);
    expect(await granteeNamed(ROLE, REGION, undefined)).toEqual({ principal: ROLE });
  });
});

describe("a caller", () => {
  it("goes by at most three names", () => {
    expect(granteeForms(user, REGION)).toEqual([ALICE, ROOT]);
    expect(granteeForms(session, REGION)).toEqual([SESSION, ROLE, ROOT]);
    expect(granteeForms({ account: "111122223333", arn: ROOT, id: "111122223333" }, REGION)).toEqual([ROOT]);
  });

  it("is meant by any of them, while it is still who it was", () => {
    expect(means({ principal: ALICE, id: "AIDAALICE" }, user, REGION)).toBe(true);
    expect(means({ principal: ALICE, id: "AIDAOTHER" }, user, REGION)).toBe(false);
    expect(means({ principal: ROOT }, user, REGION)).toBe(true);
    expect(means({ principal: ROLE, id: "AROAREADER" }, session, REGION)).toBe(true);
    expect(means({ principal: SESSION, id: "AROAREADER" }, session, REGION)).toBe(true);
    expect(means({ principal: SESSION, id: "AROAOTHER" }, session, REGION)).toBe(false);
    expect(means({ principal: ALICE, id: "AIDAALICE" }, session, REGION)).toBe(false);
  });
});

it("a principal is shown by its id when its name is nobody's, or somebody else's", async () => {
  const grantee = { principal: ALICE, id: "AIDAALICE" };
  expect(await shownAs(grantee, async () => "AIDAALICE")).toBe(ALICE);
  expect(await shownAs(grantee, async () => "AIDAOTHER")).toBe("AIDAALICE");
  expect(await shownAs(grantee, async () => undefined)).toBe("AIDAALICE");
  expect(await shownAs({ principal: ROOT }, async () => undefined)).toBe(ROOT);
  // Granted where principals come into being by being named.
  expect(await shownAs({ principal: ALICE }, async () => "AIDAALICE")).toBe(ALICE);
});
