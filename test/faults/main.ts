/**
 * `npm run faults`: servers are killed, run two at a time, and robbed of their disk, and asked afterwards for everything that they had
 * acknowledged. `npm run faults -- 200` kills 200 times; the number is 50 by default.
 */
import { cannotMount } from "../local/small-disk.ts";
import { crash, type Outcome } from "./crash.ts";
import { cannotLimit, fullDisk, noGrowth, shortOfSpace } from "./disk.ts";
import { pair } from "./pair.ts";

const rounds = Number(process.argv[2] ?? 50);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error("usage: npm run faults -- [rounds]");
  process.exit(2);
}
const fewer = Math.max(1, Math.round(rounds / 5));
const rows: Record<string, string | number>[] = [];
const problems: string[] = [];

async function run<T extends Outcome>(
  name: string,
  scenario: () => Promise<T>,
  moreOf: (outcome: T) => readonly string[] = () => [],
): Promise<void> {
  const outcome = await scenario();
  const { ledger, lost, seconds } = outcome;
  const bad = [...lost, ...moreOf(outcome), ...(name.startsWith("kill") ? ledger.failures : [])];
  problems.push(...bad.map((problem) => `${name}: ${problem}`));
  rows.push({
    scenario: name,
    rounds: outcome.rounds,
    calls: ledger.calls.size,
    keys: ledger.keys.size,
    aliases: ledger.aliases.size,
    tags: ledger.tags.size,
    ciphertexts: ledger.ciphertexts.length,
    refused: "refused" in outcome ? Number(outcome.refused) : ledger.failures.length,
    looks: "looks" in outcome ? Number(outcome.looks) : "",
    "lost or wrong": bad.length,
    seconds: Math.round(seconds),
  });
}

await run("kill -9 under load", () => crash(rounds));
await run(
  "kill one of two",
  () => pair(fewer),
  ({ stale }) => stale,
);
if (cannotMount === undefined)
  await run(
    "disk full",
    () => shortOfSpace(fullDisk, fewer, 8),
    ({ wrong }) => wrong,
  );
else console.warn(`NOT RUN: a full disk, because none can be mounted here: ${cannotMount}`);
if (cannotLimit === undefined)
  await run(
    "files may not grow",
    () => shortOfSpace(noGrowth, fewer),
    ({ wrong }) => wrong,
  );
else console.warn(`NOT RUN: files that may not grow, because there is no prlimit here: ${cannotLimit}`);

console.table(rows);
for (const problem of problems.slice(0, 50)) console.error(problem);
console.log(problems.length === 0 ? "Nothing acknowledged was lost." : `${problems.length} problems.`);
process.exit(problems.length === 0 ? 0 : 1);
