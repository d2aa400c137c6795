import { createSecretKey, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Scope, signingKey, signingKeyCache } from "#wire/sigv4";
import { ID, SECRET } from "./sigv4-signers.ts";

const scope: Scope = { accessKeyId: ID, date: "20260102", region: "eu-central-1", service: "kms" };
const some = (): KeyObject => createSecretKey(Buffer.from("key"));

describe("a signing key", () => {
  test("is another for each secret, date, Region and service, and leaves the secret alone", () => {
    const secret = Buffer.from(SECRET);
    const changes: Partial<Scope>[] = [{}, { date: "20260103" }, { region: "eu-central-2" }, { service: "sts" }];
    const keys = changes.map((change) =>
      signingKey(secret, { ...scope, ...change })
        .export()
        .toString("hex"),
    );
    keys.push(
      signingKey(Buffer.from(`${SECRET}x`), scope)
        .export()
        .toString("hex"),
    );
    expect(new Set(keys).size).toBe(5);
    expect(secret.toString()).toBe(SECRET);
    expect(signingKey(secret, scope).export()).toHaveLength(32);
  });

  test("is never made from an empty secret", () => {
    expect(() => signingKey(Buffer.alloc(0), scope)).toThrow("A secret access key is empty.");
  });
});

describe("the cache of signing keys", () => {
  test("finds a key by its whole scope and the version of its secret", () => {
    const cache = signingKeyCache(10);
    const key = some();
    cache.set(scope, "1", key);
    expect(cache.get({ ...scope }, "1")).toBe(key);
    expect(cache.get(scope, "2")).toBeUndefined();
    for (const part of ["accessKeyId", "date", "region", "service"] as const) {
      expect(cache.get({ ...scope, [part]: `${scope[part]}x` }, "1")).toBeUndefined();
    }
  });

  test("replaces a key", () => {
    const cache = signingKeyCache(10);
    const key = some();
    cache.set(scope, "1", some());
    cache.set(scope, "1", key);
    expect(cache.get(scope, "1")).toBe(key);
  });

  test("holds no more than its limit, and whatever was asked for just now", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.array(fc.nat(30), { maxLength: 200 }), (limit, versions) => {
        const cache = signingKeyCache(limit);
        for (const version of versions) {
          cache.set(scope, String(version), some());
          expect(cache.get(scope, String(version))).toBeDefined();
        }
        const held = Array.from({ length: 31 }, (_, version) => cache.get(scope, String(version))).filter((key) => key !== undefined);
        expect(held.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test("keeps a key that is in use while others come and go", () => {
    const cache = signingKeyCache(4);
    cache.set(scope, "used", some());
    for (let i = 0; i < 100; i += 1) {
      cache.set(scope, String(i), some());
      expect(cache.get(scope, "used")).toBeDefined();
    }
    expect(cache.get(scope, "0")).toBeUndefined();
  });
});
