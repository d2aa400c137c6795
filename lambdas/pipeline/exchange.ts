import type middy from "@middy/core";
import type { Account } from "#domain/account";
import type { Grant } from "#domain/grant";
import type { GrantReference } from "#domain/grant-token";
import type { Key } from "#domain/key";
import type { Principal } from "#domain/principal";
import type { QuotaProfile } from "#domain/quota-profiles";
import type { Resource } from "#domain/resource";
import type { AnyOperation } from "#operation";
import type { Gate, Mutation, Regional } from "#store";
import type { HttpRequest, HttpResponse } from "#wire/http";
import type { StepTime } from "./trace.ts";

/** A service that Trent answers for: its name in credential scopes, its protocol, its operations. */
export interface Face {
  readonly service: "kms" | "sts" | "iam" | "cloudtrail" | "servicequotas";
  readonly protocol: "json" | "query";
  /** Before the dot of `X-Amz-Target`; query faces have none. */
  readonly target?: string;
  /** The same with its namespace, as some SDKs send it. */
  readonly longTarget?: string;
  /** Of the query protocol. */
  readonly version?: string;
  readonly operations: Readonly<Record<string, AnyOperation>>;
  /** How far a signature's time may be from ours. */
  readonly skewSeconds: number;
  /** Operations that may be called by a signed URL. */
  readonly presigned: readonly string[];
  /** Its operations write what only the home Region may write. */
  readonly homeOnly?: true;
}

/** One call on its way through the steps. Each step fills in what the later ones need. */
export interface Exchange {
  readonly http: HttpRequest;
  readonly face: Face;
  readonly requestId: string;
  readonly startedAt: Date;
  /** By measure: the instant by `performance.now()`. */
  began?: number;
  /** By measure, where calls are traced: what the steps took. */
  steps?: StepTime[];
  /** From the credential scope; believed only when the signature holds. */
  readonly region: string;
  /** By awsJson or awsQuery. */
  json?: unknown;
  /** By authenticate. */
  caller?: Principal;
  store?: Regional;
  /** The caller's, where one is stored. */
  account?: Account | undefined;
  /** By validate. */
  input?: Readonly<Record<string, unknown>>;
  /** By resolve. */
  keys?: Readonly<Record<string, ResolvedKey>>;
  /** By authorize: what decided, for the record. */
  decidedBy?: { readonly policy: string; readonly sid?: string };
  /** By authorize: what the call works on besides keys, by ARN, for the record. */
  resources?: readonly string[];
  /** By authorize: the first thing, other than a key, that the caller was allowed. */
  resource?: Resource;
  /** By authorize: the grants that the call's tokens name. */
  tokens?: readonly GrantReference[];
  /** By authorize: what is set for the account that a key is of, where that is not the caller's. */
  ownersQuotas?: QuotaProfile | undefined;
  /** By authorize: the grants that let the caller in where no policy did, by the target's name. */
  grants?: Readonly<Record<string, Grant>>;
  /** By intent: stands before every change. */
  gate?: Gate;
  /** How often the handler was started: again after a conflict. */
  tries: number;
  /** What was changed, for the record. */
  changes: Mutation[];
  /** Ids of the key materials that were used, for the record. */
  readonly materials: Set<string>;
  recorded?: boolean;
}

export interface ResolvedKey {
  readonly key: Key;
  /** Of another account than the caller's. */
  readonly foreign: boolean;
  /** Found in a ciphertext: a refusal must not tell whether it exists. */
  readonly hidden: boolean;
  /** The grant on it that the input names. */
  readonly grant?: Grant;
  /** The alias of an AWS managed key that nobody has used yet: it comes into being when the caller is let in. */
  readonly predefined?: string;
}

export type Step = middy.MiddlewareObj<Exchange, unknown, Error>;
export type Handler = (call: Exchange) => Promise<HttpResponse>;

/** What earlier steps have filled in, without saying so twice. */
export type Known<K extends keyof Exchange> = Exchange & { readonly [F in K]-?: NonNullable<Exchange[F]> };
export const known = <K extends keyof Exchange>(call: Exchange, ..._fields: readonly K[]): Known<K> => call as Known<K>;
