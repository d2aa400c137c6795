import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { AdministratorKey } from "#operator/administrator";
import { commandsOf } from "../readme.ts";
import { AWS_ACCOUNT, type Deployment, FOLDER, forget, PREFIX, PROJECT, REGIONS, remember } from "./deployment.ts";

/** Where to deploy to, and by which door. */
export type Target = Pick<Deployment, "stack" | "ingress" | "endpoint">;

const SCRIPT = join(import.meta.dirname, "stack.sh");
/** An address and not a name: the CDK's command line then puts the bucket into the path. */
const HERE = `http://127.0.0.1:${process.env["TRENT_STACK_PORT"] ?? "4566"}`;

/** LocalStack runs the templates of REST APIs; ministack does not. Both have function URLs. */
export const TARGETS = {
  ministack: { stack: "ministack", ingress: "function-url", endpoint: HERE },
  localstack: { stack: "localstack", ingress: "rest", endpoint: HERE },
} as const satisfies Record<string, Target>;

/** @throws a sentence when a tool or a package is missing. */
export const install = (): void => timed("install", () => script("install"));
export type Engine = "ministack" | "localstack" | "dynamodb";
export const start = (engine: Engine): void => timed(`start ${engine}`, () => script("start", engine));

export function stop(): void {
  forget();
  script("stop");
}

/** The account that Trent serves; AWS's has nothing to do with it. */
const ACCOUNT = "111122223333";

/** What functions have told their operator, and what they died of: the end of it. */
export const errorsOf = (engine: Engine): readonly string[] =>
  readFileSync(join(FOLDER, `${engine}.log`), "utf8")
    .split("\n")
    .filter((line) => /"level":"error"|"errorType":/.test(line))
    .slice(-20);

/** Bootstraps both Regions, deploys the whole app to them and makes its first administrator, by the commands that the README shows. */
export function deploy(target: Target): Deployment {
  mkdirSync(FOLDER, { recursive: true });
  forget();
  const outputs = join(FOLDER, "outputs");
  const [bootstrap, deployAll, ...inits] = commandsOf("deploy");
  cdk(target, ...argumentsOf(bootstrap, "npx cdk"));
  cdk(
    target,
    ...argumentsOf(deployAll, "npx cdk"),
    ...["--method", "direct", "--concurrency", "3", "--require-approval", "never"],
    ...["--outputs-file", outputs],
  );
  const made: Readonly<Record<string, { readonly Endpoint?: string }>> = JSON.parse(readFileSync(outputs, "utf8"));
  const doors = Object.fromEntries(REGIONS.map((region) => [region, doorOf(made[`Trent-${region}`]?.Endpoint)]));
  const deployment = { ...target, doors, administrator: administratorOf(target, inits) };
  remember(deployment);
  return deployment;
}

/** Deletes the stacks of all Regions. */
export const destroy = (target: Target): void => cdk(target, "destroy", "--all", "--force");

/** A stack has no certificate for its names, but takes the same requests without TLS. */
const doorOf = (endpoint = ""): string => endpoint.replace(/^https:/, "http:");

/** The words behind the program, with the stack's AWS account. @throws when the README has another program there. */
function argumentsOf(command: readonly string[] = [], program: string): readonly string[] {
  const line = command.join(" ").replaceAll("ACCOUNT", AWS_ACCOUNT);
  if (!line.startsWith(`${program} `)) throw new Error(`The README says "${line}", where "${program} …" should be.`);
  return line.slice(program.length + 1).split(" ");
}

/** The home Region comes first. Whoever deploys twice to the same place has lost the first answer. */
function administratorOf({ endpoint }: Target, inits: readonly (readonly string[])[]): AdministratorKey {
  const [home, ...others] = inits.map((command) => argumentsOf(command, "npm run trent --"));
  const initialised = trent(endpoint, ...(home ?? []), "--account", ACCOUNT);
  const answer = /initialised already/.test(initialised.refused)
    ? trent(endpoint, "account", "recover", ACCOUNT, "--region", REGIONS[0], "--stack", PREFIX)
    : initialised;
  if (answer.refused !== "") throw new Error(answer.refused);
  for (const command of others) {
    const { refused } = trent(endpoint, ...command);
    if (refused !== "") throw new Error(refused);
  }
  return answer.administrator ?? answer;
}

/** `npm run trent -- …` for what is deployed: its answer, or what it says why there is none. */
// biome-ignore lint/suspicious/noExplicitAny: each command has an answer of its own
export function trent(endpoint: string, ...args: readonly string[]): any {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(PROJECT, "lambdas/local/main.ts"), ...args, "--json"], {
    env: { ...process.env, ...environmentFor(endpoint) },
    encoding: "utf8",
  });
  return status === 0 ? { refused: "", ...JSON.parse(stdout) } : { refused: stderr };
}

/** Invokes a function by the stack's own Lambda API, as nobody can who is not of the AWS account. @throws when it failed. */
export async function invoke(endpoint: string, region: string, name: string, event: object) {
  const client = new LambdaClient({ endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  try {
    const { Payload: payload, FunctionError: failed } = await client.send(
      new InvokeCommand({ FunctionName: `${PREFIX}-${name}`, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const text = Buffer.from(payload ?? []).toString();
    if (failed) throw new Error(`${name} failed in ${region}: ${text}`);
    return JSON.parse(text || "null");
  } finally {
    client.destroy();
  }
}

/** The variables with which AWS's tools and SDKs call the stack and nothing else: those that the README shows, for this endpoint. */
export const environmentFor = (endpoint: string): Record<string, string> => ({
  ...Object.fromEntries(
    commandsOf("localstack").flatMap(([, ...variables]) =>
      variables.map((variable) => variable.replace("http://127.0.0.1:4566", endpoint).split("=")),
    ),
  ),
  AWS_EC2_METADATA_DISABLED: "true",
});

/**
 * What is deployed can go again, believes nothing that it has not just read, lets everybody call as often as they like, and waits for an engine
 * that is slower than DynamoDB.
 */
const OPTIONS = {
  account: AWS_ACCOUNT,
  regions: REGIONS.join(","),
  removalPolicy: "destroy",
  stateCacheMs: "0",
  quotas: "off",
  storeTimeoutMs: "6000",
};

function cdk({ stack, ingress, endpoint }: Target, ...[command = "", ...args]: readonly string[]): void {
  const log = join(FOLDER, `${stack}-cdk.log`);
  const output = openSync(log, command === "bootstrap" ? "w" : "a");
  const context = Object.entries({ ...OPTIONS, ingress }).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
  const path = [join(PROJECT, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  timed(`cdk ${command}`, () => {
    const { status } = spawnSync(
      process.execPath,
      [join(PROJECT, "node_modules/aws-cdk/bin/cdk"), command, ...args, ...context, "--output", join(FOLDER, "cdk.out")],
      {
        cwd: PROJECT,
        env: { ...process.env, ...environmentFor(endpoint), CDK_DISABLE_CLI_TELEMETRY: "1", CI: "true", PATH: path },
        stdio: ["ignore", output, output],
      },
    );
    if (status === 0) return;
    console.error(readFileSync(log, "utf8").split("\n").slice(-40).join("\n"));
    throw new Error(`cdk ${command} failed; all of it is in ${log}`);
  });
}

function script(...args: readonly string[]): void {
  execFileSync("bash", [SCRIPT, ...args], { stdio: ["ignore", "inherit", "inherit"] });
}

function timed(what: string, step: () => void): void {
  const began = performance.now();
  step();
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}
