import { Fault } from "./fault.ts";
import type { Paging } from "./paging.ts";
import { QUOTAS, type Quota } from "./quota-catalogue.ts";

/** KMS is the only service that has quotas here. @throws {Fault} NoSuchResourceException (AWS's text is UNVERIFIED) */
export function requireService(code: string): void {
  if (code !== "kms") throw new Fault("NoSuchResourceException", `The request failed because the specified service does not exist.`);
}

/** @throws {Fault} NoSuchResourceException (AWS's text is UNVERIFIED) */
export function requireQuota({ ServiceCode, QuotaCode }: { readonly ServiceCode: string; readonly QuotaCode: string }): Quota {
  requireService(ServiceCode);
  const quota = QUOTAS.find(({ code }) => code === QuotaCode);
  if (!quota) throw new Fault("NoSuchResourceException", "The request failed because the specified quota does not exist.");
  return quota;
}

/** A page of all quotas, by code. Tokens are markers, written in the alphabet that Service Quotas takes. @throws {Fault} InvalidPaginationTokenException */
export function pageOfQuotas(
  tokens: Paging,
  { NextToken: token, MaxResults: size = 100, QuotaCode: only }: PageAsked,
): { readonly quotas: readonly Quota[]; readonly next: string | undefined } {
  const after = placeOf(tokens, token);
  const rest = QUOTAS.filter(({ code }) => (after === undefined || code > after) && (only === undefined || code === only));
  const quotas = rest.slice(0, size);
  const last = quotas.at(-1);
  const more = last !== undefined && rest.length > size;
  return { quotas, next: more ? tokens.next(last.code).replaceAll("-", "+").replaceAll("_", "/") : undefined };
}

interface PageAsked {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
  readonly QuotaCode?: string | undefined;
}

function placeOf(tokens: Paging, token: string | undefined): string | undefined {
  try {
    return tokens.after(token?.replaceAll("+", "-").replaceAll("/", "_"));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault("InvalidPaginationTokenException", "The pagination token is not valid.");
  }
}
