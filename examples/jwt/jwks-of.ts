import { createPublicKey } from "node:crypto";
import { GetPublicKeyCommand, type KeySpec, type KMSClient } from "@aws-sdk/client-kms";
import type { JSONWebKeySet } from "jose";
import type { JwtAlgorithm } from "./sign-jwt.ts";

const ALGORITHMS: Partial<Record<KeySpec, JwtAlgorithm>> = {
  ...{ ECC_NIST_P256: "ES256", ECC_NIST_EDWARDS25519: "EdDSA" },
  ...{ RSA_2048: "RS256", RSA_3072: "RS256", RSA_4096: "RS256" },
};

/** The public halves of these keys as who verifies JWTs fetches them, e.g. from /.well-known/jwks.json. @see RFC 7517, section 5 */
export async function jwksOf(kms: KMSClient, keyIds: readonly string[]): Promise<JSONWebKeySet> {
  const keys = keyIds.map(async (id) => {
    const { KeyId: arn = "", KeySpec: spec, PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: id }));
    const alg = spec && ALGORITHMS[spec];
    if (!alg || !PublicKey) throw new Error(`No JWT is signed by a key of ${spec}.`);
    const jwk = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" }).export({ format: "jwk" });
    return { ...jwk, kty: jwk.kty ?? "", kid: arn.slice(arn.lastIndexOf("/") + 1), alg, use: "sig" };
  });
  return { keys: await Promise.all(keys) };
}
