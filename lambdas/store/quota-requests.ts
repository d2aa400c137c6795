import type { QuotaRequest } from "#domain/quota-request";
import type { Items } from "./items.ts";

export interface QuotaRequestReader {
  /** The last one for this quota. */
  get(account: string, quota: string): Promise<QuotaRequest | undefined>;
  /** One a quota. */
  of(account: string): Promise<readonly QuotaRequest[]>;
}

export interface QuotaRequestStore extends QuotaRequestReader {
  /** Takes the place of the one that was read, if any. @throws {Conflict} */
  put(request: QuotaRequest, read: QuotaRequest | undefined): Promise<void>;
}

const PREFIX = "REQUEST#";
/** More than there are quotas. */
const ALL = 1000;

export function quotaRequestStore(items: Items): QuotaRequestStore {
  const partition = (account: string) => `A#${account}`;
  const keyOf = (account: string, quota: string) => ({ pk: partition(account), sk: `${PREFIX}${quota}` });
  return {
    get: (account, quota) => items.get(keyOf(account, quota), requestFrom),
    of: async (account) => (await items.query({ pk: partition(account), prefix: PREFIX, limit: ALL }, requestFrom)).values,
    async put({ version: _, created, ...request }, read) {
      const body = JSON.stringify({ ...request, created: created.getTime() });
      await items.put({ ...keyOf(request.account, request.quota), body }, read?.version);
    },
  };
}

function requestFrom(body: string, version: number): QuotaRequest {
  const { created, ...stored } = JSON.parse(body);
  return { ...stored, created: new Date(created), version };
}
