import fc from "fast-check";
import { expect, test } from "vitest";
import { type ChainedRow, type Link, linkOf } from "#domain/chain";
import { chainCheck } from "#domain/chain-check";

const DAY = "111122223333#20260101#0";
const LONGEST = 40;

const rowOf = (number: number, previous: string): ChainedRow => ({
  pk: DAY,
  sk: `id-${number}`,
  body: `{"w":"w","n":${number},"p":"${previous}","r":{"e":"Call${number}"}}`,
});

/** A writer's rows, in its order. */
function chain(length: number): readonly ChainedRow[] {
  const rows: ChainedRow[] = [];
  let previous = "";
  for (let number = 1; number <= length; number += 1) {
    const row = rowOf(number, previous);
    previous = (linkOf(row) as Link).hash;
    rows.push(row);
  }
  return rows;
}

const linksOf = (rows: readonly ChainedRow[]): readonly Link[] => rows.map((row) => linkOf(row) as Link);

function check(
  links: readonly Link[],
  { sealed = 0, expired = 0, whole = links }: { sealed?: number; expired?: number; whole?: readonly Link[] } = {},
) {
  const seal = whole.find(({ number }) => number === sealed);
  const checking = chainCheck({ attested: new Map(seal ? [[sealed, { hash: seal.hash, by: "seal 1" }]] : []), expired });
  for (const link of links) checking.add(link);
  return checking.end();
}

const shuffled = fc.integer({ min: 1, max: LONGEST }).chain((length) => {
  const all = Array.from({ length }, (_, at) => at);
  return fc.shuffledSubarray(all, { minLength: length }).map((order) => ({ order, length }));
});

test("a chain verifies in whatever order its rows come, sealed anywhere", () => {
  fc.assert(
    fc.property(shuffled, fc.nat(), ({ order, length }, at) => {
      const links = linksOf(chain(length));
      const report = check(
        order.map((index) => links[index] as Link),
        { sealed: (at % length) + 1 },
      );
      expect(report).toEqual({ findings: [], expired: 0, last: length });
    }),
  );
});

test("a gap before more rows than an argument list takes is named, or is none when they may have expired", () => {
  const MANY = 150_000;
  const links = Array.from(
    { length: MANY },
    (_, at): Link => ({ ...(linkOf(rowOf(at + 2, "")) as Link), previous: `${at + 1}`, hash: `${at + 2}` }),
  );
  const attested = new Map(links.map(({ number, hash }) => [number, { hash, by: "seal 1" }]));
  for (const expired of [0, 1]) {
    const checking = chainCheck({ attested, expired });
    for (const link of links) checking.add(link);
    const { findings, last } = checking.end();
    expect({ findings: findings.length, last }).toEqual({ findings: 1 - expired, last: MANY + 1 });
  }
});

test("rows far apart are looked at in no time", { timeout: 10_000 }, () => {
  const links = Array.from({ length: 100_000 }, (_, at): Link => linkOf(rowOf((at + 1) * 1_000_000, "")) as Link);
  for (const expired of [0, links.length * 1_000_000]) {
    const checking = chainCheck({ attested: new Map(), expired });
    for (const link of links) checking.add(link);
    checking.settle();
    // Late, out of the middle of a gap.
    checking.add(linkOf(rowOf(1_500_000, "")) as Link);
    const report = checking.end();
    const [missing] = report.findings.filter(({ kind }) => kind === "missing");
    if (expired === 0) expect(missing).toEqual({ kind: "missing", what: "records 1 to 999999" });
    else expect({ missing, gone: report.expired }).toEqual({ missing: undefined, gone: links.length * 1_000_000 - links.length - 1 });
  }
});

test("rows that may have expired may be missing, in any number, and no others", () => {
  fc.assert(
    fc.property(shuffled, fc.nat(), fc.array(fc.boolean(), { minLength: LONGEST, maxLength: LONGEST }), ({ order, length }, at, gone) => {
      const expired = at % (length + 1);
      const links = linksOf(chain(length));
      const left = order.map((index) => links[index] as Link).filter(({ number }) => number > expired || !gone[number - 1]);
      const missing = length - left.length;
      const report = check(left, { sealed: length, expired, whole: links });
      expect(report.findings).toEqual([]);
      expect(report.expired).toBe(missing);
    }),
  );
});

test("a row that is changed is named, and it alone, if a row follows it or it is sealed", () => {
  fc.assert(
    fc.property(shuffled, fc.nat(), fc.boolean(), ({ order, length }, at, isBody) => {
      const rows = chain(length);
      const links = linksOf(rows);
      const index = at % length;
      const row = rows[index] as ChainedRow;
      const spoilt = isBody
        ? { ...row, body: row.body.replace("Call", "Cal1") }
        : { ...row, body: row.body.replace(/"p":"[^"]*"/, `"p":"${"A".repeat(43)}"`) };
      const changed = links.with(index, linkOf(spoilt) as Link);
      const { findings } = check(
        order.map((one) => changed[one] as Link),
        { sealed: length, whole: links },
      );
      expect(findings).toEqual([expect.objectContaining({ kind: "changed", what: expect.stringMatching(`^record ${index + 1} `) })]);
    }),
  );
});

test("rows that are missing are named, wherever they were", () => {
  fc.assert(
    fc.property(shuffled, fc.nat(), ({ order, length }, at) => {
      const links = linksOf(chain(length));
      const index = at % length;
      const left = order.filter((one) => one !== index).map((one) => links[one] as Link);
      const { findings } = check(left, { sealed: length, whole: links });
      expect(findings).toEqual([expect.objectContaining({ kind: "missing", what: expect.stringMatching(`^record ${index + 1}\\b`) })]);
    }),
  );
});

test("a row that was added under a number that is taken is named, and it alone, whichever comes first", () => {
  fc.assert(
    fc.property(shuffled, fc.nat(), fc.boolean(), ({ order, length }, at, isFirst) => {
      const rows = chain(length);
      const links = linksOf(rows);
      const row = rows[at % length] as ChainedRow;
      const added = linkOf({ ...row, sk: "added" }) as Link;
      const genuine = order.map((one) => links[one] as Link);
      const { findings } = check(isFirst ? [added, ...genuine] : [...genuine, added], { sealed: length, whole: links });
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({ kind: "added", what: expect.stringContaining("added") });
    }),
  );
});

test("what is no row of a writer has no link", () => {
  for (const body of ["", "{}", '{"w":"w","n":0,"p":"","r":1}', '{"n":1,"w":"w","p":"","r":1}', '{"w":"w","n":01,"p":"","r":1}'])
    expect(linkOf({ pk: DAY, sk: "id", body }), body).toBeUndefined();
});
