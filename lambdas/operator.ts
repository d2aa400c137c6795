/**
 * The operator's function: what only the people who run a deployed Trent may do, one action an event.
 *
 * Who may invoke it is for IAM to say; no ingress leads here. It alone may write domain keys.
 *
 *     aws lambda invoke --function-name trent-operator --cli-binary-format raw-in-base64-out --payload '{"action":"init"}' answer.json
 */
import { type AccessProfile, variableOf } from "#access";
import type { Usage } from "#domain/bill";
import { QUOTA_PROFILES, type QuotaProfile } from "#domain/quota-profiles";
import { type OperatorDeps, Refusal } from "#operator/act";
import type { AdministratorKey } from "#operator/administrator";
import { auditKey, type PublicAuditKey } from "#operator/audit-key";
import { createAccount } from "#operator/create-account";
import { type DeletedAccount, deleteAccount } from "#operator/delete-account";
import { type ExplainedCall, explainCall } from "#operator/explain";
import { type GuardList, listGuards } from "#operator/guard-list";
import { type PutGuard, putGuard } from "#operator/guard-put";
import { type RemovedGuard, removeGuard } from "#operator/guard-remove";
import { type Initialised, init } from "#operator/init";
import { type KeyUsage, keyUsage } from "#operator/key-usage";
import { type AccountPage, listAccounts } from "#operator/list-accounts";
import { listServices, type ServiceList } from "#operator/list-services";
import { listQuotaRequests, listQuotas, type QuotaList, type QuotaRequests } from "#operator/quota-list";
import { type SetQuota, setQuota } from "#operator/quota-set";
import { type RecoveredAccount, recoverAccount } from "#operator/recover";
import { type RegisteredService, registerService } from "#operator/register-service";
import { type RemovedService, removeService } from "#operator/remove-service";
import { type Unlocked, unlockKey } from "#operator/unlock";
import { usageOf } from "#operator/usage";
import { type WhoCan, whoCan } from "#operator/who-can";
import { type OperatorLog, operatorLog } from "#pipeline/operator-log";
import { rootsFromSecrets } from "#roots/secrets-manager";
import type { Roots } from "#store";
import { openDynamodb } from "#store/drivers/dynamodb";
import { requestId } from "#wire/request-id";

/** Every action's answer. Those of the first line may hold a secret, which is shown nowhere else and never again. */
export type OperatorAnswer =
  | (Initialised | AdministratorKey | RecoveredAccount | RegisteredService)
  | (ServiceList | RemovedService)
  | (QuotaList | SetQuota | QuotaRequests | Usage)
  | (AccountPage | DeletedAccount | Unlocked | KeyUsage | ExplainedCall | WhoCan)
  | (PutGuard | GuardList | RemovedGuard)
  | PublicAuditKey
  | { readonly refused: string };

type Environment = Readonly<Record<string, string | undefined>>;

export interface OperatorOptions {
  /**
   * By default that of the process: as for an operation (`#lambda`), with the tables of `operatorAccess`.
   * - `TRENT_ROOT_CONTROL`, `TRENT_ROOT_MATERIAL`: the secrets that hold the roots.
   */
  readonly environment?: Environment;
  readonly roots?: (environment: Environment) => Roots;
  readonly operator?: OperatorLog;
}

/** What the function may touch. Global tables are written in the home Region only; the grants of a grantee are found by the first index. */
export const operatorAccess = (isHome: boolean): AccessProfile & { readonly indexes: { readonly keys: readonly number[] } } => {
  const global = isHome ? "write" : "read";
  return {
    tables: { keys: "write", domains: "write", "shared-domains": global, principals: global, log: "read-append", quotas: "read" },
    roots: ["control", "material"],
    indexes: { keys: [1] },
  };
};

/** Partitions that a day's records are spread over, as for operations. */
const SHARDS = 16;

/** What AWS hands to a function beside the event, as far as it matters here. */
interface Invocation {
  readonly invokedFunctionArn?: string;
}

/**
 * Actions:
 * - `{"action":"init"}`, in each Region, the home Region first; `account` chooses the account's 12 digits, by default those of the AWS account.
 * - `{"action":"account-create"}`, in the home Region, as the next three; `account`, `name` and `ttlSeconds` if they are chosen.
 * - `{"action":"account-list"}`; `after` is where a page before it ended (`next`).
 * - `{"action":"account-delete","account":"…"}`
 * - `{"action":"account-recover"}`; `account` says which, by default the first one.
 * - `{"action":"quota-set","name":"…","value":…}`, in the home Region; `account`, and `where`, the Region it is for, if not all; without `value`:
 *   as for everybody.
 * - `{"action":"quota-list"}`, `{"action":"quota-requests"}`: of this Region; `account` says whose quotas, by default the first one's.
 * - `{"action":"usage","month":"2026-01"}`: of this Region; `account` says whose, by default the first one's.
 * - `{"action":"guard-put","name":"…","kind":"scp","policy":"…"}`, in the home Region, as the next two; `account` says whose, by default the first one's.
 * - `{"action":"guard-list"}`
 * - `{"action":"guard-remove","name":"…"}`
 * - `{"action":"service-register","principal":"…"}`, `service-list` and `service-remove`, in the home Region.
 * - `{"action":"audit-key"}`: of this Region.
 * - `{"action":"key-unlock","key":"…"}`: the id or ARN of a key of this Region.
 * - `{"action":"key-usage","key":"…"}`: likewise.
 * - `{"action":"explain","requestId":"…"}`: a call of this Region; `account` says whose, by default the first one's.
 * - `{"action":"who-can","permission":"kms:…","key":"…"}`
 *
 * What is not to be done is answered as `refused`, with a line that says why; an outage fails the invocation, and its cause goes to the log.
 */
