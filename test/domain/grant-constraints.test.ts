import { describe, expect, it } from "vitest";
import { type Constraints, constraintTypeOf, isStricter, requireConstraints, textOf } from "#domain/grant-constraints";

const SOURCE = "arn:aws:s3:::bucket";
const pairs = (context: Record<string, string>) => new Map(Object.entries(context));
const subset = (context: Record<string, string>): Constraints => ({ subset: pairs(context) });
const equals = (context: Record<string, string>): Constraints => ({ equals: pairs(context) });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`name ${i}`, "value"]));

describe("a constraint", () => {
  it("has at most 8 pairs with values of at most 384 characters, whichever sort it is", () => {
    for (const sort of [subset, equals]) {
      requireConstraints(sort(many(8)));
      expect(() => requireConstraints(sort(many(9)))).toThrow("An encryption context constraint can have at most 8 pairs.");
      requireConstraints(sort({ short: "", long: "x".repeat(384) }));
      expect(() => requireConstraints(sort({ short: "", long: "x".repeat(385) }))).toThrow(
        "A value in an encryption context constraint can have at most 384 characters.",
      );
    }
    requireConstraints({ sourceArn: SOURCE });
  });

  it("is of one sort", () => {
    expect(() => requireConstraints({ ...subset({ a: "1" }), ...equals({ a: "1" }) })).toThrow("More than one constraint supplied");
  });

  it("goes by the name of its sort in condition keys", () => {
    expect(constraintTypeOf(subset({}))).toBe("EncryptionContextSubset");
    expect(constraintTypeOf(equals({}))).toBe("EncryptionContextEquals");
    expect(constraintTypeOf({ sourceArn: SOURCE })).toBeUndefined();
  });
});

describe("a constraint as text", () => {
  it("is the same in whatever order it is written", () => {
    expect(textOf(subset({ b: "2", a: "1", c: "3" }))).toBe('[[["a","1"],["b","2"],["c","3"]],null,null]');
    expect(textOf(subset({ c: "3", a: "1", b: "2" }))).toBe(textOf(subset({ a: "1", b: "2", c: "3" })));
  });

  it("tells each sort from the others, and an empty one from none", () => {
    const texts = [undefined, subset({}), equals({}), subset({ a: "1" }), equals({ a: "1" }), { sourceArn: SOURCE }].map((each) =>
      textOf(each),
    );
    expect(texts).toEqual([
      "[null,null,null]",
      "[[],null,null]",
      "[null,[],null]",
      '[[["a","1"]],null,null]',
      '[null,[["a","1"]],null]',
      `[null,null,"${SOURCE}"]`,
    ]);
  });
});

describe("a constraint is as strict as another", () => {
  it.each<[string, Constraints, Constraints | undefined, boolean]>([
    ["when there is no other", {}, undefined, true],
    ["when the other asks nothing", {}, {}, true],
    ["not without a context where the other has one", { sourceArn: SOURCE }, { sourceArn: SOURCE, ...equals({ a: "1" }) }, false],
    ["not with another value", equals({ a: "2" }), equals({ a: "1" }), false],
    ["not with pairs that only read alike when they are joined", equals({ a: "1", b: "2" }), equals({ a: '1","b","2' }), false],
    [
      "with the same pairs in another order, and other letters in their names",
      equals({ B: "2", a: "1" }),
      equals({ A: "1", b: "2" }),
      true,
    ],
    ["when it has no context and the other only a source", { sourceArn: SOURCE }, { sourceArn: SOURCE }, true],
    ["with any subset, empty where the other is empty", subset({}), subset({}), true],
  ])("%s", (_, child, parent, expected) => {
    expect(isStricter(child, parent)).toBe(expected);
  });
});
