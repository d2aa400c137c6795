import { resolve } from "node:path";
import { examine, examineShared, type Health, isNothing } from "#operator/doctor";
import { print, withStore } from "./operate.ts";
import type { Options } from "./options.ts";
import { regionsIn } from "./regions-in.ts";

/** `trent doctor`: whether all that is stored is whole; exit status 1 when it is not. */
export async function doctor(options: Options): Promise<void> {
  const health = await withStore(options, undefined, async (deps) => {
    const all: Health[] = [await examineShared(deps)];
    for (const region of options.region === undefined ? regionsOf(options) : [options.region]) {
      const found = await examine({ ...deps, region }).catch(isNothing);
      if (found) all.push(found);
    }
    return { health: all };
  });
  print(health, options, linesOf);
  if (health.health.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
}

/** Those too that were served once, of a store that tells. */
function regionsOf({ table, data, regions }: Options): readonly string[] {
  return table.kind === "sqlite" ? regionsIn(resolve(data)) : regions;
}

export function linesOf({ health }: { readonly health: readonly Health[] }): readonly string[] {
  return health.flatMap(({ region, items, keys, materials, findings }) => [
    ...findings.map((finding) => `${region.padEnd(16)} ${finding}`),
    `${region.padEnd(16)} ${findings.length === 0 ? "whole" : "NOT WHOLE"}: ${items} items, ${keys} keys, ${materials} materials`,
  ]);
}
