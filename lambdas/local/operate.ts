import { resolve } from "node:path";
import type { OperatorDeps } from "#operator/act";
import { explainCall } from "#operator/explain";
import { type Unlocked, unlockKey } from "#operator/unlock";
import { type WhoCan, whoCan } from "#operator/who-can";
import { operatorLog } from "#pipeline/operator-log";
import type { Meta } from "#store";
import { requestId } from "#wire/request-id";
import { explainedLines } from "./explained-lines.ts";
import { openStore, requireStore } from "./open.ts";
import { type Options, UsageError } from "./options.ts";
import { sealAll } from "./sealing.ts";

/** `trent init --stack NAME`: makes of a deployed stack a Trent. A data folder needs none: its first start does it. */
export async function initStack(options: Options): Promise<void> {
  const { stack, region, account } = options;
  if (stack === undefined)
    throw new UsageError("init is for a deployment: say --stack NAME. A data folder is initialised by its first start (npm start).");
  print(await invoke(stack, region, { action: "init", ...(account !== undefined && { account }) }), options, shownOnce);
}

/** `trent key unlock KEY`: the default policy again, for a key whose policy let nobody change it. */
export async function unlock(options: Options, key: string): Promise<void> {
  const region = options.region ?? regionIn(key);
  const unlocked = await operated(options, region, { action: "key-unlock", key }, (deps) => unlockKey(deps, key));
  print(unlocked, options, unlockedLines);
}

/** `trent explain REQUEST-ID`: why a call was refused, or let in. */
export async function explain(options: Options, id: string): Promise<void> {
  const { account, region } = options;
  const request = { action: "explain", requestId: id, ...(account !== undefined && { account }) };
  print(await operated(options, region, request, (deps) => explainCall(deps, id, account)), options, explainedLines);
}

/** `trent access who-can ACTION KEY`: the principals that may. */
export async function access(options: Options, asked: string, key: string): Promise<void> {
  const region = options.region ?? regionIn(key);
  const answer = await operated(options, region, { action: "who-can", permission: asked, key }, (deps) => whoCan(deps, asked, key));
  print(answer, options, whoCanLines);
}

/** An ARN says its Region. */
export const regionIn = (key: string): string | undefined => /^arn:[^:]*:kms:([a-z0-9-]+):/.exec(key)?.[1];

/** Asks a deployment's function, or does it here. @throws {Refusal | UsageError} */
export async function operated<T extends object>(
  options: Options,
  region: string | undefined,
  request: object,
  action: (deps: OperatorDeps) => Promise<T>,
): Promise<T> {
  const { stack } = options;
  return stack === undefined ? withStore(options, region, action) : ((await invoke(stack, region, request)) as T);
}

/** Works beside a running server, and on nothing but a store that is there. */
export async function withStore<T>(
  options: Options,
  region: string | undefined,
  action: (deps: OperatorDeps, meta: Meta) => Promise<T>,
): Promise<T> {
  if (options.sandbox) throw new UsageError("A sandbox takes any credentials and keeps nothing: there is nothing to do.");
  await requireStore(options);
  const operator = operatorLog(options.logLevel);
  // Account and Region say what the action is about, not what the store was made with.
  const store = { ...options, account: undefined, region: undefined };
  const { database, root, meta, shards } = await openStore(store, (cause) => operator.error("store lost", { cause: String(cause) }));
  try {
    const now = () => new Date();
    const { home } = meta;
    const deps = { database, roots: root, region: region ?? home, home, shards, now, newId: () => requestId(now()), operator };
    return await action(deps, meta);
  } finally {
    // What an action wrote down is vouched for by this process, which ends now.
    await sealAll(database, resolve(options.data), operator, new Date());
    await database.close();
  }
}

/** The client is loaded when it is needed: no other command waits for it. */
export async function invoke(stack: string, region: string | undefined, request: object): Promise<object> {
  const { invokeOperator } = await import("#operator/invoke");
  return invokeOperator(stack, region, request);
}

/** What a command answers: as lines for people, or as one JSON object. */
export function print<T extends object>(answer: T, { json }: Options, lines: (answer: T) => readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${lines(answer).join("\n")}\n`);
}

/** The secret goes to standard output only, where whoever asked for it is. */
export function shownOnce(answer: object): readonly string[] {
  const { administrator, ...facts } = answer as Readonly<Record<string, unknown>>;
  const lines = Object.entries({ ...facts, ...(administrator as object | undefined) }).map(
    ([name, value]) => `${name.padEnd(16)} ${value}`,
  );
  const shown = lines.some((line) => line.startsWith("secretAccessKey"));
  return shown ? [...lines, "", "The secret is shown this once, and kept nowhere that it could be read from."] : lines;
}

function unlockedLines({ key, changed, policy, replaced }: Unlocked): readonly string[] {
  if (!replaced || !changed) return [`key        ${key}`, "unchanged  it has the default policy already"];
  return [
    `key        ${key}`,
    "unlocked   it has the default policy: the identity policies of its account decide again",
    `replaced   the policy whose SHA-256 is ${replaced.sha256}, which is kept nowhere:`,
    ...replaced.policy.split("\n").map((line) => `           ${line}`),
    "policy",
    ...policy.split("\n").map((line) => `           ${line}`),
  ];
}

function whoCanLines({ action, key, state, principals }: WhoCan): readonly string[] {
  const who = principals.flatMap(({ principal, by, if: conditions, unless }) => [
    `may      ${principal}, by ${by}`,
    ...conditions.map((line) => `  if     ${line}`),
    ...unless.map((line) => `  unless ${line}`),
  ]);
  return [`action   ${action}`, `key      ${key}`, `state    ${state}`, ...(who.length > 0 ? who : ["may      nobody"])];
}
