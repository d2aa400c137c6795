import { randomBytes, secretKey } from "@trent/crypto";
import { ID_BYTES, uniqueId } from "#domain/entity-id";
import { isServicePrincipal, type Service } from "#domain/service-principal";
import { meanwhile, type OperatorDeps, Refusal, recorded } from "./act.ts";
import { openHome } from "./home.ts";

/** The access key of a service, whole: the secret is shown once and kept nowhere but sealed. */
export interface RegisteredService {
  readonly principal: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Lets a service call, by an access key of its own. Registered again, it gets another key, and the one before stops working.
 *
 * The service's row comes last and says which key is the right one: a crash leaves the service as it was.
 * @throws {Refusal} for a name that is no service's.
 */
export async function registerService(deps: OperatorDeps, principal: string): Promise<RegisteredService> {
  if (!isServicePrincipal(principal))
    throw new Refusal(`${principal} is not the name of a service, such as s3.amazonaws.com: lower-case labels, three at least.`);
  const { shared, first: account, log } = await openHome(deps);
  const accessKeyId = uniqueId("AKIA", randomBytes(ID_BYTES));
  const secretAccessKey = randomBytes(30).toString("base64");
  const details = { servicePrincipal: principal, accessKeyId };
  return recorded({ log: await log(), account, event: "RegisterService", details }, deps, async (gate) => {
    const principals = shared.gated(gate);
    const accessKey = { id: accessKeyId, account, user: principal, service: principal };
    await principals.createAccessKey(accessKey, secretKey(Buffer.from(secretAccessKey)));
    const before = await principals.service(principal);
    const service: Service = { principal, account, accessKeyId, created: before?.created ?? deps.now(), version: 0 };
    await (before ? principals.replaceService(before, service) : principals.createService(service)).catch(
      meanwhile("registered the service"),
    );
    if (before) await principals.removeAccessKey(before.accessKeyId);
    return { principal, accessKeyId, secretAccessKey };
  });
}
