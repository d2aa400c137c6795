import { Fault } from "#domain/fault";
import type { AnyOperation } from "#operation";
import { type Exchange, known } from "./exchange.ts";

/** What calls that may change the same item have in common. */
export function changedBy(event: Exchange): string {
  const { face, keys, region } = known(event, "keys", "region");
  return [face.service, region, ...Object.values(keys).map(({ key }) => key.id)].join(" ");
}

/** How a change ends that others were always faster than. KMS has no name for it; IAM has. */
export const givenUp = ({ errors }: AnyOperation, cause: Error): Error =>
  errors.includes("ConcurrentModificationException")
    ? new Fault("ConcurrentModificationException", "The entity is being changed by others: try again.")
    : cause;
