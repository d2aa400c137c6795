/** One Condition, judged in an Allow and in a Deny at once. */
import { expect, test } from "vitest";
import type { Truth } from "#domain/policy/truth";
import { allow, deny, type Element, outcome, type Says } from "./cast.ts";

/** The sentence it proves, the Condition, what the request says, and whether it holds; `unknown`: that cannot be told. */
export type Row = readonly [says: string, condition: Element, request: Says, holds: Truth];

const ALLOWED: Record<Truth, string> = { yes: "allow attached 1", no: "deny identity implicit", unknown: "deny identity implicit" };
const DENIED: Record<Truth, string> = {
  yes: "deny identity explicit-deny attached 2",
  no: "allow attached 1",
  unknown: "deny identity not-understood attached 2",
};

export function table(title: string, rows: readonly Row[]): void {
  test.each(rows.map((row) => [...row] as const))(`${title}: %s (%j, %j: %s)`, (_, Condition, says, holds) => {
    expect(outcome({ identity: [allow("kms:*", undefined, { Condition })], says })).toBe(ALLOWED[holds]);
    expect(outcome({ identity: [allow("kms:*"), deny("kms:*", undefined, { Condition })], says })).toBe(DENIED[holds]);
  });
}
