import { type Asked, requireApproved } from "#domain/fips";
import type { AnyOperation } from "#operation";
import { type Exchange, known } from "./exchange.ts";

/** In FIPS mode: refuses to make, or to use the material of, what is not approved. Such a key can still be described, disabled and deleted. */
export function requireApprovedCall({ on = {} }: AnyOperation, event: Exchange): void {
  const { input, keys } = known(event, "input", "keys");
  const [algorithm, messageType] = [input["SigningAlgorithm"], input["MessageType"]];
  const named = [input["KeySpec"], input["CustomerMasterKeySpec"], input["KeyPairSpec"]];
  const used = Object.entries(on).flatMap(([name, { usage }]) => (usage ? keys[name]?.key.spec : []));
  for (const spec of [...named, ...used]) requireApproved({ spec, algorithm, messageType } as Asked);
}
