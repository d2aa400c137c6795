/** What somebody does who has a key's public half and no KMS, with Node's own cryptography. */
import { constants } from "node:crypto";
import type { SigningAlgorithmSpec } from "@aws-sdk/client-kms";

/** How Node is told of a signing algorithm; those without a hash take the message whole. */
export function optionsOf(algorithm: SigningAlgorithmSpec) {
  const [hash] = /(?<=^(RSASSA|ECDSA).*_SHA_)\d+$/.exec(algorithm) ?? [];
  return {
    hash: hash === undefined ? null : `sha${hash}`,
    ...(algorithm.startsWith("RSASSA_PSS") && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  };
}
