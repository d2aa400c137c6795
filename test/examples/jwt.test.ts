import { CreateAliasCommand, CreateKeyCommand, type KeySpec, type KMSClient } from "@aws-sdk/client-kms";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jwksOf } from "../../examples/jwt/jwks-of.ts";
import { type JwtAlgorithm, signJwt } from "../../examples/jwt/sign-jwt.ts";
import { type Service, startService } from "../service.ts";
import { inShell, lacks, newFolder, scriptOf, variablesOf } from "./in-shell.ts";

const KINDS: readonly (readonly [JwtAlgorithm, KeySpec])[] = [
  ["ES256", "ECC_NIST_P256"],
  ["RS256", "RSA_2048"],
  ["EdDSA", "ECC_NIST_EDWARDS25519"],
];

describe("examples/jwt", () => {
  const folder = newFolder();
  let service: Service;
  let kms: KMSClient;
  const keys = new Map<JwtAlgorithm, string>();
  const keyOf = (alg: JwtAlgorithm): string => keys.get(alg) ?? "";
  beforeAll(async () => {
    service = await startService();
    kms = service.kms();
    for (const [alg, KeySpec] of KINDS) {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: "SIGN_VERIFY" }));
      keys.set(alg, KeyMetadata?.KeyId ?? "");
    }
  });
  afterAll(() => service?.stop());

  test.each(KINDS)("signs %s so that jose verifies it by a set of several keys", async (alg) => {
    const set = createLocalJWKSet(await jwksOf(kms, [...keys.values()]));
    // As often as it takes for an r or an s with a leading zero, now and then.
    for (let round = 0; round < (alg === "ES256" ? 50 : 2); round++) {
      const token = await signJwt(kms, keyOf(alg), alg, { iss: "me", sub: "dana", round });
      expect(decodeProtectedHeader(token)).toEqual({ alg, typ: "JWT", kid: keyOf(alg) });
      const { payload } = await jwtVerify(token, set, { issuer: "me", algorithms: [alg] });
      expect(payload).toEqual({ iss: "me", sub: "dana", round });
    }
  });

  test.each(KINDS)("a token of %s with other claims is refused", async (alg) => {
    const [header, , signature] = (await signJwt(kms, keyOf(alg), alg, { sub: "dana" })).split(".");
    const forged = [header, Buffer.from(JSON.stringify({ sub: "root" })).toString("base64url"), signature].join(".");
    const set = createLocalJWKSet(await jwksOf(kms, [keyOf(alg)]));
    await expect(jwtVerify(forged, set)).rejects.toMatchObject({ code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  });

  test("a token signed by way of an alias names the key behind it", async () => {
    await kms.send(new CreateAliasCommand({ AliasName: "alias/jwt", TargetKeyId: keyOf("ES256") }));
    const token = await signJwt(kms, "alias/jwt", "ES256", {});
    await jwtVerify(token, createLocalJWKSet(await jwksOf(kms, ["alias/jwt"])));
    expect(decodeProtectedHeader(token).kid).toBe(keyOf("ES256"));
  });

  test("what signs no JWTs has no place in the set", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P384", KeyUsage: "SIGN_VERIFY" }));
    await expect(jwksOf(kms, [KeyMetadata?.KeyId ?? ""])).rejects.toThrow("No JWT is signed by a key of ECC_NIST_P384.");
  });

  test.skipIf(lacks("aws"))("the README's command prints the set and a token, and verifies it", { timeout: 60_000 }, async () => {
    const printed = await inShell(scriptOf("jwt"), folder, variablesOf(service));
    const [set = "", token = "", verdict] = printed.trim().split("\n");
    expect(JSON.parse(set).keys).toEqual([expect.objectContaining({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" })]);
    expect(token.split(".")).toHaveLength(3);
    expect(verdict).toBe("verified: dana");
  });
});
