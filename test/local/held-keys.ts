import { join } from "node:path";
import { rootFromFile } from "#roots/file";
import { GLOBAL, openRegional, openShared, readMeta } from "#store";
import { type DomainKeyName, domainKeys } from "#store/domain-keys";
import { openSqlite } from "#store/drivers/sqlite";

const GLOBALLY: readonly DomainKeyName[] = ["material", "mac", "token", "secret"];
const REGIONALLY: readonly DomainKeyName[] = ["material", "mac"];

/** Roots, domain keys and backing keys of a data folder, unwrapped, by what they are. */
export async function heldKeys(folder: string, regions: readonly string[]): Promise<Map<string, Buffer>> {
  const root = await rootFromFile(join(folder, "root.key"));
  const database = openSqlite({ folder });
  const keys = new Map<string, Buffer>();
  keys.set("control root", (await root.control()).export());
  keys.set("material root", (await root.material()).export());
  const shared = await openShared(database, root);
  const account = (await readMeta(database))?.account ?? "";
  for (const region of [GLOBAL, ...regions]) {
    const domain = domainKeys(database, region, root);
    for (const name of region === GLOBAL ? GLOBALLY : REGIONALLY) {
      keys.set(`domain key ${name} of ${region}`, (await domain.current(name)).key.export());
    }
    if (region === GLOBAL) continue;
    const store = await openRegional(database, region, root, shared, { shards: 1, days: 1, newWriter: () => "none" });
    for (const id of (await store.keys.list(account, { limit: 1000 })).ids) {
      const key = await store.keys.get(id);
      const backing = key && (await store.materials.open(key));
      if (backing) keys.set(`backing key of ${id}`, backing.key.export());
    }
  }
  await database.close();
  return keys;
}
