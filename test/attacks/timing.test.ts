/**
 * What the time of a refusal tells about a tag or signature: nothing of where it is wrong.
 *
 * By statistics: calls with a wrong first and with a wrong last byte take turns, so that a machine that slows down slows both, and their medians
 * are compared. What the compare itself costs drowns in what is computed before it, so `equal`, which all of these use, is asked about 64 KB,
 * too; and the measure has to find a compare that is none.
 */
import { equal, generateKey, mac, macOf, sameMac, verifyMac } from "@trent/crypto";
import { describe, expect, test } from "vitest";
import { claimOf, requireSignature, signingKey } from "#wire/sigv4";
import { SECRET, signed } from "../wire/sigv4-signers.ts";

const [ROUNDS, TRIES] = [400, 4];

/** How much longer the second takes than the first: the quotient of the medians. */
function quotient(first: () => unknown, last: () => unknown, calls: number): number {
  const time = (call: () => unknown) => {
    const began = process.hrtime.bigint();
    for (let i = 0; i < calls; i += 1) call();
    return Number(process.hrtime.bigint() - began);
  };
  const times: readonly number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Whoever is first finds the caches as the other left them: by turns.
    const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) times[which]?.push(time(which === 0 ? first : last));
  }
  const [a = 1, b = 0] = times.map((all) => all.sort((x, y) => x - y)[ROUNDS >> 1] ?? 0);
  return b / a;
}

/** A machine that does other things, too, may mislead a measurement; not each of several. */
function isEven(first: () => unknown, last: () => unknown, calls: number): boolean {
  for (let n = 0; n < TRIES; n += 1) if (Math.abs(Math.log(quotient(first, last, calls))) < Math.log(1.05)) return true;
  return false;
}

const wrongAt = (bytes: Uint8Array, at: number): Buffer => {
  const wrong = Buffer.from(bytes);
  const place = at < 0 ? wrong.length + at : at;
  wrong[place] = (wrong[place] ?? 0) ^ 1;
  return wrong;
};

function early(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

describe("the time of a compare", () => {
  const right = Buffer.alloc(1 << 16, 7);
  const [first, last] = [wrongAt(right, 0), wrongAt(right, -1)];

  test("that ends with the first wrong byte is found by this measure", () => {
    expect(
      isEven(
        () => early(right, first),
        () => early(right, last),
        1,
      ),
    ).toBe(false);
  });

  test("of 64 KB does not tell where it is wrong", () => {
    expect([equal(right, first), equal(right, last), equal(right, Buffer.from(right))]).toEqual([false, false, true]);
    expect(
      isEven(
        () => equal(right, first),
        () => equal(right, last),
        1,
      ),
    ).toBe(true);
  });
});

describe("the time of a refusal does not tell where", () => {
  const key = generateKey();

  test("the MAC of a row, a marker, a token is wrong", () => {
    const parts = ["marker", "ListKeys", "111122223333", "x".repeat(64)];
    const tag = mac(key, parts);
    const [first, last] = [wrongAt(tag, 0), wrongAt(tag, -1)];
    expect([verifyMac(key, parts, first), verifyMac(key, parts, last), verifyMac(key, parts, tag)]).toEqual([false, false, true]);
    expect(
      isEven(
        () => verifyMac(key, parts, first),
        () => verifyMac(key, parts, last),
        50,
      ),
    ).toBe(true);
  });

  test("the MAC that VerifyMac is asked about is wrong", () => {
    const message = Buffer.alloc(64, 1);
    const tag = macOf(key, "HMAC_SHA_256", message);
    const [first, last] = [wrongAt(tag, 0), wrongAt(tag, -1)];
    expect([sameMac(key, "HMAC_SHA_256", message, first), sameMac(key, "HMAC_SHA_256", message, tag)]).toEqual([false, true]);
    expect(
      isEven(
        () => sameMac(key, "HMAC_SHA_256", message, first),
        () => sameMac(key, "HMAC_SHA_256", message, last),
        50,
      ),
    ).toBe(true);
  });

  test("the signature of a request is wrong", async () => {
    const http = await signed();
    const claim = claimOf(http);
    const [, date = "", region = "", service = ""] = claim.credential.split("/");
    const derived = signingKey(Buffer.from(SECRET), { accessKeyId: "", date, region, service });
    requireSignature(claim, http, derived);
    const refused = (at: number) => {
      const digits = [...claim.signature];
      const place = at < 0 ? digits.length + at : at;
      digits[place] = digits[place] === "0" ? "1" : "0";
      const wrong = { ...claim, signature: digits.join("") };
      return () => {
        try {
          requireSignature(wrong, http, derived);
        } catch {
          return;
        }
        throw new Error("It was believed.");
      };
    };
    expect(isEven(refused(0), refused(-1), 20)).toBe(true);
  });
});
