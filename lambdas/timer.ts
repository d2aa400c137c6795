/** A timer as a Lambda function: what its rule invokes. */
import { randomUUID } from "node:crypto";
import type { Witnessed } from "#domain/seal-check";
import { hostOf, type LambdaOptions } from "#lambda";
import { leasesOf } from "#store/leases";
import { type AnyTimer, type Report, timerHandlerOf } from "#timers";

/**
 * The handler of one timer, with the variables of an operation's function.
 * @throws from its calls, when something that was due could not be done, or a variable is missing: the function then counts as failed.
 */
export function timerOf(timer: AnyTimer, options: LambdaOptions): (event: unknown) => Promise<Report | undefined> {
  const { deps, region, database } = hostOf(options);
  const leases = (name: string) => leasesOf(database().table("keys", name));
  const testify = (head: Witnessed) => void process.stdout.write(`${JSON.stringify({ head })}\n`);
  return timerHandlerOf(timer, { ...deps, leases, holder: randomUUID(), testify }, region);
}
