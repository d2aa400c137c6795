import type { Key } from "#domain/key";
import { GLOBAL, type InspectedRow, inspectRows, type Regional, Tampered } from "#store";
import { type OperatorDeps, Refusal } from "./act.ts";
import { type OpenPlace, openPlace } from "./place.ts";

/** What was looked at in a Region, or in what all Regions share (`global`), and what is wrong there. */
export interface Health {
  readonly region: string;
  readonly items: number;
  readonly keys: number;
  readonly materials: number;
  readonly findings: readonly string[];
}

/**
 * Looks at everything in a Region: each item is what was written there, each material opens, each alias and each grant is of a key that is there.
 *
 * Changes nothing and may run beside a server, which may be deleting a key meanwhile: what is dangling is looked at twice. That an item was
 * rolled back or is gone, only the log can tell.
 * @throws {Refusal} when there is nothing in the Region.
 */
export async function examine(deps: OperatorDeps): Promise<Health> {
  const place = await openPlace(deps);
  const { region, database, roots } = deps;
  const found = emptyOf(region);
  const dangling: Dangling[] = [];
  for await (const row of inspectRows(database, region, roots)) {
    found.items += 1;
    if (row.wrong !== undefined) found.findings.push(said(row));
    else if (row.table === "keys") await inspectKeyRow(row, place, found, dangling);
  }
  for (const [what, keyId] of dangling)
    if (!(await isThere(place.store, keyId))) found.findings.push(`${what} is of the key ${keyId}, which is not there`);
  return found;
}

/** Looks at what all Regions share: accounts, users, roles, policies, access keys. */
export async function examineShared({ database, roots }: OperatorDeps): Promise<Health> {
  const found = emptyOf(GLOBAL);
  for await (const row of inspectRows(database, GLOBAL, roots)) {
    found.items += 1;
    if (row.wrong !== undefined) found.findings.push(said(row));
  }
  return found;
}

const emptyOf = (region: string) => ({ region, items: 0, keys: 0, materials: 0, findings: [] as string[] });
const said = ({ table, pk, sk, wrong }: InspectedRow): string => `${table} ${pk} ${sk}: ${wrong}`;

type Found = ReturnType<typeof emptyOf>;
/** Of an alias or a grant, and the key that it is of. */
type Dangling = readonly [what: string, keyId: string];

async function inspectKeyRow({ pk, sk }: InspectedRow, { store }: OpenPlace, found: Found, dangling: Dangling[]): Promise<void> {
  if (pk.startsWith("A#") && sk.startsWith("ALIAS#")) {
    const [account, name] = [pk.slice("A#".length), sk.slice("ALIAS#".length)];
    const alias = await store.aliases.get(account, name);
    if (alias && !(await isThere(store, alias.targetKeyId))) dangling.push([`the alias ${name} of ${account}`, alias.targetKeyId]);
  }
  if (!pk.startsWith("K#")) return;
  const keyId = pk.slice("K#".length);
  if (sk.startsWith("G#") && !(await isThere(store, keyId))) dangling.push([`the grant ${sk.slice("G#".length)}`, keyId]);
  if (sk === "KEY") await inspectMaterials(await store.keys.get(keyId), store, found);
}

async function inspectMaterials(key: Key | undefined, { materials }: Regional, found: Found): Promise<void> {
  if (!key) return;
  found.keys += 1;
  const all = [...key.materials, ...(key.pending ? [key.pending] : [])];
  for (const { id, wrapped } of all) {
    // Imported, and deleted since.
    if (wrapped === undefined) continue;
    found.materials += 1;
    await materials.open({ ...key, materials: all }, id).catch((cause: Error) => found.findings.push(`${key.arn}: ${cause.message}`));
  }
}

/** What is wrong with a key itself is found at its own row. */
async function isThere({ keys }: Regional, id: string): Promise<boolean> {
  try {
    return (await keys.get(id)) !== undefined;
  } catch (cause) {
    if (cause instanceof Tampered) return true;
    throw cause;
  }
}

/** Nobody has called the Region. */
export function isNothing(cause: unknown): undefined {
  if (cause instanceof Refusal) return undefined;
  throw cause;
}
