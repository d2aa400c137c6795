import { KMSClient } from "@aws-sdk/client-kms";
import { createLocalJWKSet, jwtVerify } from "jose";
import { jwksOf } from "./jwks-of.ts";
import { signJwt } from "./sign-jwt.ts";

const [keyId] = process.argv.slice(2);
if (keyId === undefined) {
  console.error("usage: node main.ts KEY");
  process.exit(2);
}

const kms = new KMSClient();
const jwks = await jwksOf(kms, [keyId]);
const alg = jwks.keys[0]?.alg as Parameters<typeof signJwt>[2];
const now = Math.floor(Date.now() / 1000);
const token = await signJwt(kms, keyId, alg, { iss: "https://issuer.example", aud: "orders", sub: "dana", iat: now, exp: now + 300 });
console.log(JSON.stringify(jwks));
console.log(token);

// What the other side does, which has fetched the set and knows whom and what it expects.
const expected = { issuer: "https://issuer.example", audience: "orders", algorithms: [alg] };
const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), expected);
console.log(`verified: ${payload.sub}`);
