import { generateKey, randomBytes } from "@trent/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Session } from "#domain/session";
import { packedPercent } from "#domain/session-fields";
import { accountInKeyId, isSessionKeyId, sessionKeyId } from "#domain/session-key-id";
import { LONGEST_TOKEN, openSession, sealSession } from "#domain/session-token";

const KEY = { version: 1, key: generateKey() };
const text = (maxLength: number, minLength = 1) => fc.string({ unit: "grapheme", minLength, maxLength });
const date = fc.integer({ min: 0, max: 4e9 }).map((seconds) => new Date(seconds * 1000));

const session: fc.Arbitrary<Session> = fc.record(
  {
    kind: fc.constantFrom("role", "user", "federated-user"),
    partition: fc.constantFrom("aws", "aws-cn", "aws-us-gov"),
    account: fc.integer({ min: 0, max: 999_999_999_999 }).map((number) => String(number).padStart(12, "0")),
    issuer: fc.record({ type: fc.constantFrom("Role", "IAMUser", "Root"), id: text(21), name: text(64, 0) }),
    name: text(32),
    issued: date,
    expires: date,
    policy: text(200),
    policyArns: fc.array(text(60), { maxLength: 4 }),
    tags: fc.array(fc.tuple(text(20), text(20, 0)), { maxLength: 5 }).map((pairs) => new Map(pairs)),
    transitive: fc.array(text(20), { maxLength: 3 }),
    sourceIdentity: text(32),
    chained: fc.boolean(),
    provider: text(60),
  },
  {
    requiredKeys: ["kind", "partition", "account", "issuer", "issued", "expires", "policyArns", "tags", "transitive", "chained"],
    noNullPrototype: true,
  },
);
const keyId = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((random) => sessionKeyId("111122223333", random));

describe("a session token", () => {
  it("holds the session, and gives its secret, to who has the key id and the token key", () => {
    fc.assert(
      fc.property(session, keyId, (sealed, id) => {
        const { token, secretAccessKey } = sealSession(sealed, id, KEY);
        const opened = openSession(token, id, KEY.key);
        expect(opened?.session).toEqual(sealed);
        expect(opened?.secret.export().toString()).toBe(secretAccessKey);
        expect(secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
        expect(token.length).toBeLessThanOrEqual(LONGEST_TOKEN);
        expect(openSession(token, id, generateKey())).toBeUndefined();
        expect(openSession(token, sessionKeyId("111122223333", randomBytes(8)), KEY.key)).toBeUndefined();
      }),
    );
  });

  it("does not open when any of its bits is another", () => {
    const id = sessionKeyId("111122223333", randomBytes(8));
    const [sealed] = fc.sample(session, 1);
    const bytes = Buffer.from(sealSession(sealed as Session, id, KEY).token, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      // The version of the key is looked at by whoever chooses the key.
      if (bit >= 8 && bit < 24) continue;
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openSession(changed.toString("base64url"), id, KEY.key)).toBeUndefined();
    }
  });

  it("opens nothing for any text", () => {
    const id = sessionKeyId("111122223333", randomBytes(8));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.base64String()), (any) => openSession(any, id, KEY.key) === undefined),
    );
  });

  it("is another, with another secret, each time", () => {
    const [sealed] = fc.sample(session, 1);
    const id = sessionKeyId("111122223333", randomBytes(8));
    const both = [1, 2].map(() => sealSession(sealed as Session, id, KEY));
    expect(new Set(both.map(({ token }) => token)).size).toBe(2);
    expect(new Set(both.map(({ secretAccessKey }) => secretAccessKey)).size).toBe(2);
  });

  it("is as long as it is asked to be, within its limit", () => {
    const [sealed] = fc.sample(session, 1);
    for (const least of [0, 1500, 3001, 4095, 4096]) {
      const { token } = sealSession(sealed as Session, sessionKeyId("111122223333", randomBytes(8)), KEY, least);
      expect(token.length).toBeGreaterThanOrEqual(least);
      expect(token.length).toBeLessThanOrEqual(LONGEST_TOKEN);
    }
  });

  it("is within its limit with the longest of everything that there is room for", () => {
    const longest: Session = {
      ...{
        kind: "role",
        partition: "aws-us-gov",
        account: "999999999999",
        name: "n".repeat(64),
        chained: true,
        sourceIdentity: "s".repeat(64),
      },
      issuer: { type: "IAMUser", id: "A".repeat(21), name: "r".repeat(64) },
      ...{ issued: new Date(4e12), expires: new Date(4e12), provider: `arn:aws-us-gov:iam::999999999999:oidc-provider/${"p".repeat(255)}` },
      ...{ policy: "p".repeat(2048), policyArns: [], tags: new Map([["k".repeat(98), "v".repeat(96)]]), transitive: [] },
    };
    expect(packedPercent(longest)).toBe(100);
    expect(sealSession(longest, sessionKeyId("999999999999", randomBytes(8)), KEY).token.length).toBeLessThanOrEqual(LONGEST_TOKEN);
  });
});

describe("the id of a temporary access key", () => {
  it("tells its account", () => {
    for (const account of ["000000000000", "111122223333", "999999999999"]) {
      const id = sessionKeyId(account, randomBytes(8));
      expect([isSessionKeyId(id), accountInKeyId(id)]).toEqual([true, account]);
    }
  });

  it("is none when it says no account, or is another kind of id", () => {
    for (const id of ["ASIA777777777777777A", "AKIAIOSFODNN7EXAMPLE", "ASIA", "asiaaaaaaaaaaaaaaaaa"])
      expect(accountInKeyId(id)).toBeUndefined();
  });
});
