import type { DatabaseSync } from "node:sqlite";
import type { ChainedRow, Link } from "#domain/chain";
import { beganAt } from "#domain/event-id";
import type { Moment, StoredState, ToldChange } from "#domain/state-check";
import { GLOBAL, type Mutation, TABLES } from "#store";

/** Every change that a log tells of, by item, in a database that vanishes: there may be more of them than memory holds. */
export interface ToldChanges {
  /** Takes in a row of the log. */
  read(region: string, row: ChainedRow, link: Link): void;
  /** Of one item, when the items were read at this time, in milliseconds. */
  of(item: string, readAt: number): readonly ToldChange[];
  /** Whether a change of principals in an item's partition broke off later than that: it may have gone further than it had said before. */
  brokeOff(item: string, since: number): boolean;
  /** Whether the key that an alias pointed to by this row, or that a grant was of, was deleted: what points to a key goes with it. */
  wentWithKey(item: string, told: string): boolean;
}

/** Longer than a call takes. */
const CALL_MS = 5 * 60_000;

export const itemName = (region: string, { table, pk, sk }: Pick<Mutation, "table" | "pk" | "sk">): string =>
  `${TABLES[table].scope === "global" ? GLOBAL : region} ${table} ${pk} ${sk}`;
/** Items whose every change is written down. Hints, wrapping keys of imports, marks of timers and secrets of access keys prove nothing by being there. */
export function isTold({ table, pk, sk }: Pick<Mutation, "table" | "pk" | "sk">): boolean {
  if (table === "keys") return pk.startsWith("A#") || (pk.startsWith("K#") && sk !== "DELETION");
  return pk.startsWith("A#") && (table === "principals" || table === "quotas");
}

const partitionOf = (item: string): string => item.split(" ")[2] ?? "";

export function toldChanges(scratch: DatabaseSync): ToldChanges {
  scratch.exec(`
    CREATE TABLE stated (item, version, mac, call, told, isOutcome);
    CREATE TABLE calls (call, isOutcome, writer, number, at, isReconciled, PRIMARY KEY (call, isOutcome, number, writer)) WITHOUT ROWID;
    CREATE TABLE abouts (partition, call);
    CREATE TABLE targets (told PRIMARY KEY, key) WITHOUT ROWID;
    CREATE INDEX byItem ON stated (item);
    CREATE INDEX byPartition ON abouts (partition);
  `);
  const state = scratch.prepare("INSERT INTO stated VALUES (?, ?, ?, ?, ?, ?)");
  const meet = scratch.prepare("INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, ?, ?)");
  const about = scratch.prepare("INSERT INTO abouts VALUES (?, ?)");
  const target = scratch.prepare("INSERT OR IGNORE INTO targets VALUES (?, ?)");
  const statedOf = scratch.prepare("SELECT version, mac, call, told, isOutcome FROM stated WHERE item = ?");
  const momentsOf = scratch.prepare(
    "SELECT isOutcome, writer, number, at, isReconciled FROM calls WHERE call = ? ORDER BY isOutcome, at, number",
  );
  const callsAbout = scratch.prepare("SELECT DISTINCT call FROM abouts WHERE partition = ?");
  const targetOf = scratch.prepare("SELECT key FROM targets WHERE told = ?");
  const isDeleted = scratch.prepare("SELECT 1 FROM stated WHERE item = ? AND version = 0");

  /** When a call said what it would do, for the last time, and when it said what it had done. */
  function spanOf(call: string): {
    readonly began: Moment;
    readonly ended: Moment;
    readonly isKnown: boolean;
    readonly isReconciled: boolean;
  } {
    let [began, ended]: (Moment & { readonly isReconciled?: number })[] = [];
    for (const { isOutcome, ...moment } of momentsOf.all(call) as unknown as (Moment & { isOutcome: number; isReconciled: number })[])
      if (isOutcome) ended = moment;
      else began = moment;
    const first = began ?? ended ?? { writer: "", number: 0, at: 0 };
    const last = ended ?? { ...first, number: Number.MAX_SAFE_INTEGER, at: first.at + CALL_MS };
    return { began: first, ended: last, isKnown: ended !== undefined, isReconciled: ended?.isReconciled === 1 };
  }

  return {
    read(region, { pk, sk, body }, { writer, number }) {
      // Most records are of calls that only read.
      if (body.includes('"ro":1')) return;
      const { r: said } = JSON.parse(body);
      const [account = ""] = pk.split("#");
      const mark = sk.indexOf("#I");
      const [isOutcome, id] = mark < 0 ? [1, sk] : [0, sk.slice(0, mark)];
      const call = `${region} ${account} ${id}`;
      meet.run(call, isOutcome, writer, number, isOutcome ? (said.t ?? beganAt(id)) : beganAt(id), said.o === undefined ? 0 : 1);
      const sure: readonly Mutation[] = said.w ?? [];
      const perhaps: readonly Mutation[] = [...(said.v ?? []), ...(!isOutcome && said.m ? [said.m] : [])];
      for (const [changes, certain] of [
        [sure, 1],
        [perhaps, 0],
      ] as const)
        for (const change of changes.filter(isTold))
          state.run(itemName(region, change), change.version, change.mac ?? null, call, sk, certain);
      if (!isOutcome && (said.m?.table ?? "principals") === "principals") about.run(said.m?.pk ?? `A#${account}`, call);
      const key = said.q?.targetKeyId;
      if (typeof key === "string") target.run(sk, key.slice(key.lastIndexOf("/") + 1));
    },

    of: (item, readAt) =>
      (statedOf.all(item) as unknown as (StoredState & { call: string; told: string; isOutcome: number })[]).map(
        ({ version, mac, call, told, isOutcome }) => {
          const { began, ended } = spanOf(call);
          return { version, mac: mac ?? undefined, told, isCertain: isOutcome === 1 && ended.at < readAt, began, ended };
        },
      ),

    brokeOff(item, since) {
      for (const { call } of callsAbout.iterate(partitionOf(item))) {
        const { began, ended, isKnown, isReconciled } = spanOf(String(call));
        if ((!isKnown || isReconciled) && Math.max(began.at, ended.at) >= since) return true;
      }
      return false;
    },

    wentWithKey(item, told) {
      const [region = "", table, pk = "", sk = ""] = item.split(" ");
      if (table !== "keys") return false;
      const key = sk.startsWith("G#") ? pk.slice("K#".length) : String(targetOf.get(told)?.["key"]);
      return isDeleted.get(`${region} keys K#${key} KEY`) !== undefined;
    },
  };
}
