import { type OperatorDeps, Refusal, recorded } from "./act.ts";
import { openHome } from "./home.ts";

export interface ExportedRoot {
  /** As `TRENT_ROOT_KEY` takes it: base64 of 64 bytes, control then material. */
  readonly rootKey: string;
}

/** The root key itself, for the safe where its copy is kept. That it was asked for is on record before it is answered. @throws {Refusal} */
export async function exportRoot(deps: OperatorDeps): Promise<ExportedRoot> {
  if (await deps.roots.former?.())
    throw new Refusal("The root key is being rotated: a copy of it alone would not open everything. End it by root rotate first.");
  const { first, log } = await openHome(deps);
  return recorded({ log: await log(), account: first, event: "ExportRoot" }, deps, async () => {
    const halves = [(await deps.roots.control()).export(), (await deps.roots.material()).export()];
    const both = Buffer.concat(halves);
    const rootKey = both.toString("base64");
    for (const bytes of [...halves, both]) bytes.fill(0);
    return { rootKey };
  });
}
