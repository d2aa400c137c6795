import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Grant,
  type GrantOperation,
  grantIdOf,
  grantOperationOf,
  invalidGrantId,
  isSubset,
  permits,
  requireGrantable,
  requireGrantId,
  requireGrantRoom,
  unknownGrant,
} from "#domain/grant";
import type { Constraints } from "#domain/grant-constraints";
import { type Key, newKey } from "#domain/key";

const grant = (constraints?: Constraints, operations: readonly GrantOperation[] = ["Encrypt"]): Grant => ({
  id: "0".repeat(64),
  keyId: "key",
  account: "111122223333",
  name: "",
  grantee: { principal: "arn:aws:iam::111122223333:user/alice", id: "AIDAALICE" },
  operations,
  ...(constraints && { constraints }),
  issuer: "111122223333",
  creator: "AIDAADMIN",
  created: new Date(0),
  version: 1,
});
const pairs = (context: Record<string, string>) => new Map(Object.entries(context));
const subset = (context: Record<string, string>): Constraints => ({ subset: pairs(context) });
const equals = (context: Record<string, string>): Constraints => ({ equals: pairs(context) });
const SOURCE = "arn:aws:s3:us-east-1:111122223333:bucket";

const keyOf = (spec: string, usage: Key["usage"]): Key => ({
  ...newKey({
    ...{ id: "key", account: "111122223333", region: "us-east-1", description: "", created: new Date(0), policy: "", principals: {} },
    ...{ spec: "SYMMETRIC_DEFAULT", usage, tags: new Map(), materials: [] },
  }),
  spec: spec as Key["spec"],
});

const refusal = (text: string, name = "ValidationException") => expect.objectContaining({ name, message: expect.stringContaining(text) });

describe("a grant permits a request", () => {
  it.each<[string, Constraints | undefined, Record<string, string> | undefined, boolean]>([
    ["without a constraint, whatever its context", undefined, { a: "1" }, true],
    ["with the pairs of a subset constraint", subset({ a: "1" }), { a: "1" }, true],
    ["with more pairs than those", subset({ a: "1" }), { b: "2", a: "1" }, true],
    ["with the name in another letter case", subset({ Team: "1" }), { tEAM: "1" }, true],
    ["not with a name that is only alike in capitals", subset({ straße: "1" }), { strasse: "1" }, false],
    ["not with the value in another letter case", subset({ a: "x" }), { a: "X" }, false],
    ["not without the pairs", subset({ a: "1" }), { b: "1" }, false],
    ["not without a context", subset({ a: "1" }), undefined, false],
    ["with every context under an empty subset constraint", subset({}), { a: "1" }, true],
    ["with exactly the pairs of an equality constraint", equals({ a: "1", b: "2" }), { b: "2", a: "1" }, true],
    ["not with more pairs than those", equals({ a: "1" }), { a: "1", b: "2" }, false],
    ["not with fewer", equals({ a: "1", b: "2" }), { a: "1" }, false],
    ["not with one pair twice for two", equals({ a: "1", b: "1" }), { a: "1", A: "1" }, false],
    ["with no context under an empty equality constraint", equals({}), undefined, true],
    ["not with a context under it", equals({}), { a: "1" }, false],
  ])("%s", (_, constraints, context, expected) => {
    expect(permits(grant(constraints), { operation: "Encrypt", context: context && pairs(context) })).toBe(expected);
  });

  it("only of an operation that it names", () => {
    expect(permits(grant(undefined, ["Encrypt"]), { operation: "Decrypt" })).toBe(false);
    expect(permits(grant(undefined, []), { operation: "RetireGrant" })).toBe(false);
  });

  it.each(["DescribeKey", "RetireGrant", "GetPublicKey", "CreateGrant"] as const)(
    "%s, whatever context it is constrained to",
    (operation) => {
      expect(permits(grant(equals({ a: "1" }), [operation]), { operation })).toBe(true);
    },
  );

  it.each<[GrantOperation, string | undefined, boolean]>([
    ["Encrypt", SOURCE, true],
    ["Encrypt", `${SOURCE}2`, false],
    ["Encrypt", undefined, false],
    ["DescribeKey", undefined, false],
    ["CreateGrant", undefined, false],
    ["RetireGrant", undefined, true],
  ])("%s on behalf of %s, when it is for one resource: %s", (operation, sourceArn, expected) => {
    expect(permits(grant({ sourceArn: SOURCE }, [operation]), { operation, sourceArn })).toBe(expected);
  });

  it("on behalf of any resource, when only its context is constrained", () => {
    expect(permits(grant(subset({})), { operation: "Encrypt", sourceArn: SOURCE })).toBe(true);
  });
});

