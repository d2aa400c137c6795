/**
 * Operations as Lambda handlers: the pipeline of every host, over DynamoDB, behind whatever brings the request.
 *
 * A handler never throws. What is wrong with an event is refused as AWS refuses a broken request; what is wrong with the function (a variable,
 * a table or a root that is missing) is told to the operator with every call, and answered like any outage.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { variableOf } from "#access";
import { Fault } from "#domain/fault";
import { QUOTA_PROFILES, type QuotaProfile } from "#domain/quota-profiles";
import type { QuotaPool } from "#domain/quota-sharing";
import { RETENTION, type Retention, retentionOf } from "#domain/retention";
import type { Issuers } from "#domain/web-identity";
import type { AnyOperation } from "#operation";
import type { Deps, Face, OperatorLog } from "#pipeline";
import { assemble } from "#pipeline/assemble";
import { jsonFault } from "#pipeline/aws-json";
import { type Dispatcher, dispatcher } from "#pipeline/dispatch";
import { embeddedMetrics } from "#pipeline/metrics";
import { operatorLog } from "#pipeline/operator-log";
import { rootFromEnvironment } from "#roots/env";
import { rootsFromSecrets } from "#roots/secrets-manager";
import { type Database, openRegional, openShared, type PrincipalStore, type Roots, type Shared } from "#store";
import { openDynamodb, patienceOf } from "#store/drivers/dynamodb";
import { quotaPool } from "#store/quotas";
import { requestOf } from "#wire/event";
import type { HttpRequest, HttpResponse } from "#wire/http";

export type LambdaHandler = (event: unknown, invocation?: Invocation) => Promise<LambdaReply>;

/** What AWS hands to a function beside the event, as far as it matters here. */
export interface Invocation {
  readonly getRemainingTimeInMillis?: () => number;
}

/** An answer as function URLs, REST APIs and load balancers take it. */
export interface LambdaReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface LambdaOptions {
  /** Of the code: sent with every answer. */
  readonly version: string;
  /**
   * By default that of the process.
   * - `AWS_REGION`: the Region that is served, and the only one. `TRENT_REGION`: the home Region.
   * - `TRENT_REGIONS`: all Regions that have stacks, with spaces between them: keys may be replicated to them.
   * - `TABLE_…`: the physical name of each table that `accessOf` gives the function.
   * - `TRENT_LOG_DAYS`: how long records are kept, as for `trent serve --log-days`; 90 days by default.
   * - `TRENT_QUOTAS`: as for `trent serve`, by name. `TRENT_QUOTA_INSTANCES`: how many instances share a quota, 100 by default.
   * - `TRENT_STATE_CACHE_MS`: the greatest age of a cached item, 1000 by default; 0: none is cached.
   * - `TRENT_STORE_TIMEOUT_MS`: how long one request to DynamoDB may take, 1500 by default.
   * - `TRENT_METRICS=off`: no metrics of calls are written (`#pipeline/metrics`); CloudWatch charges for them.
   * - `TRENT_APPEND_BY=put`: for engines without PartiQL; it takes a permission that the roles on AWS do not have.
   */
  readonly environment?: Environment;
  /** Where the roots come from, once a call needs them: by default the secrets that `TRENT_ROOT_CONTROL` and `…_MATERIAL` name, or `TRENT_ROOT_KEY`. */
  readonly roots?: (environment: Environment) => Roots;
  /** Who else may vouch for callers, where the function has an operation that is not signed. */
  readonly issuers?: Issuers;
}

/** The handler of one operation; to it, any other is unknown. */
export function handlerOf(face: Face, operation: AnyOperation, options: LambdaOptions): LambdaHandler {
  return dispatchHandlerOf([{ ...face, operations: { [operation.name]: operation } }], options);
}

