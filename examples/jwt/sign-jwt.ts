import { createHash } from "node:crypto";
import { DescribeKeyCommand, type KMSClient, SignCommand, type SignCommandInput, type SigningAlgorithmSpec } from "@aws-sdk/client-kms";

/** The algorithms of JWTs that keys of KMS have. @see RFC 7518, section 3.1; RFC 8037, section 3.1 */
const SIGNING = { ES256: "ECDSA_SHA_256", RS256: "RSASSA_PKCS1_V1_5_SHA_256", EdDSA: "ED25519_SHA_512" } as const;
export type JwtAlgorithm = keyof typeof SIGNING;

/** A JWT with these claims, signed by a key of KMS. The name of the key in it is the key's id, also where an alias was given. */
export async function signJwt(kms: KMSClient, keyId: string, alg: JwtAlgorithm, claims: object): Promise<string> {
  const { KeyMetadata: { KeyId: kid } = {} } = await kms.send(new DescribeKeyCommand({ KeyId: keyId }));
  const signed = `${encoded({ alg, typ: "JWT", kid })}.${encoded(claims)}`;
  const SigningAlgorithm: SigningAlgorithmSpec = SIGNING[alg];
  const { Signature } = await kms.send(new SignCommand({ KeyId: kid, SigningAlgorithm, ...messageOf(alg, signed) }));
  if (!Signature) throw new Error("Sign answered no signature.");
  const signature = alg === "ES256" ? fixedLength(Signature) : Buffer.from(Signature);
  return `${signed}.${signature.toString("base64url")}`;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Hashed here, a token may be of any length and its claims stay at home; Ed25519 takes a message whole, of up to 4,096 bytes. */
function messageOf(alg: JwtAlgorithm, signed: string): Pick<SignCommandInput, "Message" | "MessageType"> {
  if (alg === "EdDSA") return { Message: Buffer.from(signed), MessageType: "RAW" };
  return { Message: createHash("sha256").update(signed).digest(), MessageType: "DIGEST" };
}

/** KMS answers r and s as DER; a JWT has them as 32 bytes each. @see RFC 7518, section 3.4 */
function fixedLength(der: Uint8Array): Buffer {
  // SEQUENCE, its length, INTEGER, its length, r, INTEGER, its length, s: for P-256 each length is one byte.
  const rEnd = 4 + (der[3] ?? 0);
  const numbers = [der.subarray(4, rEnd), der.subarray(rEnd + 2)];
  return Buffer.concat(numbers.map((number) => Buffer.from(Buffer.from(number).toString("hex").slice(-64).padStart(64, "0"), "hex")));
}
