import { own } from "#domain/quota";
import { heldValue, shownQuota } from "#domain/quota-catalogue";
import { pageOfQuotas, requireService } from "#domain/quota-lookup";
import { operation } from "#operation";
import { appliedLevel, maxResults, nextToken, quotaCode, serviceCode, serviceQuotas } from "#wire/servicequotas-members";
import { required, structure } from "#wire/shape";

/** Lists what holds for the caller's account. No quota is of a resource of its own, so that level is empty. */
export const listServiceQuotas = operation({
  name: "ListServiceQuotas",
  quota: own,
  permission: "servicequotas:ListServiceQuotas",
  uses: {},
  input: structure({
    ServiceCode: required(serviceCode),
    NextToken: nextToken,
    MaxResults: maxResults,
    QuotaCode: quotaCode,
    QuotaAppliedAtLevel: appliedLevel,
  }),
  output: structure({ NextToken: nextToken, Quotas: serviceQuotas }),
  errors: [
    "AccessDeniedException",
    "NoSuchResourceException",
    "IllegalArgumentException",
    "InvalidPaginationTokenException",
    "ServiceException",
    "TooManyRequestsException",
  ],
  async handle({ input, caller, region, quotas, paging }) {
    requireService(input.ServiceCode);
    if (input.QuotaAppliedAtLevel === "RESOURCE") return { Quotas: [] };
    const { quotas: page, next } = pageOfQuotas(paging([input.QuotaCode ?? ""]), input);
    const where = { region, account: caller.account };
    return { Quotas: page.map((quota) => shownQuota(quota, heldValue(quota, quotas), where)), NextToken: next };
  },
});
