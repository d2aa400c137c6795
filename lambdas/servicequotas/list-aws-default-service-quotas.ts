import { own } from "#domain/quota";
import { shownQuota, usualValue } from "#domain/quota-catalogue";
import { pageOfQuotas, requireService } from "#domain/quota-lookup";
import { operation } from "#operation";
import { maxResults, nextToken, serviceCode, serviceQuotas } from "#wire/servicequotas-members";
import { required, structure } from "#wire/shape";

/** Lists what would hold for the caller's account if nothing had been set for it. */
export const listAWSDefaultServiceQuotas = operation({
  name: "ListAWSDefaultServiceQuotas",
  quota: own,
  permission: "servicequotas:ListAWSDefaultServiceQuotas",
  uses: {},
  input: structure({
    ServiceCode: required(serviceCode),
    NextToken: nextToken,
    MaxResults: maxResults,
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
    const { quotas: page, next } = pageOfQuotas(paging([]), input);
    const where = { region, account: caller.account };
    return { Quotas: page.map((quota) => shownQuota(quota, usualValue(quota, quotas), where)), NextToken: next };
  },
});
