import { recoverAccount } from "#operator/recover";
import { operatorLog } from "#pipeline/operator-log";
import { requestId } from "#wire/request-id";
import { openStore, requireStore } from "./open.ts";
import { type Options, UsageError } from "./options.ts";

/** `trent init --stack NAME`: makes of a deployed stack a Trent. A data folder needs none: its first start does it. */
export async function initStack(options: Options): Promise<void> {
  const { stack, region, account } = options;
  if (stack === undefined)
    throw new UsageError("init is for a deployment: say --stack NAME. A data folder is initialised by its first start (npm start).");
  print(await invoke(stack, region, { action: "init", ...(account !== undefined && { account }) }), options);
}

/**
 * `trent account recover ID`: another administrator, and an access key, of an account whose keys are lost.
 *
 * Works beside a running server, and on nothing but a store that is there.
 */
export async function recover(options: Options, account: string): Promise<void> {
  if (!/^\d{12}$/.test(account)) throw new UsageError(`account recover ${account}: give the account's 12 digits.`);
  const { stack, region, sandbox, logLevel } = options;
  if (sandbox) throw new UsageError("A sandbox takes any credentials: there is nothing to recover.");
  if (stack !== undefined) {
    print(await invoke(stack, region, { action: "account-recover", account }), options);
    return;
  }
  await requireStore(options);
  const operator = operatorLog(logLevel);
  const { database, root, meta, shards } = await openStore(options, (cause) => operator.error("store lost", { cause: String(cause) }));
  try {
    const now = () => new Date();
    const deps = { database, roots: root, region: meta.home, home: meta.home, shards, now, newId: () => requestId(now()), operator };
    print(await recoverAccount(deps, account), options);
  } finally {
    await database.close();
  }
}

/** The client is loaded when it is needed: no other command waits for it. */
async function invoke(stack: string, region: string | undefined, request: object): Promise<object> {
  const { invokeOperator } = await import("#operator/invoke");
  return invokeOperator(stack, region, request);
}

/** The secret goes to standard output only, where whoever asked for it is. */
function print(answer: object, { json }: Options): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return;
  }
  const { administrator, ...facts } = answer as Readonly<Record<string, unknown>>;
  const lines = Object.entries({ ...facts, ...(administrator as object | undefined) }).map(
    ([name, value]) => `${name.padEnd(16)} ${value}`,
  );
  const shown = lines.some((line) => line.startsWith("secretAccessKey"));
  process.stdout.write(
    `${[...lines, ...(shown ? ["", "The secret is shown this once, and kept nowhere that it could be read from."] : [])].join("\n")}\n`,
  );
}
