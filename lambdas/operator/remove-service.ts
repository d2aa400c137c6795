import { meanwhile, type OperatorDeps, Refusal, recorded } from "./act.ts";
import { openHome } from "./home.ts";

/** What is said of a service that may call no more. */
export interface RemovedService {
  readonly principal: string;
  readonly removed: true;
}

/** Lets a service call no more, at once. The keys that it used stay, and so does what policies and grants say of it. @throws {Refusal} */
export async function removeService(deps: OperatorDeps, principal: string): Promise<RemovedService> {
  const { shared, first: account, log } = await openHome(deps);
  const service = await shared.principals.service(principal);
  if (!service) throw new Refusal(`There is no service ${principal}.`);
  const details = { servicePrincipal: principal };
  await recorded({ log: await log(), account, event: "RemoveService", details }, deps, async (gate) => {
    const principals = shared.gated(gate);
    await principals.removeService(service).catch(meanwhile("changed the service"));
    await principals.removeAccessKey(service.accessKeyId);
  });
  return { principal, removed: true };
}
