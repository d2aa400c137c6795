import { type QuotaProfile, rateOf } from "./quota-profiles.ts";
import { RESOURCE_QUOTAS, type ResourceQuota } from "./quota-resources.ts";

/** The quotas of one account in one Region. */
export interface QuotaValues {
  /** How much there may be of something. */
  resource(name: ResourceQuota): number;
  /** What holds, of requests a second or of a resource; undefined: there is no limit. */
  of(name: string): number | undefined;
  /** What would hold if nothing had been set for the account. */
  usual(name: string): number | undefined;
}

export function quotaValues(profile: QuotaProfile, settings: QuotaProfile = {}, region: string): QuotaValues {
  const usual = (name: string) => (isResource(name) ? RESOURCE_QUOTAS[name] : rateOf(profile, region, name));
  const of = (name: string) => rateOf(settings, region, name) ?? usual(name);
  return { of, usual, resource: (name) => rateOf(settings, region, name) ?? RESOURCE_QUOTAS[name] };
}

export const isResource = (name: string): name is ResourceQuota => Object.hasOwn(RESOURCE_QUOTAS, name);
