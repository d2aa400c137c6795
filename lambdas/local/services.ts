import type { OperatorDeps } from "#operator/act";
import { listServices } from "#operator/list-services";
import { registerService } from "#operator/register-service";
import { removeService } from "#operator/remove-service";
import { operated, print, shownOnce } from "./operate.ts";
import type { Options } from "./options.ts";

/** Services are registered in the home Region, wherever the command is. */
const atHome = (deps: OperatorDeps): OperatorDeps => ({ ...deps, region: deps.home });

/** `trent service register PRINCIPAL`: a service that may call, whose access key it answers, once. */
export async function register(options: Options, principal: string): Promise<void> {
  const request = { action: "service-register", principal };
  print(await operated(options, options.region, request, (deps) => registerService(atHome(deps), principal)), options, shownOnce);
}

/** `trent service list`: the services that may call. */
export async function list(options: Options): Promise<void> {
  const answer = await operated(options, options.region, { action: "service-list" }, (deps) => listServices(atHome(deps)));
  print(answer, options, ({ services }) =>
    services.map(({ principal, accessKeyId, created }) => `${principal}  ${accessKeyId}  registered ${created}`),
  );
}

/** `trent service remove PRINCIPAL`: it may call no more. */
export async function remove(options: Options, principal: string): Promise<void> {
  const request = { action: "service-remove", principal };
  const answer = await operated(options, options.region, request, (deps) => removeService(atHome(deps), principal));
  print(answer, options, (removed) => [`removed          ${removed.principal}`]);
}
