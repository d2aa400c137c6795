/** Examples run as their readers run them: in a shell that points at a Trent. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";
import { type Credentials, HOME, type Service } from "../service.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));

/** Says whether this machine lacks one of these commands, and prints which: nothing is skipped silently. */
export function lacks(...commands: string[]): boolean {
  const absent = commands.filter((command) => spawnSync("bash", ["-c", `command -v ${command}`]).status !== 0);
  for (const command of absent) console.warn(`NOT RUN: the examples that need \`${command}\`, because there is none here.`);
  return absent.length > 0;
}

/** A folder in which `examples` are at hand; it is removed after the tests of the file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trent-example-"));
  symlinkSync(EXAMPLES, join(folder, "examples"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The script that an example's README shows: its only one. */
export function scriptOf(example: string): string {
  const readme = readFileSync(join(EXAMPLES, example, "README.md"), "utf8");
  const [script, ...more] = Array.from(readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, text = ""]) => text);
  if (script === undefined || more.length > 0) throw new Error(`The README of ${example} has not one script.`);
  return script;
}

/** The variables that make a shell somebody's, the administrator's unless said otherwise. */
export const variablesOf = (
  { url, administrator }: Pick<Service, "url" | "administrator">,
  { accessKeyId, secretAccessKey }: Credentials = administrator,
): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: HOME,
  AWS_DEFAULT_REGION: HOME,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

/** Runs a script with these variables; `node` is the one that runs the test. Answers what it printed. @throws when it fails */
export async function inShell(script: string, cwd: string, variables: NodeJS.ProcessEnv): Promise<string> {
  // Without what would win over the variables of the test.
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|TRENT)_/.test(name)));
  const PATH = [dirname(process.execPath), own["PATH"]].join(delimiter);
  const options = { cwd, env: { ...own, PATH, ...variables }, encoding: "utf8" } as const;
  return (await promisify(execFile)("bash", ["-c", `set -euo pipefail\n${script}`], options)).stdout;
}
