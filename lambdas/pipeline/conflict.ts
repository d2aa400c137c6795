import { Fault } from "#domain/fault";
import type { AnyOperation } from "#operation";
import { type Exchange, known } from "./exchange.ts";

/** What calls that may change the same item have in common. */
export function changedBy(event: Exchange): string {
  const { face, keys, region } = known(event, "keys", "region");
  const ids = Object.values(keys).map(({ key }) => key.id);
  // Without a key it is something of the caller's account: others need not wait for it.
  return [face.service, region, ...(ids.length > 0 ? ids : [event.caller?.account])].join(" ");
}

/** How a change ends that others were always faster than. KMS has no name for it; IAM has. */
export const givenUp = ({ errors }: AnyOperation, cause: Error): Error =>
  errors.includes("ConcurrentModificationException")
    ? new Fault("ConcurrentModificationException", "The entity is being changed by others: try again.")
    : cause;
