import { sealersOf } from "#store";
import type { OperatorDeps } from "./act.ts";
import { openPlace } from "./place.ts";

export interface PublicAuditKey {
  readonly region: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
}

/** The public half of the key that signs the seals of a Region's log; it is made if there is none. @throws {Refusal} when there is nothing of the Region. */
export async function auditKey(deps: OperatorDeps): Promise<PublicAuditKey> {
  const { region } = await openPlace(deps);
  const sealer = [...sealersOf(deps.database)].find((one) => one.region === region);
  if (!sealer) throw new Error(`There is no sealer of ${region}.`);
  const { publicKey } = await sealer.key();
  return { region, publicKey };
}
