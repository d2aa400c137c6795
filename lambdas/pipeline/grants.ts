/** Grants, where they decide: those that let a caller use a key, and the one that is to be retired. */
import { rootArn } from "#domain/arn";
import { type Grant, grantOperationOf, permits } from "#domain/grant";
import { granteeForms, means } from "#domain/grant-principal";
import { type GrantReference, openGrantToken } from "#domain/grant-token";
import type { Granted } from "#domain/policy/evaluate";
import type { Permission, Target } from "#operation";
import type { Regional } from "#store";
import { type Exchange, known, type ResolvedKey } from "./exchange.ts";

/** @throws {Fault} InvalidGrantTokenException for whatever this Region has not issued. */
export const openToken = (token: string, region: string, store: Regional): GrantReference =>
  openGrantToken(token, region, (parts, tag) => store.verify("grant token", parts, tag));

interface Asked {
  readonly permission: Permission;
  readonly resolved: ResolvedKey;
  readonly target: Target<never>;
  readonly sourceArn: string | undefined;
}

/**
 * The grants on a key that let the caller do this, the ones first that the call's tokens name: no index has to know of those.
 *
 * Looked up by every name that the caller goes by, so other principals' grants cost nothing, however many there are.
 */
export async function* grantsOn(event: Exchange, { permission, resolved: { key }, target, sourceArn }: Asked): AsyncGenerator<Grant> {
  const { caller, input, region, store, tokens } = known(event, "caller", "input", "store", "tokens");
  const operation = grantOperationOf(permission);
  if (!operation) return;
  const request = { operation, context: target.context?.(input as never), sourceArn };
  const suffices = (grant: Grant | undefined): grant is Grant =>
    grant !== undefined &&
    means(grant.grantee, caller, region) &&
    permits(grant, request) &&
    (target.suits?.(grant, input as never) ?? true);

  for (const { keyId, grantId } of tokens) {
    const grant = keyId === key.arn ? await store.grants.get(key.id, grantId) : undefined;
    if (suffices(grant)) yield grant;
  }
  for (const name of granteeForms(caller, region)) yield* (await store.grants.ofGrantee(key.id, name)).filter(suffices);
}

/** As whom a grant lets the caller use the key. */
export const grantedBy = ({ id, grantee }: Grant): Granted => ({ id, to: grantee.principal });

/**
 * Who may retire a grant: whom it names for that, its grantee if it says so, and those whom the account that made it lets.
 * @see AWS KMS API Reference, RetireGrant
 */
export function retiredBy(grant: Grant, event: Exchange): readonly Granted[] {
  const { caller, region } = known(event, "caller");
  const { id, retiring, grantee, issuer } = grant;
  const named = [retiring, permits(grant, { operation: "RetireGrant" }) ? grantee : undefined];
  return [
    ...named.flatMap((principal) => (principal && means(principal, caller, region) ? [{ id, to: principal.principal }] : [])),
    { id, to: rootArn(region, issuer) },
  ];
}
