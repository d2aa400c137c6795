/** What a call that broke off may have left, and what it cannot have: `trent audit verify --state`. */
import { expect, test } from "vitest";
import { stateCheck } from "#local/audit-state";
import { requestId } from "#wire/request-id";

const PLACE = { table: "principals", pk: "A#111122223333", sk: "U#alice" } as const;
const MINUTE = 60_000;
const WRITTEN = Date.parse("2026-11-01T00:00:00Z");

/** Version 5 was written, and later a call about the account said that it would change something; or not. */
function verdictOf(version: number | undefined, { brokeOff }: { readonly brokeOff: boolean }) {
  const stored = version === undefined ? [] : [{ ...PLACE, region: "global", version, mac: `m${version}` }];
  const check = stateCheck(stored, WRITTEN + 60 * MINUTE);
  let number = 0;
  const read = (at: number, suffix: string, said: object) => {
    const row = { pk: "111122223333#20261101#0", sk: `${requestId(new Date(at))}${suffix}`, body: JSON.stringify({ r: said }) };
    number += 1;
    check.read("us-east-1", row, { writer: "writer", number, previous: "", hash: "", row });
  };
  read(WRITTEN, "", { e: "AttachUserPolicy", t: WRITTEN, w: [{ ...PLACE, version: 5, mac: "m5" }] });
  if (brokeOff) read(WRITTEN + MINUTE, "#I", { e: "PutUserPolicy", m: { ...PLACE, sk: "U#bob", version: 2, mac: "b2" } });
  const { findings, unchecked, items } = check.end(false);
  check.close();
  return { kinds: findings.map(({ kind }) => kind), unchecked, items };
}

test("an item is good as it was last written, whatever broke off later", () => {
  for (const brokeOff of [true, false]) expect(verdictOf(5, { brokeOff })).toEqual({ kinds: [], unchecked: 0, items: 1 });
});

test("a version beyond the last that is known may be what a call wrote that broke off; otherwise nobody did", () => {
  expect(verdictOf(6, { brokeOff: true })).toEqual({ kinds: [], unchecked: 1, items: 0 });
  expect(verdictOf(6, { brokeOff: false }).kinds).toEqual(["changed"]);
});

test("a version before the last that is known was put back, whatever broke off", () => {
  for (const brokeOff of [true, false]) expect(verdictOf(4, { brokeOff }).kinds).toEqual(["changed"]);
});

test("an item that is not there may have been deleted by a call that broke off; otherwise it is missing", () => {
  expect(verdictOf(undefined, { brokeOff: true }).kinds).toEqual([]);
  expect(verdictOf(undefined, { brokeOff: false }).kinds).toEqual(["missing"]);
});
