/**
 * `npm run test:stack`: deploys the whole app to stacks on this machine, and tests what is deployed. No Docker, no AWS account.
 *
 *     npm run test:stack                     installs what is missing; then ministack, LocalStack and DynamoDB Local, one after another
 *     npm run test:stack -- localstack       only that one: ministack, localstack or dynamodb
 *     npm run test:stack -- up ministack     deploys and leaves it running; then: -- test app, -- test kms [FILTER…], -- test access, -- test identity; at last: -- down
 *
 * TRENT_STACK_ENDPOINT: tests on the stack that answers there, by the door TRENT_STACK_INGRESS (rest or function-url). SLOW=1: waits for rules too.
 * --report FILE: how many tests passed and failed, as JSON. Logs stay in the folder .stack.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FOLDER } from "./deployment.ts";
import { deploy, type Engine, errorsOf, install, start, stop, TARGETS, type Target } from "./stack.ts";
import { type Count, run, SUITES } from "./suites.ts";

type SuiteName = keyof typeof SUITES;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { report: { type: "string" } } });
const [command = "", ...rest] = positionals;
const endpoint = process.env["TRENT_STACK_ENDPOINT"];
const counts: Count[] = [];
const failures: string[] = [];

function fail(cause: unknown): void {
  const said = cause instanceof Error ? cause.message : String(cause);
  failures.push(said);
  console.error(said);
}

const sum = (of: "passed" | "failed" | "skipped"): number => counts.reduce((total, count) => total + count[of], 0);

const test = async (suite: SuiteName, filters: readonly string[] = []): Promise<void> => {
  counts.push(await run(suite, filters));
};

/** What is tested on each engine. The tests of operations run once, where calls are faster. */
const JOBS = {
  ministack: during("ministack", () => onDeployed(TARGETS.ministack, "app", "kms", "destroyed")),
  localstack: during("localstack", () => onDeployed(TARGETS.localstack, "app", "destroyed")),
  dynamodb: during("dynamodb", () => test("store")),
} as const;

async function onDeployed(target: Target, ...suites: readonly SuiteName[]): Promise<void> {
  deploy(target);
  for (const suite of suites) await test(suite);
}

/** Starts an engine for some work, and stops it whatever comes. */
function during(engine: Engine, work: () => Promise<void>): () => Promise<void> {
  return async () => {
    const failedBefore = sum("failed");
    let done = false;
    start(engine);
    try {
      await work();
      done = sum("failed") === failedBefore;
    } finally {
      if (!done) for (const line of errorsOf(engine)) console.error(line);
      stop();
    }
  };
}

function elsewhere(endpoint: string): Target {
  const ingress = process.env["TRENT_STACK_INGRESS"] ?? "rest";
  if (ingress !== "rest" && ingress !== "function-url") throw new Error("TRENT_STACK_INGRESS is rest or function-url.");
  return { stack: "other", ingress, endpoint };
}

function nameIn<T extends object>(known: T, name: string): keyof T {
  if (!Object.hasOwn(known, name)) throw new Error(`"${name}" is none of ${Object.keys(known).join(", ")}.`);
  return name as keyof T;
}

async function work(): Promise<void> {
  if (command === "down") return stop();
  if (command === "test") return test(nameIn(SUITES, rest[0] ?? ""), rest.slice(1));
  if (endpoint !== undefined) return onDeployed(elsewhere(endpoint), "app", "destroyed");
  install();
  if (command === "up") {
    const engine = nameIn(TARGETS, rest[0] ?? "");
    start(engine);
    deploy(TARGETS[engine]);
    return;
  }
  const jobs = command === "" ? Object.values(JOBS) : positionals.map((name) => JOBS[nameIn(JOBS, name)]);
  for (const job of jobs) await job().catch(fail);
}

await work().catch(fail);
const [passed, failed] = [sum("passed"), sum("failed") + failures.length];
const said = [...counts.flatMap((count) => count.failures), ...failures];
// Once more at the end, where a reader of a long log looks first.
for (const failure of said) console.log(`FAILED ${failure}`);
if (counts.length + failures.length > 0) console.log(`${passed} passed, ${failed} failed, ${sum("skipped")} skipped; logs: ${FOLDER}`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failed, failures: said }));
process.exitCode = failed > 0 ? 1 : 0;