export function operatorHandlerOf(options: OperatorOptions = {}): (event: unknown, invocation?: Invocation) => Promise<OperatorAnswer> {
  const { environment = process.env, roots = rootsFromSecrets, operator = operatorLog("warn") } = options;
  let deps: OperatorDeps | undefined;

  return async (event, invocation) => {
    try {
      deps ??= depsOf(environment, roots(environment), operator);
      return await act(event, deps, { hosting: accountOf(invocation), profile: profileIn(environment) });
    } catch (cause) {
      if (cause instanceof Refusal) return { refused: cause.message };
      operator.error("action failed", { cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause) });
      throw new Error("The action failed; the function's log says why.", { cause });
    }
  };
}

interface Facts {
  /** The AWS account that the function runs in. */
  readonly hosting: string | undefined;
  /** The quotas that the functions run with. */
  readonly profile: QuotaProfile;
}

function act(event: unknown, deps: OperatorDeps, { hosting, profile }: Facts): Promise<OperatorAnswer> {
  const asked = (typeof event === "object" && event !== null ? event : {}) as Readonly<Record<string, unknown>>;
  const { action, account } = asked;
  if (account !== undefined && !(typeof account === "string" && /^\d{12}$/.test(account))) throw new Refusal("account is not 12 digits.");
  switch (action) {
    case "init": {
      const chosen = account ?? hosting;
      if (chosen === undefined) throw new Refusal("Say which account: 12 digits.");
      return init(deps, chosen);
    }
    case "account-create":
      return createAccount(deps, {
        id: account,
        name: optional(asked, "name", "string"),
        ttlSeconds: optional(asked, "ttlSeconds", "number"),
      });
    case "account-list":
      return listAccounts(deps, optional(asked, "after", "string"));
    case "account-delete":
      return deleteAccount(deps, textIn(asked, "account"));
    case "account-recover":
      return recoverAccount(deps, account);
    case "quota-list":
      return listQuotas(deps, profile, account);
    case "quota-set":
      return setQuota(deps, {
        account,
        name: textIn(asked, "name"),
        value: optional(asked, "value", "number"),
        where: optional(asked, "where", "string"),
      });
    case "quota-requests":
      return listQuotaRequests(deps, profile);
    case "usage":
      return usageOf(deps, textIn(asked, "month"), account);
    case "guard-put":
      return putGuard(deps, { account, name: textIn(asked, "name"), kind: textIn(asked, "kind"), policy: textIn(asked, "policy") });
    case "guard-list":
      return listGuards(deps, account);
    case "guard-remove":
      return removeGuard(deps, textIn(asked, "name"), account);
    case "service-register":
      return registerService(deps, textIn(asked, "principal"));
    case "service-list":
      return listServices(deps);
    case "service-remove":
      return removeService(deps, textIn(asked, "principal"));
    case "audit-key":
      return auditKey(deps);
    case "key-unlock":
      return unlockKey(deps, textIn(asked, "key"));
    case "key-usage":
      return keyUsage(deps, textIn(asked, "key"));
    case "explain":
      return explainCall(deps, textIn(asked, "requestId"), account);
    case "who-can":
      return whoCan(deps, textIn(asked, "permission"), textIn(asked, "key"));
    default:
      throw new Refusal(`action is one of ${ACTIONS.map((name) => JSON.stringify(name)).join(", ")}.`);
  }
}

const ACTIONS = [
  "init",
  ...["account-create", "account-list", "account-delete", "account-recover"],
  ...["quota-list", "quota-set", "quota-requests", "usage"],
  ...["guard-put", "guard-list", "guard-remove"],
  ...["service-register", "service-list", "service-remove"],
  "audit-key",
  ...["key-unlock", "key-usage", "explain", "who-can"],
] as const;

interface Kinds {
  readonly string: string;
  readonly number: number;
}

function optional<K extends keyof Kinds>(asked: Readonly<Record<string, unknown>>, member: string, kind: K): Kinds[K] | undefined {
  const value = asked[member];
  if (value !== undefined && typeof value !== kind) throw new Refusal(`${member} is not a ${kind}.`);
  return value as Kinds[K] | undefined;
}

function textIn(asked: Readonly<Record<string, unknown>>, member: string): string {
  const text = asked[member];
  if (typeof text !== "string" || text === "") throw new Refusal(`${member} is missing.`);
  return text;
}

const profileIn = ({ TRENT_QUOTAS: name = "current" }: Environment): QuotaProfile =>
  QUOTA_PROFILES[Object.hasOwn(QUOTA_PROFILES, name) ? (name as keyof typeof QUOTA_PROFILES) : "current"];

/** @throws when a variable is missing. */
function depsOf(environment: Environment, roots: Roots, operator: OperatorLog): OperatorDeps {
  const region = required(environment, "AWS_REGION");
  return {
    database: openDynamodb({
      client: { region },
      tableName: (table) => environment[variableOf(table)] || `${variableOf(table)}-is-not-set`,
      appendBy: environment["TRENT_APPEND_BY"] === "put" ? "put" : "partiql",
      // What was made a moment ago by somebody else is to be seen.
      cacheMs: 0,
    }),
    roots,
    region,
    home: required(environment, "TRENT_REGION"),
    shards: SHARDS,
    now: () => new Date(),
    newId: () => requestId(new Date()),
    operator,
  };
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new Error(`The variable ${name} is not set.`);
  return value;
}

/** The AWS account that the function runs in. */
const accountOf = (invocation: Invocation | undefined): string | undefined =>
  /^arn:[^:]+:lambda:[^:]+:(\d{12}):/.exec(invocation?.invokedFunctionArn ?? "")?.[1];
