import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { RootUnusable } from "#roots/root";
import { NewerFormat, WrongRoot } from "#store";
import * as accounts from "./accounts.ts";
import * as audit from "./audit.ts";
import { backup } from "./backup.ts";
import { bill } from "./bill.ts";
import * as clock from "./clock-command.ts";
import { doctor } from "./doctor.ts";
import { domainKeysRotated } from "./domain-command.ts";
import * as guards from "./guards.ts";
import { keyPolicy } from "./key-policy.ts";
import * as keys from "./key-usage.ts";
import { access, explain, initStack, unlock } from "./operate.ts";
import { OPTIONS_HELP, type Options, optionsOf, UsageError } from "./options.ts";
import { exportsOf, shellLines } from "./profile.ts";
import * as quotas from "./quotas.ts";
import { restore } from "./restore.ts";
import * as root from "./root-command.ts";
import { serve } from "./serve.ts";
import * as services from "./services.ts";
import { status } from "./status.ts";
import { auditTail } from "./tail.ts";
import { VERSION } from "./version.ts";

interface Command {
  readonly help: string;
  /** What must follow the command's name: one word each. */
  readonly operand?: string;
  /** It can be for a deployment, in place of a store at hand. */
  readonly stack?: true;
  run(options: Options, ...operands: readonly [string, string, string]): Promise<void>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { help: "starts the server; at the first start makes the data folder, the root key and an administrator", run: serve },
  env: { help: 'prints the lines that point a shell at the server: eval "$(npm run -s trent -- env)"', run: env },
  status: { help: "tells what is in the data folder and whether the server answers", run: status },
  init: { stack: true, help: "initialises a deployed --stack; its answer shows the administrator's access key, once", run: initStack },
  "account create": {
    stack: true,
    help: "makes an account; its answer shows its administrator's access key, once: see --id, --name, --ttl",
    run: accounts.create,
  },
  "account list": { stack: true, help: "lists the accounts, those too that are deleted or have expired", run: accounts.list },
  "account delete": {
    operand: "ACCOUNT",
    stack: true,
    help: "lets nobody in the account call any more, and schedules its keys for deletion in 30 days",
    run: accounts.remove,
  },
  "account recover": {
    operand: "ACCOUNT",
    stack: true,
    help: "makes another administrator of an account whose access keys are lost, or that was deleted",
    run: accounts.recover,
  },
  "guard put": {
    operand: "NAME KIND FILE",
    stack: true,
    help: "binds an account by the policy in a file, whatever its own allow; KIND is scp or rcp: see --account",
    run: guards.put,
  },
  "guard list": { stack: true, help: "lists what binds an account", run: guards.list },
  "guard remove": { operand: "NAME", stack: true, help: "takes one of them away", run: guards.remove },
  "service register": {
    operand: "PRINCIPAL",
    stack: true,
    help: "lets a service such as s3.amazonaws.com call; its answer shows the service's access key, once",
    run: services.register,
  },
  "service list": { stack: true, help: "lists the services that may call", run: services.list },
  "service remove": { operand: "PRINCIPAL", stack: true, help: "lets a service call no more", run: services.remove },
  "key-policy": { help: "prints the three-part policy that AWS's console makes for a key: see --administrators, --users", run: keyPolicy },
  "key unlock": { operand: "KEY", stack: true, help: "gives a key that locked everybody out the default policy again", run: unlock },
  "key usage": { operand: "KEY", stack: true, help: "tells who used a key in the last 30 days", run: keys.usage },
  "quota list": { stack: true, help: "lists the quotas of an --account in a --region", run: quotas.list },
  "quota set": {
    operand: "NAME VALUE",
    stack: true,
    help: "sets one, in all Regions or in a --region; VALUE default: as for everybody",
    run: quotas.set,
  },
  "quota requests": { stack: true, help: "lists what accounts have asked for and do not have yet", run: quotas.requests },
  bill: { stack: true, help: "prints what AWS would ask for a --month, by account, beside what Trent costs: see --csv, --json", run: bill },
  "audit tail": { help: "follows the log of an --account in a --region, one line an event: see --event, --key", run: auditTail },
  "audit key": { stack: true, help: "prints the public half of the key that signs the seals of a --region's log", run: audit.key },
  "audit verify": {
    stack: true,
    help: "tells whether the log is what was written, and what is not: see --state, --from, --export, --audit-key",
    run: audit.verify,
  },
  "audit seal": { help: "seals what servers that were killed had not sealed, as it is found", run: audit.sealNow },
  "audit export": { help: "writes hours that have closed --to a folder, as CloudTrail's own files, with digests", run: audit.exported },
  "root export": { help: "prints the root key, for the safe where its copy is kept; leaves a record", run: root.exported },
  doctor: { help: "tells whether all that is stored is whole: every item, every material, every alias", run: doctor },
  backup: {
    operand: "FILE",
    help: "writes the store as it is now into a file, encrypted: for a --recipient, or by TRENT_BACKUP_PASSPHRASE(_FILE)",
    run: backup,
  },
  restore: { operand: "FILE", help: "makes a new --data folder of it: see --identity, --drill", run: restore },
  "root rotate": {
    help: "puts another root key in the place of the one in the file, beside running servers; again, if it was interrupted",
    run: root.rotated,
  },
  "domain rotate": {
    help: "puts other domain keys in the place of those there are: then nothing opens what was deleted, whoever kept a copy",
    run: domainKeysRotated,
  },
  "clock show": { help: "tells what time it is for the keys of a sandbox: see --endpoint", run: clock.show },
  "clock advance": {
    operand: "TIME",
    help: "lets time go by for them, such as 90s, 12h or 400d, and does what falls due meanwhile",
    run: clock.advance,
  },
  explain: { operand: "REQUEST-ID", stack: true, help: "tells why a call was refused, or let in", run: explain },
  "access who-can": { operand: "ACTION KEY", stack: true, help: "lists who may do something with a key, such as kms:Decrypt", run: access },
};

