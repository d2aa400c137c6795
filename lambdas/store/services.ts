import type { Service } from "#domain/service-principal";
import type { AccessKey } from "./access-keys.ts";
import type { Items } from "./items.ts";
import { Conflict } from "./port.ts";

export interface ServiceReader {
  service(principal: string): Promise<Service | undefined>;
  /** All of them, by name: there are few. */
  services(): Promise<readonly Service[]>;
  /** The service that acts by an access key; undefined when it is none's, or not any more. */
  serviceOf(accessKey: AccessKey): Promise<Service | undefined>;
}

export interface ServiceStore extends ServiceReader {
  /** @throws {Conflict} when there is one of this name. */
  createService(service: Service): Promise<void>;
  /** @throws {Conflict} */
  replaceService(read: Service, changed: Service): Promise<void>;
  /** @throws {Conflict} */
  removeService(read: Service): Promise<void>;
}

/** More than anybody registers. */
const MOST = 1000;

const rowKey = (account: string, principal: string) => ({ pk: `A#${account}`, sk: `SERVICE#${principal}` });
const listed = (principal: string) => ({ pk: "SERVICES", sk: principal });

/**
 * The services that are registered, one item each, in the account that the store was made with.
 * @param hints the same items, not gated: a row that says which account it is, written first, so that a crash leaves a row too many.
 */
export function serviceStore(items: Items, hints: Items): ServiceStore {
  const itemOf = (service: Service) => ({ ...rowKey(service.account, service.principal), body: bodyOf(service) });
  const get = (account: string, principal: string) => items.get(rowKey(account, principal), serviceFrom);

  return {
    async service(principal) {
      const account = await items.get(listed(principal), accountFrom);
      return account === undefined ? undefined : get(account, principal);
    },

    async services() {
      const { values } = await items.query({ pk: "SERVICES", limit: MOST }, (body): Listed => JSON.parse(body));
      const found = await Promise.all(values.map(({ account, principal }) => get(account, principal)));
      return found.filter((service) => service !== undefined);
    },

    async serviceOf({ id, account, service }) {
      const found = service === undefined ? undefined : await get(account, service);
      return found?.accessKeyId === id ? found : undefined;
    },

    async createService(service) {
      const { account, principal } = service;
      await hints.put({ ...listed(principal), body: JSON.stringify({ account, principal } satisfies Listed) }).catch((cause: unknown) => {
        if (!(cause instanceof Conflict)) throw cause;
      });
      await items.put(itemOf(service));
    },

    replaceService: (read, changed) => items.put(itemOf(changed), read.version),
    removeService: (read) => items.delete(rowKey(read.account, read.principal), read.version),
  };
}

interface Listed {
  readonly account: string;
  readonly principal: string;
}

const accountFrom = (body: string): string => (JSON.parse(body) as Listed).account;
const bodyOf = ({ version: _, created, ...service }: Service): string => JSON.stringify({ ...service, created: created.getTime() });

function serviceFrom(body: string, version: number): Service {
  const { created, ...stored } = JSON.parse(body);
  return { ...stored, created: new Date(created), version };
}
