import { Fault } from "#domain/fault";
import type { Principal } from "#domain/principal";
import type { AnyOperation } from "#operation";
import { decode } from "#wire/decode";
import type { CallerOf } from "./callers.ts";
import type { Deps } from "./deps.ts";

/** Whoever an identity provider vouches for: the call is not signed, it carries the provider's word in its input. */
export function vouchedFor({ input, vouched }: AnyOperation, { shared, issuers, wallClock }: Deps): CallerOf {
  return async ({ json }): Promise<Principal> => {
    if (!vouched || !issuers) throw new Fault("MissingAuthenticationTokenException", "Missing Authentication Token");
    const { account, token } = vouched(decode(input, json) as never);
    const identity = await issuers.verify(token, account, shared.principals, wallClock());
    const { provider, audience, subject } = identity;
    // As CloudTrail names it.
    const id = `${provider.arn}:${audience}:${subject}`;
    return { kind: "provider", account, arn: provider.arn, id, name: subject, policies: [], vouched: identity };
  };
}