const HELP = `trent ${VERSION}: a key management service that speaks the AWS KMS API

usage: npm run trent -- <command> [options]     (npm start is: serve)

commands
${Object.entries(COMMANDS)
  .map(([name, { operand = "", help }]) => `  ${`${name} ${operand}`.padEnd(34)} ${help}`)
  .join("\n")}

options, each also a variable TRENT_… (--log-level is TRENT_LOG_LEVEL); the option wins
${OPTIONS_HELP}

exit status: 0 done, 1 a finding or a failure, 2 wrong usage or configuration
`;

/** Runs a command line. What is wrong with it, or with the machine, is one line on standard error. */
export async function run([command = "", ...args]: readonly string[]): Promise<void> {
  try {
    if (command === "" || command === "help" || command.startsWith("-")) {
      process.stdout.write(HELP);
      process.exitCode = command === "help" || command === "--help" ? 0 : 2;
      return;
    }
    const { name, found, operands, rest } = commandIn(command, args);
    const options = optionsOf(rest, process.env);
    if (options.help) process.stdout.write(HELP);
    else if (operands === undefined) throw new UsageError(`${name} needs ${found.operand}; see --help.`);
    else if (options.stack !== undefined && !found.stack) throw new UsageError(`${name} is not for a --stack; leave that out.`);
    else await found.run(options, ...operands);
  } catch (cause) {
    process.stderr.write(`trent: ${sentence(cause)}\n`);
    process.exit(isConfiguration(cause) ? 2 : 1);
  }
}

/** A command's name is one word or two; its operands, if it has any, come next. @throws {UsageError} */
function commandIn(command: string, args: readonly string[]) {
  const two = `${command} ${args[0] ?? ""}`;
  const [name, rest] = Object.hasOwn(COMMANDS, command) ? [command, args] : [two, args.slice(1)];
  const found = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!found) throw new UsageError(`'${command}' is not a command; see --help.`);
  const wanted = found.operand?.split(" ").length ?? 0;
  const options = rest.findIndex((word) => word.startsWith("-"));
  const given = rest.slice(0, options < 0 ? wanted : Math.min(wanted, options));
  const [one = "", other = "", third = ""] = given;
  return given.length < wanted
    ? { name, found, operands: undefined, rest: rest.slice(given.length) }
    : { name, found, operands: [one, other, third] as const, rest: rest.slice(wanted) };
}

async function env({ data, json }: Options): Promise<void> {
  const folder = resolve(data);
  if (!existsSync(join(folder, "aws", "config")))
    throw new UsageError(`${folder} holds no AWS profile: start the server first, or name its --data folder.`);
  const exports = exportsOf(folder);
  process.stdout.write(json ? `${JSON.stringify(exports)}\n` : `${shellLines(exports)}\n`);
}

const SYSTEM: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use: stop what listens there, or give another --port",
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EADDRNOTAVAIL: "this machine has no such address: give another --host",
  ENOTFOUND: "the name is not known here: give an address as --host",
  EAI_AGAIN: "the name cannot be looked up: give an address as --host",
  ENOTDIR: "a part of the path is not a folder",
  EEXIST: "it is not a folder",
  EISDIR: "it is a folder",
  ENOENT: "there is no such file or folder",
  EPERM: "not permitted",
  ERR_SQLITE_ERROR: "the database in the --data folder cannot be used: see that its files are whole, writable and on a disk with space",
};

function isConfiguration(cause: unknown): boolean {
  if (cause instanceof UsageError || cause instanceof RootUnusable || cause instanceof WrongRoot || cause instanceof NewerFormat)
    return true;
  return SYSTEM[codeOf(cause)] !== undefined;
}

/** Of the error, or of what caused it. */
function codeOf(cause: unknown): string {
  for (let error = cause; error instanceof Error; error = error.cause) if ("code" in error) return String(error.code);
  return "";
}

function sentence(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof WrongRoot)
    return `${message} It is another store's root, or somebody changed the store: put the right root key back.`;
  const known = SYSTEM[codeOf(cause)];
  const [line = ""] = message.split("\n");
  return known === undefined ? line : `${line} (${known})`;
}
