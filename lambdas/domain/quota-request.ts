import { Fault } from "./fault.ts";
import type { QuotaValues } from "./quota-values.ts";

/** That an account would have more of something. Only the operator can give it. */
export interface QuotaRequest {
  readonly id: string;
  readonly account: string;
  /** The name of the quota, as `trent quota set` takes it. */
  readonly quota: string;
  readonly desired: number;
  /** The ARN of who asks. */
  readonly requester: string;
  readonly created: Date;
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

/** A request is granted by the quota itself: there is nothing that a decision could contradict. */
export function statusOf({ quota, desired }: Pick<QuotaRequest, "quota" | "desired">, values: QuotaValues): "PENDING" | "APPROVED" {
  return (values.of(quota) ?? Number.POSITIVE_INFINITY) >= desired ? "APPROVED" : "PENDING";
}

/**
 * Refuses what is no increase, and a second request while the first one is open. AWS's texts are UNVERIFIED.
 * @throws {Fault} IllegalArgumentException, ResourceAlreadyExistsException
 * @see Service Quotas API Reference, RequestServiceQuotaIncrease
 */
export function requireIncrease(asked: Pick<QuotaRequest, "quota" | "desired">, open: QuotaRequest | undefined, values: QuotaValues): void {
  if (statusOf(asked, values) === "APPROVED")
    throw new Fault("IllegalArgumentException", "You must provide a quota value greater than the current quota value.");
  if (open && statusOf(open, values) === "PENDING")
    throw new Fault("ResourceAlreadyExistsException", "There is already an open request for this quota.");
}
