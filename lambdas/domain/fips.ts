/**
 * What `--fips` refuses: what FIPS 140-3 does not approve, and what OpenSSL's FIPS provider would not compute whole, since Trent or noble does a
 * part of it. In doubt, refused.
 *
 * - secp256k1 is no curve of SP 800-186 for signatures of the federal government: its appendix H allows it for blockchains alone.
 * - Over a digest, node:crypto cannot sign: our encodings (RSA) and noble (ECDSA, Ed25519ph, ML-DSA's external µ) are in no validated module. Ed25519ph is
 *   approved by FIPS 186-5, section 7 (HashEdDSA).
 *
 * @see SP 800-140C, "CMVP Approved Security Functions"
 */
import type { MessageType, SigningAlgorithm } from "@trent/crypto";
import { Fault } from "./fault.ts";
import type { KeySpec } from "./key-spec.ts";

/** What a call asks for, as far as it says. */
export interface Asked {
  readonly spec?: KeySpec | undefined;
  readonly algorithm?: SigningAlgorithm | undefined;
  readonly messageType?: MessageType | undefined;
}

/** Why it is not approved; undefined when it is. */
export function unapproved({ spec, algorithm, messageType = "RAW" }: Asked): string | undefined {
  if (spec === "ECC_SECG_P256K1") return `KeySpec ${spec}`;
  if (algorithm === "ED25519_PH_SHA_512") return `SigningAlgorithm ${algorithm}`;
  if (algorithm !== undefined && messageType !== "RAW") return `MessageType ${messageType}`;
  return undefined;
}

/** @throws {Fault} UnsupportedOperationException. */
export function requireApproved(asked: Asked): void {
  const what = unapproved(asked);
  if (what !== undefined) throw new Fault("UnsupportedOperationException", `${what} is not available in FIPS mode.`);
}
