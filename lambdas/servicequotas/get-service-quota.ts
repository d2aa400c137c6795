import { own } from "#domain/quota";
import { heldValue, shownQuota } from "#domain/quota-catalogue";
import { requireQuota } from "#domain/quota-lookup";
import { operation } from "#operation";
import { quotaCode, serviceCode, serviceQuota } from "#wire/servicequotas-members";
import { required, string, structure } from "#wire/shape";

/** Tells what holds for the caller's account, of one quota. */
export const getServiceQuota = operation({
  name: "GetServiceQuota",
  quota: own,
  permission: "servicequotas:GetServiceQuota",
  uses: {},
  input: structure({ ServiceCode: required(serviceCode), QuotaCode: required(quotaCode), ContextId: string() }),
  output: structure({ Quota: serviceQuota }),
  errors: ["AccessDeniedException", "NoSuchResourceException", "IllegalArgumentException", "ServiceException", "TooManyRequestsException"],
  async handle({ input, caller, region, quotas }) {
    const quota = requireQuota(input);
    return { Quota: shownQuota(quota, heldValue(quota, quotas), { region, account: caller.account }) };
  },
});
