/**
 * `npm run mutate [-- FILE…]`: changes the code that decides who may do what, one place at a time, and counts the changes that no test notices.
 *
 * Hours for all of it, and not in CI; a file takes minutes. What it has found out is kept for the next run.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";

const folder = join(tmpdir(), "trent-mutate");
const [, , ...files] = process.argv;
const DECIDES = ["lambdas/domain/policy/**/*.ts", "lambdas/domain/grant*.ts", "lambdas/wire/sigv4*.ts"];

await new Stryker({
  mutate: files.length > 0 ? files : DECIDES,
  testRunner: "vitest",
  coverageAnalysis: "perTest",
  checkers: [],
  concurrency: 1,
  disableTypeChecks: false,
  ignorePatterns: ["**", "!package.json", "!lambdas/**/*", "!test/**/*"],
  vitest: { configFile: "test/mutate/vitest.config.ts" },
  tempDirName: folder,
  // What runs once, when a module is loaded, would need a process for each change.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: join(folder, "incremental.json"),
  reporters: ["progress-append-only", "clear-text"],
  allowConsoleColors: false,
  thresholds: { high: 95, low: 90, break: 90 },
}).runMutationTest();
