import { QUOTAS } from "#domain/quota-catalogue";
import type { QuotaProfile } from "#domain/quota-profiles";
import { statusOf } from "#domain/quota-request";
import { quotaValues } from "#domain/quota-values";
import { type OperatorDeps, Refusal } from "./act.ts";
import { openPlace } from "./place.ts";

/** One quota of an account in a Region; null: there is no limit. */
export interface ListedQuota {
  readonly name: string;
  /** In Service Quotas. */
  readonly code: string;
  readonly value: number | null;
  /** What would hold if nothing had been set for the account. */
  readonly usual: number | null;
}

export interface QuotaList {
  readonly account: string;
  readonly region: string;
  readonly quotas: readonly ListedQuota[];
}

/** The quotas of an account, by default the first one, in a Region. @param profile what the servers run with @throws {Refusal} */
export async function listQuotas(deps: OperatorDeps, profile: QuotaProfile, id?: string): Promise<QuotaList> {
  const { shared, account: first, region } = await openPlace(deps);
  const account = await shared.principals.account(id ?? first);
  if (!account) throw new Refusal(`There is no account ${id ?? first}.`);
  const values = quotaValues(profile, account.quotas, region);
  const quotas = QUOTAS.map(({ name, code }) => ({ name, code, value: values.of(name) ?? null, usual: values.usual(name) ?? null }));
  return { account: account.id, region, quotas };
}

/** What an account would have; times in ISO 8601. */
export interface OpenRequest {
  readonly account: string;
  readonly name: string;
  readonly value: number | null;
  readonly desired: number;
  readonly requester: string;
  readonly created: string;
}

export interface QuotaRequests {
  readonly region: string;
  readonly requests: readonly OpenRequest[];
}

const PAGE = 100;

/** What accounts have asked for in a Region by RequestServiceQuotaIncrease, and do not have yet. @throws {Refusal} */
export async function listQuotaRequests(deps: OperatorDeps, profile: QuotaProfile): Promise<QuotaRequests> {
  const { shared, store, region } = await openPlace(deps);
  const requests: OpenRequest[] = [];
  for (let after: string | undefined; ; ) {
    const { accounts, next } = await shared.accounts.list({ after, limit: PAGE });
    for (const { id, quotas } of accounts) {
      const values = quotaValues(profile, quotas, region);
      for (const request of await store.quotaRequests.of(id)) {
        if (statusOf(request, values) !== "PENDING") continue;
        const { quota: name, desired, requester, created } = request;
        requests.push({ account: id, name, value: values.of(name) ?? null, desired, requester, created: created.toISOString() });
      }
    }
    after = next;
    if (after === undefined) return { region, requests };
  }
}
