/**
 * What is signed: a message, its digest, or the representative that ML-DSA makes of it.
 * @see AWS KMS API Reference, Sign: "MessageType"
 */
import { digestLengthOf, type MessageType } from "@trent/crypto";
import { Fault } from "./fault.ts";
import type { AlgorithmFor } from "./key-spec.ts";

/** Algorithms that do not take every message either whole or as its digest. */
const TYPES: Partial<Record<AlgorithmFor<"SIGN_VERIFY">, readonly MessageType[]>> = {
  ED25519_SHA_512: ["RAW"],
  ED25519_PH_SHA_512: ["DIGEST"],
  ML_DSA_SHAKE_256: ["RAW", "EXTERNAL_MU"],
};
/** FIPS 204, algorithm 7, line 6. */
const MU_BYTES = 64;

/** @throws {Fault} ValidationException. AWS's text for a type that is not the algorithm's is UNVERIFIED. */
export function requireMessage(message: Uint8Array, type: MessageType, algorithm: AlgorithmFor<"SIGN_VERIFY">): void {
  const types = TYPES[algorithm] ?? ["RAW", "DIGEST"];
  if (!types.includes(type)) throw new Fault("ValidationException", `MessageType ${type} is not valid for algorithm ${algorithm}.`);
  if (type === "RAW") return;
  const length = type === "EXTERNAL_MU" ? MU_BYTES : digestLengthOf(algorithm);
  if (message.length !== length) throw new Fault("ValidationException", `Digest is invalid length for algorithm ${algorithm}.`);
}