describe("a grant may be made from another", () => {
  it.each<[string, Constraints | undefined, Constraints | undefined, boolean]>([
    ["without constraints", undefined, undefined, true],
    ["with one where the parent has none", subset({ a: "1" }), undefined, true],
    ["not without one where the parent has one", undefined, subset({ a: "1" }), false],
    ["with the same subset", subset({ A: "1" }), subset({ a: "1" }), true],
    ["with more pairs in the subset", subset({ a: "1", b: "2" }), subset({ a: "1" }), true],
    ["not with fewer", subset({ a: "1" }), subset({ a: "1", b: "2" }), false],
    ["with equality that holds the subset", equals({ a: "1", b: "2" }), subset({ a: "1" }), true],
    ["not with equality that does not", equals({ b: "2" }), subset({ a: "1" }), false],
    ["with the same equality", equals({ a: "1" }), equals({ a: "1" }), true],
    ["not with a subset for an equality", subset({ a: "1" }), equals({ a: "1" }), false],
    ["not with another equality", equals({ a: "1", b: "2" }), equals({ a: "1" }), false],
    ["for the same resource", { sourceArn: SOURCE }, { sourceArn: SOURCE }, true],
    ["not for another", { sourceArn: `${SOURCE}2` }, { sourceArn: SOURCE }, false],
    ["not for any", undefined, { sourceArn: SOURCE }, false],
    ["for one where the parent is for any", { sourceArn: SOURCE }, undefined, true],
  ])("%s", (_, child, parent, expected) => {
    expect(isSubset(grant(child), grant(parent))).toBe(expected);
  });

  it("only with operations that the parent has", () => {
    expect(isSubset(grant(undefined, ["Encrypt"]), grant(undefined, ["CreateGrant", "Encrypt"]))).toBe(true);
    expect(isSubset(grant(undefined, ["Encrypt", "Decrypt"]), grant(undefined, ["CreateGrant", "Encrypt"]))).toBe(false);
  });

  it("and then permits nothing that the parent does not", () => {
    const context = fc.dictionary(fc.constantFrom("a", "A", "b"), fc.constantFrom("1", "2"), { maxKeys: 3 });
    const constraint = fc.oneof(fc.constant(undefined), context.map(subset), context.map(equals));
    fc.assert(
      fc.property(constraint, constraint, context, (child, parent, asked) => {
        const request = { operation: "Encrypt", context: pairs(asked) } as const;
        if (isSubset(grant(child), grant(parent)) && permits(grant(child), request)) expect(permits(grant(parent), request)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what may be granted on a key", () => {
  const everywhere: readonly GrantOperation[] = ["CreateGrant", "RetireGrant", "DescribeKey"];

  it.each<[string, Key["usage"], readonly GrantOperation[], GrantOperation]>([
    ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKeyPair"], "GetPublicKey"],
    ["RSA_2048", "ENCRYPT_DECRYPT", ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"], "GenerateDataKey"],
    ["ECC_NIST_P256", "SIGN_VERIFY", ["Sign", "Verify", "GetPublicKey"], "Encrypt"],
    ["HMAC_256", "GENERATE_VERIFY_MAC", ["GenerateMac", "VerifyMac"], "GetPublicKey"],
    ["ECC_NIST_P256", "KEY_AGREEMENT", ["DeriveSharedSecret", "GetPublicKey"], "Sign"],
    ["ML_KEM_768", "ENCAPSULATE_DECAPSULATE", ["Encapsulate", "Decapsulate", "GetPublicKey"], "Decrypt"],
  ])("%s for %s", (spec, usage, allowed, refused) => {
    requireGrantable(keyOf(spec, usage), [...allowed, ...everywhere], undefined);
    expect(() => requireGrantable(keyOf(spec, usage), [refused], undefined)).toThrow(refusal(`Operation ${refused} is not valid`));
  });

  it("is something", () => {
    const key = keyOf("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    expect(() => requireGrantable(key, [], undefined)).toThrow(refusal("Operations must name at least one operation."));
  });

  it("has constraints that may be", () => {
    const key = keyOf("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const both = { ...subset({ a: "1" }), ...equals({ a: "1" }) };
    expect(() => requireGrantable(key, ["Encrypt"], both)).toThrow(refusal("More than one constraint supplied"));
  });

  it("has no constraint on an encryption context where there is none, but one on the source", () => {
    const key = keyOf("HMAC_256", "GENERATE_VERIFY_MAC");
    for (const constraint of [subset({ a: "1" }), equals({})])
      expect(() => requireGrantable(key, ["GenerateMac"], constraint)).toThrow(refusal("not valid for a key with spec HMAC_256"));
    requireGrantable(key, ["GenerateMac"], { sourceArn: SOURCE });
  });

  it("is fifty thousand times", () => {
    const key = keyOf("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    requireGrantRoom(key, 49_999);
    expect(() => requireGrantRoom(key, 50_000)).toThrow(
      refusal(`Grant quota for key ${key.arn} is 50000 but the current usage is 50000.`, "LimitExceededException"),
    );
  });
});

describe("the grant operation of a permission", () => {
  it.each(["Encrypt", "ReEncryptFrom", "ReEncryptTo", "CreateGrant", "Encapsulate", "DescribeKey"] as const)("kms:%s has one", (name) => {
    expect(grantOperationOf(`kms:${name}`)).toBe(name);
  });

  it.each(["kms:ReEncrypt", "kms:DisableKey", "kms:RevokeGrant", "kms:*", "kms:encrypt", "iam:Encrypt", "Encrypt"])(
    "%s has none",
    (name) => {
      expect(grantOperationOf(name)).toBeUndefined();
    },
  );
});

describe("the id of a grant", () => {
  const sign = (parts: readonly string[]) => Buffer.from(JSON.stringify(parts));
  const { id: _, created: __, version: ___, ...proposed } = grant(subset({ a: "1" }));

  it("is random without a name", () => {
    expect(grantIdOf(proposed, sign)).toMatch(/^[0-9a-f]{64}$/);
    expect(grantIdOf(proposed, sign)).not.toBe(grantIdOf(proposed, sign));
  });

  it("depends on everything that is asked for with a name, and not on who asks", () => {
    const named = { ...proposed, name: "n" };
    const id = grantIdOf(named, sign);
    expect(grantIdOf({ ...named, creator: "AIDAOTHER" }, sign)).toBe(id);
    for (const other of [
      { name: "m" },
      { keyId: "other" },
      { issuer: "444455556666" },
      { grantee: { ...named.grantee, id: "AIDAOTHER" } },
      { grantee: { principal: named.grantee.principal } },
      { grantee: { ...named.grantee, service: true } as const },
      { retiring: named.grantee },
      { operations: ["Decrypt"] as const },
      { constraints: equals({ a: "1" }) },
      { constraints: subset({ A: "1" }) },
      { constraints: { ...subset({ a: "1" }), sourceArn: SOURCE } },
    ])
      expect(grantIdOf({ ...named, ...other }, sign), JSON.stringify(other)).not.toBe(id);
  });

  it("is a MAC of these parts, each at its place", () => {
    const named = { ...proposed, name: "n", operations: ["Encrypt", "Decrypt"] as const };
    const parts = (other: Partial<typeof named>) => JSON.parse(Buffer.from(grantIdOf({ ...named, ...other }, sign), "hex").toString());
    const { principal } = named.grantee;
    const rest = ["Decrypt,Encrypt", '[[["a","1"]],null,null]'];
    expect(parts({})).toEqual(["n", "key", "111122223333", "111122223333", principal, "AIDAALICE", "", "", "", "", ...rest]);
    const services = { grantee: { principal: "s3.amazonaws.com", service: true }, retiring: { principal } } as const;
    expect(parts(services).slice(4, 10)).toEqual(["s3.amazonaws.com", "", "service", principal, "", ""]);
  });

  it("is 64 hex digits, or refused", () => {
    const id = "0123456789abcdef".repeat(4);
    expect(requireGrantId(id)).toBe(id);
    for (const text of ["", "x", id.slice(1), `${id}0`, ` ${id}`, `${id}\n`, id.toUpperCase(), id.replace("f", "g")])
      expect(() => requireGrantId(text)).toThrow(refusal(`Invalid grant ID '${text}'`, "InvalidGrantIdException"));
    expect(invalidGrantId("x")).toEqual(refusal("Invalid grant ID 'x'", "InvalidGrantIdException"));
    expect(unknownGrant("x")).toEqual(refusal("Grant ID x not found", "NotFoundException"));
  });
});
