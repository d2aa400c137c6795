import { readFileSync } from "node:fs";
import type { OperatorDeps } from "#operator/act";
import { type GuardList, listGuards } from "#operator/guard-list";
import { type PutGuard, putGuard } from "#operator/guard-put";
import { type RemovedGuard, removeGuard } from "#operator/guard-remove";
import { operated, print } from "./operate.ts";
import type { Options } from "./options.ts";

/** Accounts are changed in the home Region, wherever the command is. */
const atHome = (deps: OperatorDeps): OperatorDeps => ({ ...deps, region: deps.home });

/** `trent guard put NAME KIND FILE`: a bound that nobody in an account can lift. */
export async function put(options: Options, name: string, kind: string, file: string): Promise<void> {
  const { account, region } = options;
  const guard = { account, name, kind, policy: readFileSync(file, "utf8") };
  print(await operated(options, region, { action: "guard-put", ...guard }, (deps) => putGuard(atHome(deps), guard)), options, putLines);
}

/** `trent guard list`: those of an account. */
export async function list(options: Options): Promise<void> {
  const { account, region } = options;
  const request = { action: "guard-list", account };
  print(await operated(options, region, request, (deps) => listGuards(atHome(deps), account)), options, listLines);
}

/** `trent guard remove NAME`: takes one away. */
export async function remove(options: Options, name: string): Promise<void> {
  const { account, region } = options;
  const request = { action: "guard-remove", account, name };
  print(await operated(options, region, request, (deps) => removeGuard(atHome(deps), name, account)), options, removeLines);
}

const putLines = ({ account, name, kind, replaced }: PutGuard): readonly string[] => [
  `account  ${account}`,
  `${kind}      ${name}${replaced ? ", in place of the one that had this name" : ""}`,
];

const listLines = ({ account, guards }: GuardList): readonly string[] => [
  `account  ${account}`,
  ...(guards.length > 0 ? guards.map(({ name, kind, policy }) => `${kind}      ${name}  ${policy}`) : ["It has no guard-rails."]),
];

const removeLines = ({ account, name }: RemovedGuard): readonly string[] => [`account  ${account}`, `removed  ${name}`];
