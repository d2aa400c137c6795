import type { DatabaseSync } from "node:sqlite";
import type { ChainedRow } from "#domain/chain";
import { markFinder } from "#store/drivers/sqlite-words";
import { isIntent, wordsIn } from "#store/log";
import type { Verified } from "./audit-verify.ts";

export interface SearchCheck {
  /** Takes in a row of the log. */
  read(region: string, row: ChainedRow): void;
  /** Records that LookupEvents does not find by all that they say, the first of each partition. */
  end(): Verified["findings"];
}

/** Holds what records are found by, which no chain covers, against what they say. */
export function searchCheck(log: DatabaseSync): SearchCheck {
  const missing = markFinder(log, "log");
  const found = new Map<string, { readonly region: string; readonly what: string; count: number }>();
  return {
    read(region, { pk, sk, body }) {
      if (isIntent(sk)) return;
      const word = missing(
        region,
        { pk, sk },
        wordsIn(() => JSON.parse(body).r),
      );
      if (word === undefined) return;
      const first = found.get(`${region} ${pk}`);
      if (first) first.count += 1;
      else found.set(`${region} ${pk}`, { region, what: `the mark by which ${pk} ${sk} is found for "${word}"`, count: 1 });
    },
    end: () =>
      [...found.values()].map(({ region, what, count }) => ({
        region,
        kind: "missing",
        what: count === 1 ? what : `${what}, and those of ${count - 1} more there`,
      })),
  };
}
