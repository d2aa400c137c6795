import { own } from "#domain/quota";
import { shownQuota, usualValue } from "#domain/quota-catalogue";
import { requireQuota } from "#domain/quota-lookup";
import { operation } from "#operation";
import { quotaCode, serviceCode, serviceQuota } from "#wire/servicequotas-members";
import { required, structure } from "#wire/shape";

/** Tells what would hold for the caller's account if nothing had been set for it, of one quota. */
export const getAWSDefaultServiceQuota = operation({
  name: "GetAWSDefaultServiceQuota",
  quota: own,
  permission: "servicequotas:GetAWSDefaultServiceQuota",
  uses: {},
  input: structure({ ServiceCode: required(serviceCode), QuotaCode: required(quotaCode) }),
  output: structure({ Quota: serviceQuota }),
  errors: ["AccessDeniedException", "NoSuchResourceException", "IllegalArgumentException", "ServiceException", "TooManyRequestsException"],
  async handle({ input, caller, region, quotas }) {
    const quota = requireQuota(input);
    return { Quota: shownQuota(quota, usualValue(quota, quotas), { region, account: caller.account }) };
  },
});
