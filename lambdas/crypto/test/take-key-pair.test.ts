import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AsymmetricSpec, generateKeyPair, takeKeyPair, UnfitKeyError } from "../index.ts";
import { flipped } from "./given.ts";

const SPECS: readonly AsymmetricSpec[] = [
  ...(["RSA_2048", "RSA_3072", "RSA_4096"] as const),
  ...(["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"] as const),
];
const CURVES = { ECC_NIST_P256: "P-256", ECC_NIST_P384: "P-384", ECC_NIST_P521: "P-521", ECC_SECG_P256K1: "secp256k1" } as const;
const pkcs8 = { type: "pkcs8", format: "der" } as const;

/** The DER of a value with this tag. */
const tagged = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
};

describe("takeKeyPair", () => {
  test.each(SPECS)("takes a pair of %s as it was made here, and writes it so again", async (spec) => {
    const pair = await generateKeyPair(spec);
    expect(takeKeyPair(pair.privateKey, spec)).toEqual(pair);
  });

  test.each(Object.entries(CURVES))("finds the public half of %s by itself, and in each form that a point has", (spec, namedCurve) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve });
    const own = takeKeyPair(privateKey.export(pkcs8), spec as AsymmetricSpec);
    const { d = "", x = "", y = "" } = privateKey.export({ format: "jwk" });
    const [scalar, abscissa, ordinate] = [d, x, y].map((part) => Buffer.from(part, "base64url")) as [Buffer, Buffer, Buffer];
    const odd = (ordinate.at(-1) ?? 0) & 1;
    const points = [[0x04, ordinate], [0x02 + odd], [0x06 + odd, ordinate]].map(([form, rest]) =>
      Buffer.concat([Buffer.of(form as number), abscissa, ...(rest ? [rest as Buffer] : [])]),
    );
    const algorithm = privateKey.export(pkcs8).subarray(own.privateKey.indexOf(0x30, 4));
    const identifier = algorithm.subarray(0, 2 + (algorithm[1] ?? 0));
    for (const point of [undefined, ...points]) {
      const publicKey = point ? [tagged(0xa1, tagged(0x03, Buffer.of(0), point))] : [];
      const inner = tagged(0x30, Buffer.from([2, 1, 1]), tagged(0x04, scalar), ...publicKey);
      expect(takeKeyPair(tagged(0x30, Buffer.from([2, 1, 0]), identifier, tagged(0x04, inner)), spec as AsymmetricSpec)).toEqual(own);
    }
  });

  test("refuses a pair of another kind or size", async () => {
    const given = await Promise.all(SPECS.map(async (spec) => [spec, (await generateKeyPair(spec)).privateKey] as const));
    for (const [spec, bytes] of given)
      for (const other of SPECS.filter((one) => one !== spec)) expect(() => takeKeyPair(bytes, other)).toThrow(UnfitKeyError);
    const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey.export(pkcs8);
    expect(() => takeKeyPair(pss, "RSA_2048")).toThrow(UnfitKeyError);
  });

  test("refuses a curve that is described and not named", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" });
    expect(() => takeKeyPair(privateKey.export(pkcs8), "ECC_NIST_P256")).toThrow(UnfitKeyError);
  });

  test("refuses an RSA key whose numbers do not belong together", () => {
    const [one, other] = [0, 1].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }));
    for (const member of ["n", "d", "p", "q", "dp", "dq", "qi"] as const) {
      let forged: Buffer;
      try {
        forged = createPrivateKey({ key: { ...one, [member]: other?.[member] }, format: "jwk" }).export(pkcs8);
      } catch {
        continue;
      }
      expect(() => takeKeyPair(forged, "RSA_2048"), member).toThrow(UnfitKeyError);
    }
    const identity = createPrivateKey({ key: { ...one, e: "AQ", d: "AQ", dp: "AQ", dq: "AQ" }, format: "jwk" }).export(pkcs8);
    expect(() => takeKeyPair(identity, "RSA_2048")).toThrow(UnfitKeyError);
  });

  test("refuses another point than the private key's", () => {
    const [one, other] = [0, 1].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(pkcs8)) as [Buffer, Buffer];
    const mixed = Buffer.concat([one.subarray(0, -64), other.subarray(-64)]);
    expect(() => takeKeyPair(mixed, "ECC_NIST_P256")).toThrow(UnfitKeyError);
  });

  test("takes any bytes for what they are: a pair that holds together, or no key", async () => {
    const { privateKey } = await generateKeyPair("ECC_NIST_P256");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => takeKeyPair(bytes, "ECC_NIST_P256")).toThrow(UnfitKeyError);
      }),
    );
    for (let bit = 0; bit < privateKey.length * 8; bit += 7) {
      try {
        expect(takeKeyPair(flipped(privateKey, bit), "ECC_NIST_P256").publicKey).toHaveLength(91);
      } catch (cause) {
        expect(cause).toBeInstanceOf(UnfitKeyError);
      }
    }
  });
});
