import { describe, expect, it } from "vitest";
import { type Alias, requireAlias } from "#domain/alias";
import { Conflict } from "#domain/conflict";
import { newKey } from "#domain/key";

const at = new Date("2026-01-02T03:04:05Z");
const key = newKey({
  id: "11111111-2222-4333-8444-555555555555",
  account: "111122223333",
  region: "us-east-1",
  description: "",
  spec: "SYMMETRIC_DEFAULT",
  usage: "ENCRYPT_DECRYPT",
  created: at,
  policy: "",
  principals: {},
  tags: new Map(),
  materials: [],
});
const alias: Alias = { account: key.account, name: "alias/orders", targetKeyId: key.id, created: at, updated: at, version: 1 };

describe("an alias that was resolved before the caller was authorized", () => {
  it("is taken when it still points to the key", () => {
    expect(requireAlias(alias, key, alias.name)).toBe(alias);
  });

  it("is decided anew when it was moved to another key meanwhile", () => {
    expect(() => requireAlias({ ...alias, targetKeyId: "another" }, key, alias.name)).toThrow(Conflict);
  });

  it("is not found when it is gone", () => {
    expect(() => requireAlias(undefined, key, alias.name)).toThrow("Alias arn:aws:kms:us-east-1:111122223333:alias/orders is not found.");
  });
});
