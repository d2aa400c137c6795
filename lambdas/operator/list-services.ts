import type { OperatorDeps } from "./act.ts";
import { openHome } from "./home.ts";

/** A service that may call, as the operator sees it; the time in ISO 8601. */
export interface ListedService {
  readonly principal: string;
  readonly accessKeyId: string;
  readonly created: string;
}

export interface ServiceList {
  readonly services: readonly ListedService[];
}

/** The services that may call, by name. */
export async function listServices(deps: OperatorDeps): Promise<ServiceList> {
  const { shared } = await openHome(deps);
  const services = await shared.principals.services();
  return {
    services: services.map(({ principal, accessKeyId, created }) => ({ principal, accessKeyId, created: created.toISOString() })),
  };
}
