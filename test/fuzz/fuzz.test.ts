/** The short form of `npm run fuzz`. */
import { expect, test } from "vitest";
import { framing } from "./framing.ts";
import { fuzz } from "./fuzz.ts";
import { KINDS } from "./kinds.ts";

const seed = Date.now() % 1_000_000_000;

test.each(Object.keys(KINDS))(
  "requests of the kind %s are answered by a name of AWS's, soon, and never by a 500",
  async (only) => {
    const { findings, answers } = await fuzz({ cases: 400, seed, only });
    expect({ seed, findings }).toEqual({ seed, findings: [] });
    // What is refused for one reason alone does not come far.
    expect(answers.size).toBeGreaterThan(1);
  },
  60_000,
);

test("bytes that are hardly HTTP are answered or hung up on", { timeout: 60_000 }, async () => {
  const { findings, answers } = await framing({ cases: 300, seed });
  expect({ seed, findings }).toEqual({ seed, findings: [] });
  expect(answers.get("200")).toBeGreaterThan(0);
  expect(answers.get("400")).toBeGreaterThan(0);
});
