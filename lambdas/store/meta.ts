import { domainKeys, ensureDomainKeys, macKeys, type Roots } from "./domain-keys.ts";
import { itemsOf, Tampered } from "./items.ts";
import { Conflict, type Database } from "./port.ts";
import { GLOBAL } from "./tables.ts";

/** What is fixed when a store is made. */
export interface Meta {
  /** Of the rows; a store of a newer format is not touched. */
  readonly format: number;
  readonly home: string;
  /** The account of the first administrator. */
  readonly account: string;
}

export const FORMAT = 1;
const KEY = { pk: "META", sk: "FORMAT" };

/** A store made by a newer version of Trent. */
export class NewerFormat extends Error {
  override readonly name = "NewerFormat";
}

/**
 * What the store says that it was made with; undefined before it is made.
 *
 * Read before any key is, so not verified: nothing but a refusal may follow from it.
 * @throws {NewerFormat}
 */
export async function readMeta(database: Database): Promise<Meta | undefined> {
  const row = await database.table("principals", GLOBAL).get(KEY);
  return row && metaFrom(row.body);
}

/**
 * Fixes it, unless somebody has: the answer is what holds, verified. It decides whose administrator is made, so it is an item like others.
 * @throws {NewerFormat | WrongRoot | Tampered}
 */
export async function ensureMeta(database: Database, roots: Roots, proposed: Omit<Meta, "format">, now: Date): Promise<Meta> {
  await ensureDomainKeys(database, GLOBAL, roots, now);
  const macs = await macKeys(domainKeys(database, GLOBAL, roots));
  const items = itemsOf(database.table("principals", GLOBAL), "principals", GLOBAL, macs, 1);
  const fixed = await items.get(KEY, metaFrom);
  if (fixed) return fixed;
  await items.put({ ...KEY, body: JSON.stringify({ format: FORMAT, ...proposed } satisfies Meta) }).catch(ignoreConflict);
  const meta = await items.get(KEY, metaFrom);
  if (!meta) throw new Error("The store does not keep what is written to it.");
  return meta;
}

function metaFrom(body: string): Meta {
  let meta: Meta;
  try {
    meta = JSON.parse(body);
  } catch {
    throw new Tampered(`The item principals ${KEY.pk} ${KEY.sk} in ${GLOBAL} is not what was written there.`);
  }
  if (meta.format > FORMAT)
    throw new NewerFormat(`The store has format ${meta.format}; this version of Trent knows ${FORMAT}. Use a newer version.`);
  return meta;
}

function ignoreConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
