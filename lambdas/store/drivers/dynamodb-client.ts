import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/** How long DynamoDB is waited for, in milliseconds, and how often it is asked. */
export interface Patience {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** Until an answer begins: of one try. */
  readonly requestMs: number;
  /** For a whole read or write: all tries, the pauses between them, and the answer to its end. */
  readonly operationMs: number;
  /** Tries. */
  readonly attempts: number;
}

/**
 * The patience of every host.
 *
 * DynamoDB answers within milliseconds. A try that takes longer than a second hangs at a dead connection (a function that was frozen has many),
 * and the next one gets a new connection. Where nothing answers, a call fails twice, first in what it asks for and then in its record; both
 * together stay below the 10 seconds of the smallest function, so that its caller is told.
 */
export const PATIENCE: Patience = { connectMs: 1000, requestMs: 1500, operationMs: 4000, attempts: 3 };

/** The same proportions for an engine that is slower than DynamoDB: `requestMs` is what one try may take. */
export const patienceOf = (requestMs: number): Patience => ({
  ...PATIENCE,
  requestMs,
  operationMs: Math.ceil((PATIENCE.operationMs * requestMs) / PATIENCE.requestMs),
});

/**
 * A client that gives up in time. The connection is kept; tries are spaced by the SDK's standard backoff with full jitter, and an instance whose
 * tries keep failing runs out of them (its retry quota). Not `adaptive`: that holds requests back, the records of calls too, inside the caller's time.
 *
 * What goes beyond its patience is an error like any outage, and answered as KMSInternalException: HTTP 500, which every SDK tries again, and
 * which says as little as KMS does. Not ThrottlingException when a table throttles: it is not the caller who asked too much.
 */
export function clientOf(config: DynamoDBClientConfig, { connectMs, requestMs, attempts }: Patience = PATIENCE): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: attempts,
    retryMode: "standard",
    requestHandler: { connectionTimeout: connectMs, requestTimeout: requestMs, throwOnRequestTimeout: true },
    ...config,
  });
}

/** The time of one read or write, as an option of `send`: no longer than its patience, nor than the call has left. @throws when none is left. */
export function limited({ operationMs }: Patience, timeLeft: () => number): () => { readonly abortSignal: AbortSignal } {
  return () => {
    const milliseconds = Math.floor(Math.min(operationMs, timeLeft()));
    if (milliseconds <= 0) throw new Error("The call has no time left to ask DynamoDB.");
    return { abortSignal: AbortSignal.timeout(milliseconds) };
  };
}
