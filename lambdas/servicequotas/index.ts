export { getAWSDefaultServiceQuota } from "./get-aws-default-service-quota.ts";
export { getServiceQuota } from "./get-service-quota.ts";
export { listAWSDefaultServiceQuotas } from "./list-aws-default-service-quotas.ts";
export { listServiceQuotas } from "./list-service-quotas.ts";
export { requestServiceQuotaIncrease } from "./request-service-quota-increase.ts";
