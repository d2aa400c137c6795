import { describe, expect, it, test } from "vitest";
import { algorithmsOf, isAsymmetric, type KeySpec, type KeyUsage, requireCompatible, secretLengthOf } from "#domain/key-spec";
import { KEY_SPECS } from "#wire/members";
import { KINDS } from "../kms/kinds.ts";

const SPECS = KEY_SPECS.filter((spec) => spec !== "SM2");
const USAGES: readonly KeyUsage[] = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"];

describe("a key", () => {
  it.each(SPECS.flatMap((spec) => USAGES.map((usage) => [spec, usage] as const)))("of %s for %s", (spec, usage) => {
    const [, , lists] = KINDS.find((kind) => kind[0] === spec && kind[1] === usage) ?? [];
    expect(algorithmsOf({ spec, usage })).toEqual(lists ? Object.values(lists)[0] : []);
    if (lists) requireCompatible(spec, usage);
    else
      expect(() => requireCompatible(spec, usage)).toThrow(
        expect.objectContaining({ name: "ValidationException", message: `KeyUsage ${usage} is not compatible with KeySpec ${spec}` }),
      );
  });
});

test("every spec is a pair but those for symmetric encryption and for HMAC", () => {
  const secrets: readonly KeySpec[] = ["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"];
  for (const spec of SPECS) expect(isAsymmetric(spec), spec).toBe(!secrets.includes(spec));
});

test("a secret has as many bits as its spec says", () => {
  expect((["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"] as const).map(secretLengthOf)).toEqual([
    32, 28, 32, 48, 64,
  ]);
});
