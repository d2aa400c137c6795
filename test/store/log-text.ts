import type { DatabaseSync } from "node:sqlite";

export interface LogText {
  readonly region: string;
  readonly pk: string;
  readonly sk: string;
  readonly body: string;
  readonly expires: number;
}

/** All rows of a log's file, unpacked as `drivers/sqlite-segments.ts` says, and not through it. */
export function logTexts(sql: DatabaseSync): readonly LogText[] {
  const segments = new Map<string, string>();
  for (const { region, pk, id, text } of sql.prepare('SELECT region, pk, id, text FROM "log.segments"').all())
    segments.set(`${region} ${pk} ${id}`, String(text));
  const rows = sql.prepare("SELECT region, pk, sk, body, expires FROM log").all() as unknown as (Omit<LogText, "body"> & {
    readonly body: string | Uint8Array;
  })[];
  return rows.map((row) => ({ ...row, body: typeof row.body === "string" ? row.body : unpacked(row.body, `${row.region} ${row.pk}`) }));

  function unpacked(packed: Uint8Array, partition: string): string {
    const parts: string[] = [];
    let rest = [...packed];
    while (rest.length > 0) {
      const digits = rest.slice(0, rest.findIndex((digit) => digit < 128) + 1);
      const number = digits.reduceRight((sum, digit) => sum * 128 + (digit % 128), 0);
      rest = rest.slice(digits.length);
      const length = number % 2 === 0 ? number / 2 : 0;
      parts.push(
        number % 2 === 1 ? (segments.get(`${partition} ${(number - 1) / 2}`) ?? "?") : Buffer.from(rest.slice(0, length)).toString(),
      );
      rest = rest.slice(length);
    }
    return parts.join("");
  }
}
