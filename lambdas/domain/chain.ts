import { digest } from "@trent/crypto";

/** A row of the log, wherever it was found. */
export interface ChainedRow {
  readonly pk: string;
  readonly sk: string;
  readonly body: string;
}

/** What a row says of its place in its writer's chain. */
export interface Link {
  readonly writer: string;
  /** From 1. */
  readonly number: number;
  /** Hash of the row before; empty in the first. */
  readonly previous: string;
  /** Of this row: what the next one names. */
  readonly hash: string;
  readonly row: Pick<ChainedRow, "pk" | "sk">;
}

/** Where a writer's chain had got to. */
export interface Head {
  readonly writer: string;
  readonly number: number;
  readonly hash: string;
}

/** The hash covers where a row stands and all that it says. */
export const hashOf = ({ pk, sk, body }: ChainedRow): string => digest(`${pk}\n${sk}\n${body}`);

const CHAINED = /^\{"w":"([^"\\]+)","n":([1-9]\d*),"p":"([\w-]*)"(?:,"f":"[^"\\]*")?,"r":/;

/** Undefined when it is no row that a writer of the log wrote. */
export function linkOf(row: ChainedRow): Link | undefined {
  const [, writer, number, previous] = CHAINED.exec(row.body) ?? [];
  if (writer === undefined || previous === undefined) return undefined;
  return { writer, number: Number(number), previous, hash: hashOf(row), row: { pk: row.pk, sk: row.sk } };
}
