/** Ways to make bytes, texts and JSON values wrong. */
import type { Chance } from "../faults/chance.ts";

/** One of many. */
export const oneOf = <T>(chance: Chance, values: readonly T[]): T => values[Math.floor(chance.between(0, values.length))] as T;

type Change = (chance: Chance, bytes: Buffer) => Buffer;

const at = (chance: Chance, { length }: Buffer): number => Math.floor(chance.between(0, length + 1));
const INSERTED = [
  "\0",
  "\r\n",
  "\n",
  " ",
  ",",
  ";",
  "=",
  "&",
  "%",
  "%00",
  "%2F",
  "..",
  "/",
  '"',
  "\\",
  "{",
  "[",
  "é",
  "\u{1f511}",
  "\ufeff",
  "\u2028",
  "A".repeat(300),
];

/** The bytes with another one in a place. */
function replaced(chance: Chance, bytes: Buffer, by: (byte: number) => number): Buffer {
  const spoilt = Buffer.from(bytes);
  const place = at(chance, bytes);
  if (place < spoilt.length) spoilt[place] = by(spoilt[place] ?? 0);
  return spoilt;
}

const CHANGES: readonly Change[] = [
  (chance, bytes) => replaced(chance, bytes, (byte) => byte ^ (1 << Math.floor(chance.between(0, 8)))),
  (chance, bytes) => replaced(chance, bytes, () => Math.floor(chance.between(0, 256))),
  (chance, bytes) => bytes.subarray(0, at(chance, bytes)),
  // A part is left out, or there twice.
  (chance, bytes) => Buffer.concat([bytes.subarray(0, at(chance, bytes)), bytes.subarray(at(chance, bytes))]),
  (chance, bytes) => {
    const place = at(chance, bytes);
    return Buffer.concat([bytes.subarray(0, place), Buffer.from(oneOf(chance, INSERTED)), bytes.subarray(place)]);
  },
];

/** The bytes with one to four changes. */
export function spoilt(chance: Chance, bytes: Uint8Array): Buffer {
  let changed = Buffer.from(bytes);
  for (let left = Math.floor(chance.between(1, 5)); left > 0; left -= 1) changed = Buffer.from(oneOf(chance, CHANGES)(chance, changed));
  return changed;
}

/** The same of a text: every character stands for one byte, so that what is not UTF-8 can come out of it. */
export const spoiltText = (chance: Chance, text: string): string => spoilt(chance, Buffer.from(text, "latin1")).toString("latin1");

/** The same of base64: of what it stands for, or of the text. */
export const spoiltBase64 = (chance: Chance, text: string): string =>
  chance.of(0.8) ? spoilt(chance, Buffer.from(text, "base64")).toString("base64") : spoiltText(chance, text);

const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -0,
    -1,
    1,
    1.5,
    2 ** 31,
    2 ** 53,
    1e308,
    -1e308,
    "",
    " ",
    "\0",
    "null",
    "NaN",
    "__proto__",
    "constructor",
    "\ud800",
  ],
  ...["a".repeat(10_000), "%s%n", "../../etc/passwd", "é".repeat(500), "\u{1f511}", [], {}, [[]], [null], { __proto__: null }],
  ...[JSON.parse('{"__proto__":{"a":1}}'), { toString: 1 }, { length: 1 }, Array(500).fill("a"), "arn:aws:kms:us-east-1:111122223333:key/"],
];

/** Any JSON value: of those that go wrong most often, or one nested deeply. */
export function oddValue(chance: Chance): unknown {
  if (chance.of(0.95)) return oneOf(chance, ODD);
  let nested: unknown = oneOf(chance, ODD);
  for (let left = Math.floor(chance.between(1, 2000)); left > 0; left -= 1) nested = chance.of(0.5) ? [nested] : { a: nested };
  return nested;
}
