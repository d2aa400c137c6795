import { newKey } from "#domain/key";
import type { Tables } from "#store";
import type { Host } from "./host.ts";
import type { SeedKey } from "./seed-key.ts";

/** Makes the keys of a seed, with their aliases, in a store that has none of them. No call asked for it: nothing of it stands in the log. */
export async function plant(seed: readonly SeedKey[], { region: open }: Pick<Host, "region">, now: Date): Promise<void> {
  for (const { at: _, enabled, aliases, materials: given, ...facts } of seed) {
    const regional = await open(facts.region);
    const stores = regional.stores({ keys: "write", aliases: "write" }, unrecorded) as {
      readonly keys: Tables["keys"]["write"];
      readonly aliases: Tables["aliases"]["write"];
    };
    const { materials } = regional;
    const kept =
      given.length > 0 ? await Promise.all(given.map((one) => materials.take(facts, one, now))) : [await materials.make(facts, now)];
    await stores.keys.create({ ...newKey({ ...facts, created: now, materials: kept }), enabled });
    const { account, id: targetKeyId } = facts;
    for (const name of aliases) await stores.aliases.create({ account, name, targetKeyId, created: now, updated: now, version: 0 });
  }
}

const unrecorded = async (): Promise<void> => undefined;
