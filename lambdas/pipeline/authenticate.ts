import { Fault } from "#domain/fault";
import type { AnyOperation } from "#operation";
import { anybody, signer } from "./callers.ts";
import type { Deps } from "./deps.ts";
import type { Step } from "./exchange.ts";
import { requireOpenAccount } from "./open-account.ts";
import { vouchedFor } from "./vouched.ts";

/**
 * From a signature to the caller: Signature Version 4, in the order and with the texts of AWS. Or from an identity provider's word, where an
 * operation is not signed.
 *
 * Until it has run nothing of the request is believed, and nobody is known whom a record could be about.
 * @see IAM User Guide, "AWS Signature Version 4 for API requests"
 */
export function authenticate(operation: AnyOperation, deps: Deps): Step {
  const caller = operation.auth === "none" ? vouchedFor(operation, deps) : deps.sandbox ? anybody(deps) : signer(operation, deps);
  return {
    async before({ event }) {
      const found = await caller(event);
      event.account = await requireOpenAccount(found, deps);
      event.store = await deps.region(event.region);
      // From here on somebody is responsible: what is refused is recorded, and charged to the account rather than to the address.
      event.caller = found;
      if (!deps.flood.admitsAccount(found.account)) throw new Fault("ThrottlingException", "Rate exceeded");
    },
  };
}
