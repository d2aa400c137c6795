/**
 * `npm run test:clients`: what speaks the AWS KMS API elsewhere, installed by exact version, does its work against `npm start` as it ships.
 *
 *     npm run test:clients                   all of them: the first time some minutes, as they are built; then they are in the cache
 *     npm run test:clients -- SOPS boto3     those whose names have one of these words in them
 *     npm run test:clients -- --quick        those that install in half a minute or less, as CI does
 *
 * --report FILE: how many passed and failed, as JSON. --record: keeps the results of all for the README's table, when none failed; then: npm run format, npm run docs.
 * Exit 1 when one failed. One whose toolchain is missing is "not run": neither passed nor failed.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Client } from "./client.ts";
import * as pack from "./clients.ts";
import { startHost } from "./host.ts";
import { play } from "./play.ts";
import { RESULTS, type Result, resultOf } from "./results.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, record: { type: "boolean", default: false }, report: { type: "string" } },
});
const words = positionals.map((word) => word.toLowerCase());
const named = ({ name }: Client): boolean => words.length === 0 || words.some((word) => name.toLowerCase().includes(word));
const clients = Object.values<Client>(pack).filter((client) => named(client) && (client.quick || !values.quick));
if (clients.length === 0) throw new Error(`No client is called ${positionals.join(" or ")}.`);
if (values.record && clients.length < Object.keys(pack).length) throw new Error("--record is for all clients.");

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

const results: Result[] = [];
const host = await startHost();
try {
  for (const client of clients) {
    const outcome = await play(client, host);
    const { calls, installSeconds, seconds, why } = outcome;
    const times = `${calls} calls in ${seconds.toFixed(1)} s, installed in ${installSeconds.toFixed(1)} s`;
    console.log(`${outcome.outcome.toUpperCase().padEnd(8)}${client.name} ${client.version}: ${why ?? times}`);
    results.push(resultOf(client, outcome));
  }
} finally {
  await host.stop();
}

const count = (wanted: Result["outcome"]): number => results.filter(({ outcome }) => outcome === wanted).length;
const [passed, failed] = [count("passed"), count("failed")];
console.log(`${passed} passed, ${failed} failed, ${count("not run")} not run`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failed }));
if (values.record && failed > 0) console.error("One has failed: nothing is recorded.");
else if (values.record) writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
process.exitCode = failed > 0 ? 1 : 0;
