import { generateKey, mac, verifyMac } from "@trent/crypto";
import { describe, expect, it } from "vitest";
import { issueGrantToken, openGrantToken } from "#domain/grant-token";

const secret = generateKey();
const sign = (parts: readonly string[]) => mac(secret, parts);
const verify = (parts: readonly string[], tag: Uint8Array) => verifyMac(secret, parts, tag);
const REGION = "us-east-1";
const grant = { account: "111122223333", keyId: "1234abcd-12ab-34cd-56ef-1234567890ab", id: "0".repeat(64) };
const issue = () => issueGrantToken(grant, REGION, sign);
const refusal = expect.objectContaining({ name: "InvalidGrantTokenException" });

describe("a grant token", () => {
  it("names its grant and the ARN of its key", () => {
    expect(openGrantToken(issue(), REGION, verify)).toEqual({
      keyId: `arn:aws:kms:us-east-1:111122223333:key/${grant.keyId}`,
      grantId: grant.id,
    });
  });

  it("is another one each time, in the letters of base64, within AWS's length", () => {
    const tokens = Array.from({ length: 100 }, issue);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9+/]{1,8190}={0,2}$/);
  });

  it("is worth nothing when any bit of it is another, or it is cut or continued", () => {
    const bytes = Buffer.from(issue(), "base64");
    for (let at = 0; at < bytes.length * 8; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at >> 3] = (changed[at >> 3] as number) ^ (1 << (at & 7));
      expect(() => openGrantToken(changed.toString("base64"), REGION, verify), `bit ${at}`).toThrow(refusal);
    }
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => openGrantToken(bytes.subarray(0, length).toString("base64"), REGION, verify)).toThrow(refusal);
    expect(() => openGrantToken(Buffer.concat([bytes, Buffer.of(0)]).toString("base64"), REGION, verify)).toThrow(refusal);
  });

  it("is written in one way", () => {
    const token = issue();
    for (const other of [` ${token}`, `${token}\n`, `${token}=`, token.replaceAll("=", ""), Buffer.from(token, "base64").toString("hex")])
      if (other !== token) expect(() => openGrantToken(other, REGION, verify)).toThrow(refusal);
  });

  it("is worth nothing in another Region, or under another key", () => {
    const token = issue();
    const stranger = generateKey();
    expect(() => openGrantToken(token, "eu-west-1", verify)).toThrow(refusal);
    expect(() => openGrantToken(token, REGION, (parts, tag) => verifyMac(stranger, parts, tag))).toThrow(refusal);
  });
});
