import type { Principal } from "#domain/principal";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Keeps that an access key was used, which is worth no refusal. Sessions come and go, and a sandbox takes any key.
 * @see IAM API Reference, GetAccessKeyLastUsed
 */
export async function tellOfUse(
  { face, region, requestId }: Exchange,
  { accessKeyId, session }: Principal,
  now: Date,
  { shared, operator, sandbox }: Deps,
): Promise<void> {
  if (accessKeyId === undefined || session || sandbox) return;
  try {
    await shared.lastUses.saw(accessKeyId, face.service, region, now);
  } catch (cause) {
    operator.error("use of an access key not kept", { requestId, cause: String(cause) });
  }
}
