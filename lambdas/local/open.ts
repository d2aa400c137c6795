import { existsSync, mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { randomAccount } from "#operator/administrator";
import type { Root } from "#roots/root";
import { type Database, ensureMeta, type Meta, readMeta } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { credentialsIn } from "./first-start.ts";
import { type Options, UsageError } from "./options.ts";
import { profileFolder } from "./profile.ts";
import { ensureRoot } from "./root.ts";

/** A store, opened, with its root, and what was fixed when it was made. */
export interface Opened {
  readonly database: Database;
  readonly root: Root;
  readonly meta: Meta;
  /** Absolute. */
  readonly folder: string;
  /** Partitions that a day's records are spread over. */
  readonly shards: number;
  /** Makes room for a Region before its first use. */
  readonly prepare?: (region: string) => Promise<void>;
}

/** Opens what the options name; a sandbox has no such store. `onLoss`: nothing can be written any more. */
export function openStore(options: Options, onLoss: (cause: Error) => void): Promise<Opened> {
  return options.table.kind === "dynamodb" ? openTables(options, options.table) : openFolder(options, onLoss);
}

export const HOME = "us-east-1";

/** @throws {UsageError} when there is no store where the options say; nothing is made. */
export async function requireStore({ data, table }: Options): Promise<void> {
  if (table.kind === "sqlite") {
    if (existsSync(join(resolve(data), "state.db"))) return;
    throw new UsageError(`${resolve(data)} holds no store: start the server first, or name its --data folder.`);
  }
  const { dynamodbAt } = await import("./dynamodb.ts");
  const { database, isMade } = dynamodbAt(table);
  const made = await isMade().finally(() => database.close());
  if (!made) throw new UsageError(`${table.endpoint} has no store ${table.prefix}: start a server first, or say its --table-prefix.`);
}

/**
 * Opens the data folder, and makes it at the first start.
 *
 * A root is never made beside a store that exists: what is in it would be lost without a word.
 * @throws {UsageError | RootUnusable | NewerFormat | WrongRoot | Tampered}
 */
async function openFolder(options: Options, onLoss: (cause: Error) => void): Promise<Opened> {
  const folder = resolve(options.data);
  const exists = ["state.db", "log.db"].some((file) => existsSync(join(folder, file)));
  // Asked before the store is: another first start may be making both meanwhile, the store first.
  const used = existsSync(credentialsIn(profileFolder(folder)));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requirePrivate(folder);
  const root = await ensureRoot(folder, options.root, exists ? `in ${folder}` : undefined);
  const database = openSqlite({ folder }, onLoss);
  try {
    // A store of a newer format is not touched, not even to verify what it says.
    const made = await readMeta(database);
    if (used && !made)
      throw new UsageError(
        `The store in ${folder} is empty, though it has been in use: put state.db back, or begin anew in another --data folder.`,
      );
    return { database, root, meta: await fix(options, database, root), folder, shards: 1 };
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

/**
 * Opens the tables of a DynamoDB, and creates them at the first start. The data folder holds only the profile, and the root key unless that is
 * elsewhere: servers on one store need the same root, and never make one beside a store that exists.
 * @throws {UsageError | RootUnusable | NewerFormat | WrongRoot | Tampered}
 */
async function openTables(options: Options, table: Extract<Options["table"], { readonly kind: "dynamodb" }>): Promise<Opened> {
  // The client is loaded when it is needed: an embedded store does without.
  const { dynamodbAt, requireAppend, SHARDS } = await import("./dynamodb.ts");
  const folder = resolve(options.data);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requirePrivate(folder);
  const { database, ensureTables } = dynamodbAt(table);
  try {
    await ensureTables([]);
    const root = await ensureRoot(folder, options.root, (await readMeta(database)) && `at ${table.endpoint}`);
    const meta = await fix(options, database, root);
    await ensureTables([meta.home]);
    await requireAppend(database, meta.home);
    return { database, root, meta, folder, shards: SHARDS, prepare: (region) => ensureTables([region]) };
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

/** Fixes what is fixed at the first start, or requires that the options say nothing else. */
async function fix(options: Options, database: Database, root: Root): Promise<Meta> {
  const proposed = { home: options.region ?? HOME, account: options.account ?? randomAccount() };
  const meta = await ensureMeta(database, root, proposed, new Date());
  requireSame("region", meta.home, options.region);
  requireSame("account", meta.account, options.account);
  if (!options.regions.includes(meta.home))
    throw new UsageError(`The home Region ${meta.home} is not one of the Regions that are served; see --regions.`);
  return meta;
}

function requirePrivate(folder: string): void {
  const { mode } = statSync(folder);
  if ((mode & 0o077) !== 0) throw new UsageError(`${folder} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 700 it.`);
}

function requireSame(option: string, fixed: string, wanted: string | undefined): void {
  if (wanted !== undefined && fixed !== wanted) {
    throw new UsageError(
      `--${option} ${wanted}: this store was made with ${fixed}, and that is fixed. Leave the option out, or use another --data folder.`,
    );
  }
}
