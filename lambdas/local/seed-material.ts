import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { secretKey } from "@trent/crypto";
import { isAsymmetric, type KeySpec, secretLengthOf } from "#domain/key-spec";
import type { GivenMaterial } from "#store/materials";
import { type Place, textAt, wrong } from "./seed-place.ts";

const CURVES: Readonly<Record<string, KeySpec>> = {
  prime256v1: "ECC_NIST_P256",
  secp384r1: "ECC_NIST_P384",
  secp521r1: "ECC_NIST_P521",
  secp256k1: "ECC_SECG_P256K1",
};
const MODULI = [2048, 3072, 4096];

/** A private key that is written in PEM, and the spec of the keys that have such. @throws {UsageError} */
export function pairAt(place: Place): { readonly spec: KeySpec; readonly material: GivenMaterial } {
  const key = privateKeyIn(textAt(place, /PRIVATE KEY/, "a private key in PEM"));
  const spec = key && specOf(key);
  if (!key || !spec) throw wrong(place.at, "has to be an RSA, elliptic-curve or Ed25519 private key of a size that KMS has, in PEM.");
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");
  return { spec, material: { secret: secretKey(key.export({ type: "pkcs8", format: "der" })), publicKey } };
}

/** The material of a key of this spec: hexadecimal digits, or of a pair its private half in PEM. @throws {UsageError} */
export function materialAt(place: Place, spec: KeySpec): GivenMaterial {
  if (isAsymmetric(spec)) {
    const pair = pairAt(place);
    if (pair.spec !== spec) throw wrong(place.at, `is the private key of a pair of spec ${pair.spec}, not ${spec}.`);
    return pair.material;
  }
  const digits = secretLengthOf(spec) * 2;
  return { secret: secretKey(Buffer.from(textAt(place, new RegExp(`^[0-9a-f]{${digits}}$`, "i"), `${digits} hexadecimal digits`), "hex")) };
}

function privateKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function specOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): KeySpec | undefined {
  if (type === "ed25519") return "ECC_NIST_EDWARDS25519";
  if (type === "ec") return CURVES[details?.namedCurve ?? ""];
  return type === "rsa" && MODULI.includes(details?.modulusLength ?? 0) ? (`RSA_${details?.modulusLength}` as KeySpec) : undefined;
}
