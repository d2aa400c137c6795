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
 * What the store was made with; undefined before it is made.
 *
 * The row has no MAC: it is read before any key is, and nothing but a refusal follows from it.
 * @throws {NewerFormat}
 */
export async function readMeta(database: Database): Promise<Meta | undefined> {
  const row = await database.table("principals", GLOBAL).get(KEY);
  if (!row) return undefined;
  const meta: Meta = JSON.parse(row.body);
  if (meta.format > FORMAT)
    throw new NewerFormat(`The store has format ${meta.format}; this version of Trent knows ${FORMAT}. Use a newer version.`);
  return meta;
}

/** Fixes it, unless somebody else has: the answer is what holds. */
export async function ensureMeta(database: Database, proposed: Omit<Meta, "format">): Promise<Meta> {
  const body = JSON.stringify({ format: FORMAT, ...proposed } satisfies Meta);
  await database
    .table("principals", GLOBAL)
    .put({ ...KEY, version: 1, body })
    .catch((cause: unknown) => {
      if (!(cause instanceof Conflict)) throw cause;
    });
  const meta = await readMeta(database);
  if (!meta) throw new Error("The store does not keep what is written to it.");
  return meta;
}
