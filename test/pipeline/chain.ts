import { hash } from "node:crypto";
import type { Database } from "#store";

interface Link {
  readonly pk: string;
  readonly sk: string;
  readonly body: string;
  readonly writer: string;
  readonly number: number;
  readonly previous: string;
  readonly follows: string | undefined;
}

export interface Chain {
  readonly writer: string;
  /** How many rows it has. */
  readonly length: number;
  /** The writer that it took over from, and the last of its rows that is certain. */
  readonly follows: string | undefined;
}

/** Every call's rows of an account's log in a Region, day after day. */
export async function logRows(database: Database, region: string, account: string): Promise<{ pk: string; sk: string; body: string }[]> {
  const log = database.table("log", region);
  const { rows: days } = await log.query({ pk: `${account}#DAYS`, limit: 1000 });
  const pages = await Promise.all(days.map(({ sk }) => log.query({ pk: `${account}#${sk}#0`, limit: 1_000_000 })));
  return pages.flatMap(({ rows }) => [...rows]);
}

/**
 * Follows every writer's chain from its first row to its last.
 * @throws when a number is missing or there twice, or a row does not name the digest of the one before.
 */
export function chainsOf(rows: readonly { readonly pk: string; readonly sk: string; readonly body: string }[]): Chain[] {
  const links = rows.map(({ pk, sk, body }): Link => {
    const { w: writer, n: number, p: previous, f: follows } = JSON.parse(body);
    return { pk, sk, body, writer, number, previous, follows };
  });
  return Array.from(
    Map.groupBy(links, ({ writer }) => writer),
    ([writer, chain]) => {
      let before = "";
      for (const [index, { pk, sk, body, number, previous, follows }] of chain.sort((a, b) => a.number - b.number).entries()) {
        if (number !== index + 1) throw new Error(`Writer ${writer} goes from ${index} to ${number}.`);
        if (previous !== before) throw new Error(`Row ${number} of writer ${writer} does not name the digest of the row before.`);
        if (index > 0 && follows !== undefined) throw new Error(`Row ${number} of writer ${writer} follows another writer.`);
        before = hash("sha256", `${pk}\n${sk}\n${body}`, "base64url");
      }
      return { writer, length: chain.length, follows: chain[0]?.follows };
    },
  );
}