/** The handler of all operations of these faces: of the one function behind a function URL, or of a neighbour's. */
export function dispatchHandlerOf(faces: readonly Face[], options: LambdaOptions): LambdaHandler {
  let instance: { readonly deps: Deps; readonly dispatch: Dispatcher } | undefined;

  return async (event, invocation) => {
    if (!instance) {
      const { deps } = hostOf(options);
      instance = { deps, dispatch: dispatcher(faces, deps) };
    }
    const { deps, dispatch } = instance;
    const refused = (fault: Fault): LambdaReply => replyOf(jsonFault(NO_REQUEST, deps, deps.newId(), fault));
    const failed = (cause: unknown): LambdaReply => {
      deps.operator.error("request failed", { cause: String(cause) });
      return refused(new Fault("KMSInternalException"));
    };

    async function answer(): Promise<LambdaReply> {
      try {
        return replyOf(await dispatch(requestOf(event)));
      } catch (cause) {
        return cause instanceof Fault ? refused(cause) : failed(cause);
      }
    }
    const milliseconds = Math.min(invocation?.getRemainingTimeInMillis?.() ?? GATEWAY_MS, GATEWAY_MS);
    return within(milliseconds, answer, () => failed("The call was not done before the function's limit."));
  };
}

/** API Gateway waits no longer for a function, whatever its own limit. @see API Gateway quotas, "Integration timeout for Regional APIs" */
const GATEWAY_MS = 29_000;
/** Kept back, in milliseconds: to say that it is too late, and before that for what is under way to fail by itself. */
const ANSWERING = 300;
const FAILING = 500;

const ends = new AsyncLocalStorage<number>();

/** Milliseconds that this call may still wait for its store; without end outside of a call. Negative when it is over, also for what goes on after it. */
const timeLeft = (): number => (ends.getStore() ?? Number.POSITIVE_INFINITY) - performance.now();

/**
 * Answers what the work answers, or else `late`, before these milliseconds are over.
 *
 * The work may go on, now or when the function is thawed: it finds that it has no time, and asks its store for nothing any more. So nothing is
 * done that was decided long ago, and what was done before shows in the log as after a crash.
 */
async function within<T>(milliseconds: number, work: () => Promise<T>, late: () => T): Promise<T> {
  const begun = performance.now();
  const doing = ends.run(begun + milliseconds - ANSWERING - FAILING, work);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), Math.max(0, milliseconds - ANSWERING));
  });
  try {
    return await Promise.race([doing, over]);
  } finally {
    clearTimeout(timer);
  }
}

const NO_REQUEST: HttpRequest = { method: "", path: "", query: "", headers: new Map(), body: new Uint8Array(), peer: "" };

/** The gateway says itself how its message is framed, and when it was sent. */
function replyOf({ status, headers, body }: HttpResponse): LambdaReply {
  const { "Content-Length": _, Date: __, ...kept } = headers;
  return { statusCode: status, headers: kept, body, isBase64Encoded: false };
}

/** Instances of functions that share a quota, where nobody says how many. */
const INSTANCES = 100;
/** Partitions that a day's records are spread over, because DynamoDB limits the writes of each. */
const SHARDS = 16;

/**
 * What a function stands on, as its variables describe it.
 *
 * Nothing is opened here and nothing can fail: a call that is not worth a look at the store costs none.
 */
export function hostOf({ version, environment = process.env, roots = rootsIn, issuers }: LambdaOptions): Host {
  const region = environment["AWS_REGION"] ?? "";
  const store = lazily(() => storeOf(environment, roots));
  const shared = lazily(async () => openShared(store().database, store().roots));
  const opened = lazily(() => quotaPool(store().database.table("quotas", region)));
  const pool: QuotaPool = (lease) => opened()(lease);
  const deps = assemble({
    version,
    ...(issuers && { issuers }),
    sandbox: false,
    home: region,
    serves: (name) => name === region,
    isRegion: (name) => name === region || (environment["TRENT_REGIONS"] ?? "").split(" ").includes(name),
    quotas: profileOf(environment) ?? QUOTA_PROFILES.current,
    sharing: {
      // Another Region's tables are not at hand: what is charged there is charged there.
      poolOf: (name) => (name === region ? pool : undefined),
      sharers: () => Number(environment["TRENT_QUOTA_INSTANCES"]) || INSTANCES,
    },
    operator: counted(operatorLog("warn")),
    ...(environment["TRENT_METRICS"] !== "off" && { metrics: embeddedMetrics() }),
    newUuid: randomUUID,
    shards: SHARDS,
    retention: retentionIn(environment) ?? RETENTION,
    shared: {
      lastUses: whenOpen<Shared["lastUses"]>(async () => (await shared()).lastUses),
      principals: whenOpen<PrincipalStore>(async () => (await shared()).principals),
      sessions: whenOpen<Shared["sessions"]>(async () => (await shared()).sessions),
    },
    open: async (name, log) => openRegional(store().database, name, store().roots, await shared(), log),
  });
  return { deps, region, database: () => store().database };
}

