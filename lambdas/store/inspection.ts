/**
 * Every row there is, one by one, as somebody finds it who trusts no index: for the operator, never for a call.
 */
import { type DomainKeyName, domainKeys, macKeys, type Roots, WrongRoot } from "./domain-keys.ts";
import { isAuthentic } from "./items.ts";
import { isLastUse } from "./last-uses.ts";
import type { Database, Row, RowKey, Table } from "./port.ts";
import { GLOBAL, TABLES, type TableName } from "./tables.ts";

/** A row, and what is wrong with it, if anything is. */
export interface InspectedRow extends RowKey {
  readonly table: TableName;
  readonly wrong?: string;
}

const PAGE = 500;

/**
 * The rows of one Region, or of what all Regions share (`GLOBAL`): each item has the MAC of its place, each domain key opens under its root.
 * The log is not among them: its rows are chained, and `trent audit verify` follows the chains.
 * @throws {DomainKeysMissing | WrongRoot} when there are no keys of MACs to inspect by.
 */
export async function* inspectRows(database: Database, region: string, roots: Roots): AsyncGenerator<InspectedRow> {
  const domain = domainKeys(database, region, roots);
  const macs = await macKeys(domain);
  for (const table of tablesOf(region)) {
    for await (const row of rowsOf(database.table(table, region))) {
      const { pk, sk } = row;
      const right = isDomainKey(table) ? await opens(domain, row) : isBare(table, row) || (await isAuthentic(row, table, region, macs));
      yield { table, pk, sk, ...(!right && { wrong: "it is not what was written there" }) };
    }
  }
}

const tablesOf = (region: string): readonly TableName[] =>
  (Object.keys(TABLES) as TableName[]).filter((name) => (TABLES[name].scope === "global") === (region === GLOBAL) && name !== "log");

const isDomainKey = (table: TableName): boolean => table === "domains" || table === "shared-domains";

/** Rows that have no MAC, because nothing is believed on their word: leases, and what is counted. */
const isBare = (table: TableName, { pk, mac }: Row): boolean =>
  mac === undefined &&
  ((table === "keys" && pk.startsWith("TIMER#")) || table === "quotas" || (table === "principals" && isLastUse({ pk })));

async function* rowsOf(table: Table): AsyncGenerator<Row> {
  for (let after: RowKey | undefined; ; ) {
    const { rows, next } = await table.scan({ after, limit: PAGE });
    yield* rows;
    if (!next) return;
    after = next;
  }
}

async function opens(domain: ReturnType<typeof domainKeys>, { pk, sk }: Row): Promise<boolean> {
  const name = pk.slice("DOMAIN#".length) as DomainKeyName;
  const version = Number(sk.slice("V#".length));
  try {
    return (await domain.version(name, version)) !== undefined;
  } catch (cause) {
    if (cause instanceof WrongRoot) return false;
    throw cause;
  }
}
