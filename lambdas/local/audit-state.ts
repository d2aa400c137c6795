import { DatabaseSync } from "node:sqlite";
import type { ChainedRow, Link } from "#domain/chain";
import type { Finding } from "#domain/chain-check";
import { checkState, type ToldChange } from "#domain/state-check";
import { GLOBAL, type TableName } from "#store";
import type { Verified } from "./audit-verify.ts";
import { isTold, itemName, toldChanges } from "./told-changes.ts";

/** A stored item, apart from its body: that this is what its MAC says, `doctor` tells, who has the root key. */
export interface StoredItem {
  readonly region: string;
  readonly table: TableName;
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly mac: string;
}

export interface VerifiedState {
  readonly findings: Verified["findings"];
  /** Items that are as the newest change in the log left them. */
  readonly items: number;
  /** Items of which the log tells nothing, or not enough: last changed before it begins, or by a change that broke off. */
  readonly unchecked: number;
}

export interface StateCheck {
  /** Takes in a row of the log. */
  read(region: string, row: ChainedRow, link: Link): void;
  /**
   * Says what became of the items, once the whole log was read.
   * @param isComplete nothing of the log has expired yet.
   */
  end(isComplete: boolean): VerifiedState;
  close(): void;
}

/**
 * Holds items against a log that is read after them: a change is in the log before it is in the item.
 * @param readAt when they were read, in milliseconds: of what was written down later nobody can say whether they show it.
 */
export function stateCheck(items: Iterable<StoredItem>, readAt: number): StateCheck {
  const scratch = new DatabaseSync("");
  scratch.exec("PRAGMA synchronous = OFF; CREATE TABLE items (item PRIMARY KEY, version, mac) WITHOUT ROWID; BEGIN");
  const keep = scratch.prepare("INSERT OR REPLACE INTO items VALUES (?, ?, ?)");
  for (const { region, version, mac, ...place } of items) if (isTold(place)) keep.run(itemName(region, place), version, mac);
  const told = toldChanges(scratch);

  /** Why what looks wrong may be right all the same. */
  function isExcused(item: string, is: Finding["kind"], by: ToldChange | undefined, version: number | undefined): boolean {
    if (is === "missing" && by && told.wentWithKey(item, by.told)) return true;
    // Whatever broke off, it has not put an item back.
    if (is === "changed" && by && (version ?? 0) <= by.version) return false;
    return item.startsWith(`${GLOBAL} principals `) && told.brokeOff(item, by?.began.at ?? 0);
  }

  return {
    read: told.read,
    end(isComplete) {
      const findings: Verified["findings"][number][] = [];
      const count = { items: 0, unchecked: 0 };
      const all = scratch.prepare(
        "SELECT item, version, mac FROM items UNION ALL SELECT DISTINCT item, NULL, NULL FROM stated WHERE item NOT IN (SELECT item FROM items)",
      );
      for (const { item: name, version, mac } of all.iterate()) {
        const item = String(name);
        const stored = mac === null ? undefined : { version: Number(version), mac: String(mac) };
        const verdict = checkState(stored, told.of(item, readAt), isComplete && !(isFirst(item) && stored?.version === 1));
        if (verdict.is === "good") count.items += stored ? 1 : 0;
        else if (verdict.is === "unchecked" || isExcused(item, verdict.is, verdict.told, stored?.version))
          count.unchecked += stored ? 1 : 0;
        else findings.push(findingOf(item, verdict.is, stored?.version, verdict.told));
      }
      return { findings, ...count };
    },
    close: () => scratch.close(),
  };
}

/** The items of a data folder, as they are at one moment. */
export function* itemsIn(state: DatabaseSync): Generator<StoredItem> {
  for (const table of ["keys", "principals", "quotas"] as const) {
    const rows = state.prepare(`SELECT region, pk, sk, version, tag FROM "${table}"`);
    for (const { region, pk, sk, version, tag } of rows.iterate())
      yield {
        ...{ region: String(region), table, pk: String(pk), sk: String(sk), version: Number(version) },
        mac: tag instanceof Uint8Array ? Buffer.from(tag).toString("base64url") : "",
      };
  }
}

/** What the first start makes, before there is anybody who could be said to have. */
const isFirst = (item: string): boolean => / principals A#\d{12} (ACCOUNT|U#administrator)$/.test(item);

function findingOf(
  item: string,
  kind: Finding["kind"],
  version: number | undefined,
  by: ToldChange | undefined,
): Verified["findings"][number] {
  const [region = "", ...name] = item.split(" ");
  const what = name.join(" ");
  if (!by) return { region, kind, what: `${what}: nobody wrote it, says the log` };
  if (kind === "missing") return { region, kind, what: `${what}: it is not there, and version ${by.version} was written by ${by.told}` };
  if (kind === "added") return { region, kind, what: `${what}: it is there, and was deleted by ${by.told}` };
  const says = `${what}: it is in a version ${version} that is not the newest`;
  return { region, kind, what: `${says}: ${by.told} wrote version ${by.version}` };
}
