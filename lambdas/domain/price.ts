/**
 * What AWS asks for its KMS, in US dollars, so that a bill can be laid beside it.
 *
 * List prices of the commercial Regions; taxes, discounts and the higher prices of some Regions are left out.
 * @see AWS Key Management Service pricing
 */
import { isAsymmetric, type KeySpec } from "./key-spec.ts";

/** What requests are told apart by. */
export type PriceClass = "requests" | "rsa-2048" | "asymmetric" | "ecc-data-key-pairs" | "rsa-data-key-pairs";

interface Price {
  readonly title: string;
  readonly perTenThousand: number;
}

export const REQUEST_PRICES: Readonly<Record<PriceClass, Price>> = {
  requests: { title: "Requests", perTenThousand: 0.03 },
  "rsa-2048": { title: "Requests with RSA_2048 keys", perTenThousand: 0.03 },
  asymmetric: { title: "Requests with other asymmetric keys", perTenThousand: 0.15 },
  "ecc-data-key-pairs": { title: "Data key pairs other than RSA", perTenThousand: 0.1 },
  "rsa-data-key-pairs": { title: "RSA data key pairs", perTenThousand: 12 },
};

/** "20,000 requests/month calculated across all Regions"; those with asymmetric keys and data key pairs have none. */
export const FREE_REQUESTS = 20_000;
/** A customer managed key, a month, by the hour. */
export const KEY_MONTH = 1;
/** "The first and second rotation of a key add $1 a month each"; what comes after them is free. */
export const PAID_ROTATIONS = 2;

/**
 * The class of a request.
 *
 * AWS names ECC and RSA pairs only; ML-DSA and ML-KEM pairs are counted with ECC's, and HMAC keys as symmetric ones (UNVERIFIED).
 * @param specs of the keys that the call used. @param pairSpec KeyPairSpec, where a data key pair was asked for.
 */
export function priceClassOf(specs: readonly string[], pairSpec: string | undefined): PriceClass {
  if (pairSpec !== undefined) return pairSpec.startsWith("RSA_") ? "rsa-data-key-pairs" : "ecc-data-key-pairs";
  const pairs = specs.filter((spec) => isAsymmetric(spec as KeySpec));
  if (pairs.length === 0) return "requests";
  return pairs.every((spec) => spec === "RSA_2048") ? "rsa-2048" : "asymmetric";
}

/**
 * What a million of each costs on AWS: requests by the door they come through, invocations of 10 ms with 1,024 MB, and requests to DynamoDB for
 * items of up to 1 KB to write and 4 KB to read.
 *
 * @see Amazon API Gateway pricing (REST API); AWS Lambda pricing (Arm); Amazon DynamoDB pricing (on-demand)
 */
export const MILLION = { door: { rest: 3.5, "function-url": 0 }, invocation: 0.2 + 0.133, write: 0.625, read: 0.125 } as const;

/** What a million calls cost on AWS under Trent, by the door. */
export const millionCalls = (door: keyof typeof MILLION.door, reads: number, writes: number): number =>
  MILLION.door[door] + MILLION.invocation + reads * MILLION.read + writes * MILLION.write;

/** The usual call: one write to the log, and at the most one read. */
export const MILLION_CALLS: Readonly<Record<keyof typeof MILLION.door, number>> = {
  rest: millionCalls("rest", 1, 1),
  "function-url": millionCalls("function-url", 1, 1),
};