interface Host {
  readonly deps: Deps;
  /** The one that is served. */
  readonly region: string;
  /** @throws when a variable is missing. */
  readonly database: () => Database;
}

const rootsIn = (environment: Environment): Roots =>
  environment["TRENT_ROOT_CONTROL"] ? rootsFromSecrets(environment) : rootFromEnvironment(environment);

/** Errors are counted by event, for the alarms: a line in CloudWatch's embedded metric format is a metric, too. */
const counted = (operator: OperatorLog): OperatorLog => ({
  ...operator,
  error(event, facts) {
    const metric = { Namespace: "Trent", Dimensions: [["event"]], Metrics: [{ Name: "Errors", Unit: "Count" }] };
    operator.error(event, { ...facts, Errors: 1, _aws: { Timestamp: Date.now(), CloudWatchMetrics: [metric] } });
  },
});

/** @throws when a variable is missing or makes no sense. */
function storeOf(
  environment: Environment,
  roots: (environment: Environment) => Roots,
): { readonly database: Database; readonly roots: Roots } {
  if (!profileOf(environment)) throw new Error("TRENT_QUOTAS is not the name of a profile.");
  if (!retentionIn(environment)) throw new Error("TRENT_LOG_DAYS does not say how long records are kept.");
  required(environment, "TRENT_REGION");
  return {
    roots: roots(environment),
    database: openDynamodb({
      client: { region: required(environment, "AWS_REGION") },
      // A table that it was not given has a name that nobody has: opening it is no harm, touching it fails, and says why.
      tableName: (table) => environment[variableOf(table)] || `${variableOf(table)}-is-not-set`,
      appendBy: environment["TRENT_APPEND_BY"] === "put" ? "put" : "partiql",
      cacheMs: Number(environment["TRENT_STATE_CACHE_MS"] ?? 1000),
      ...(environment["TRENT_STORE_TIMEOUT_MS"] && { patience: patienceOf(Number(environment["TRENT_STORE_TIMEOUT_MS"])) }),
      timeLeft,
    }),
  };
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new Error(`The variable ${name} is not set.`);
  return value;
}

function profileOf({ TRENT_QUOTAS: name = "current" }: Environment): QuotaProfile | undefined {
  return Object.hasOwn(QUOTA_PROFILES, name) ? QUOTA_PROFILES[name as keyof typeof QUOTA_PROFILES] : undefined;
}

function retentionIn({ TRENT_LOG_DAYS: text }: Environment): Retention | undefined {
  const retention = text === undefined ? RETENTION : retentionOf(text);
  return typeof retention === "string" ? undefined : retention;
}

/** Makes a thing at the first call; what failed, at once or later, is made again by the next. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made) return made.value;
    const value = make();
    made = { value };
    if (value instanceof Promise) value.catch(() => (made = undefined));
    return value;
  };
}

/** A store whose methods wait until it is open. */
function whenOpen<S extends { readonly [M in keyof S]: (...args: never[]) => Promise<unknown> }>(open: () => Promise<S>): S {
  const waiting =
    (name: keyof S) =>
    async (...args: never[]) => {
      const store = await open();
      return store[name](...args);
    };
  // Whoever awaits the store itself must not take it for a promise.
  return new Proxy({} as S, { get: (_, name) => (name === "then" ? undefined : waiting(name as keyof S)) });
}
