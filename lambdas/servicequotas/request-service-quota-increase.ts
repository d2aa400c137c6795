import { own } from "#domain/quota";
import { shownService } from "#domain/quota-catalogue";
import { requireQuota } from "#domain/quota-lookup";
import { requireIncrease } from "#domain/quota-request";
import { operation } from "#operation";
import { desiredValue, quotaCode, requestedQuota, serviceCode } from "#wire/servicequotas-members";
import { boolean, required, string, structure } from "#wire/shape";

/** Asks the operator for more: `trent quota requests` shows it there, and `trent quota set` grants it. Nothing changes until then. */
export const requestServiceQuotaIncrease = operation({
  name: "RequestServiceQuotaIncrease",
  quota: own,
  permission: "servicequotas:RequestServiceQuotaIncrease",
  uses: { quotaRequests: "write" },
  input: structure({
    ServiceCode: required(serviceCode),
    QuotaCode: required(quotaCode),
    DesiredValue: required(desiredValue),
    ContextId: string(),
    SupportCaseAllowed: boolean,
  }),
  output: structure({ RequestedQuota: requestedQuota }),
  errors: [
    "DependencyAccessDeniedException",
    "QuotaExceededException",
    "ResourceAlreadyExistsException",
    "AccessDeniedException",
    "NoSuchResourceException",
    "IllegalArgumentException",
    "InvalidResourceStateException",
    "ServiceException",
    "TooManyRequestsException",
  ],
  async handle({ input, caller, region, stores, quotas, now, newUuid }) {
    const { code, name: quota, title } = requireQuota(input);
    const { account, arn: requester } = caller;
    const open = await stores.quotaRequests.get(account, quota);
    const desired = input.DesiredValue;
    requireIncrease({ quota, desired }, open, quotas);
    const request = { id: newUuid(), account, quota, desired, requester, created: now, version: 0 };
    await stores.quotaRequests.put(request, open);
    return {
      RequestedQuota: {
        ...shownService(code, title, { region, account }),
        Id: request.id,
        DesiredValue: desired,
        Status: "PENDING" as const,
        Created: now,
        LastUpdated: now,
        Requester: JSON.stringify({ accountId: account, callerArn: requester }),
        QuotaRequestedAtLevel: "ACCOUNT" as const,
      },
    };
  },
});
