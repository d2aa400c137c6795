/**
 * What a request says under each condition key: of the call, of the caller, of the key, and what the operation's declaration adds.
 *
 * Nothing is worked out before a policy asks for it.
 * @see AWS KMS Developer Guide, "AWS KMS condition keys"; IAM User Guide, "AWS global condition context keys"
 */
import type { Grant } from "#domain/grant";
import { constraintTypeOf } from "#domain/grant-constraints";
import type { Key } from "#domain/key";
import { isPrimary } from "#domain/multi-region";
import type { Context } from "#domain/policy/evaluate";
import type { Principal } from "#domain/principal";
import type { Resource } from "#domain/resource";
import { viaService } from "#domain/service-principal";
import type { AnyOperation, Conditions, Target } from "#operation";
import type { Deps } from "./deps.ts";
import { type Exchange, known } from "./exchange.ts";

/** The key that a permission is asked for, and how the call came by it. */
export interface AskedKey {
  readonly key: Key;
  readonly target: Target<never>;
  /** The grant on it that the call names. */
  readonly grant?: Grant | undefined;
  /** Its aliases, where a policy asks for them. */
  readonly aliases?: readonly string[];
  /** For how many days it was not used, where a policy asks for that. */
  readonly idleDays?: number;
}

type Value = ReturnType<Context>;

/** The context of one permission: on a key, or on anything else. */
export function contextOf(operation: AnyOperation, event: Exchange, deps: Deps, asked: AskedKey | Resource): Context {
  const { caller } = known(event, "caller");
  const key = "target" in asked ? asked : undefined;
  const ofAsked = (name: string) => ("target" in asked ? ofKey(name, asked, event, operation) : ofResource(name, asked, caller));
  const region = ("target" in asked ? asked.key.region : asked.region) ?? event.region;
  return (name) => ofCall(name, event, deps, region) ?? ofCaller(name, caller, event.region) ?? ofAsked(name) ?? declared(name);

  function declared(name: string): Value {
    return ofDeclaration(name, key?.target.conditions, event) ?? ofDeclaration(name, operation.conditions, event);
  }
}

/** @param region of what is asked for: another one than that of the call where a key is replicated, or moves. */
function ofCall(name: string, { http }: Exchange, { wallClock }: Deps, region: string): Value {
  switch (name) {
    case "aws:currenttime":
      return wallClock().toISOString();
    case "aws:epochtime":
      return String(Math.floor(wallClock().getTime() / 1000));
    case "aws:sourceip":
      return http.peer;
    case "aws:securetransport":
      return String(http.tls !== undefined);
    case "aws:useragent":
      return http.headers.get("user-agent");
    case "aws:referer":
      return http.headers.get("referer");
    case "aws:requestedregion":
      return region;
    default:
      return undefined;
  }
}

/** As policies name the kinds of callers. @see IAM User Guide, "aws:PrincipalType" */
const TYPES: Readonly<Record<Principal["kind"], string | undefined>> = {
  root: "Account",
  user: "User",
  "role-session": "AssumedRole",
  "federated-user": "FederatedUser",
  service: undefined,
  provider: undefined,
};
const PRINCIPAL_TAG = "aws:principaltag/";

function ofCaller(name: string, caller: Principal, region: string): Value {
  if (caller.kind === "service") return ofService(name, caller);
  const { kind, account, arn, id, tags, behind, session, vouched, via } = caller;
  switch (name) {
    case "aws:principalarn":
      return kind === "role-session" ? behind : arn;
    case "aws:principalaccount":
    case "kms:calleraccount":
      return account;
    case "aws:principaltype":
      return TYPES[kind];
    case "aws:userid":
      return id;
    case "kms:viaservice":
      return via && viaService(via, region);
    case "aws:calledvia":
      return via && [via];
    case "aws:calledviafirst":
    case "aws:calledvialast":
      return via;
    case "aws:viaawsservice":
    case "kms:grantisforawsresource":
      return String(via !== undefined);
    case "aws:username":
      return kind === "user" ? caller.name : undefined;
    case "aws:tokenissuetime":
      return session?.issued.toISOString();
    case "aws:multifactorauthpresent":
      // "The key is not present in requests made by long-term credentials" (IAM User Guide).
      return session && "false";
    case "aws:sourceidentity":
      return session?.sourceIdentity;
    case "aws:federatedprovider":
      return kind === "provider" ? arn : session?.provider;
    case "aws:principalisawsservice":
      return "false";
    default:
      return name.startsWith(PRINCIPAL_TAG) ? memberOf(tags, name.slice(PRINCIPAL_TAG.length)) : vouched?.claims.get(name);
  }
}

/** A service is in no account, and nobody's user: what policies ask of people, it does not answer. */
function ofService(name: string, { arn, source }: Principal): Value {
  switch (name) {
    case "aws:principalisawsservice":
    case "kms:grantisforawsresource":
      return "true";
    case "aws:viaawsservice":
      return "false";
    case "aws:principalservicename":
      return arn;
    case "aws:principalservicenameslist":
      return [arn];
    case "aws:sourcearn":
      return source?.arn;
    case "aws:sourceaccount":
      return source?.account;
    default:
      return undefined;
  }
}

const TAG = "aws:resourcetag/";
const CONTEXT = "kms:encryptioncontext:";

function ofKey(name: string, asked: AskedKey, event: Exchange, operation: AnyOperation): Value {
  const { key, target, grant, aliases, idleDays } = asked;
  switch (name) {
    case "kms:keyspec":
    case "kms:customermasterkeyspec":
      return key.spec;
    case "kms:keyusage":
    case "kms:customermasterkeyusage":
      return key.usage;
    case "kms:keyorigin":
      return key.origin;
    case "kms:multiregion":
      return String(key.multiRegion !== undefined);
    case "kms:multiregionkeytype":
      return key.multiRegion && (isPrimary(key) ? "PRIMARY" : "REPLICA");
    case "aws:resourceaccount":
      return key.account;
    case "kms:resourcealiases":
      return aliases;
    case "kms:trailingdayswithoutkeyusage":
      return idleDays?.toString();
    case "kms:requestalias":
      // What is done to an alias is no use of its key by it.
      return operation.alias ? undefined : aliasIn(target, event);
    case "kms:grantconstrainttype":
      return grant?.constraints && constraintTypeOf(grant.constraints);
    case "kms:encryptioncontextkeys":
      return keysOf(encryptionContextOf(asked, event));
    default:
      if (name.startsWith(TAG)) return memberOf(key.tags, name.slice(TAG.length));
      return name.startsWith(CONTEXT) ? memberOf(encryptionContextOf(asked, event), name.slice(CONTEXT.length)) : undefined;
  }
}

/** Of a grant that is retired, what it is bound to. */
const encryptionContextOf = ({ target, grant }: AskedKey, { input }: Exchange): ReadonlyMap<string, string> | undefined =>
  grant ? (grant.constraints?.subset ?? grant.constraints?.equals) : target.context?.(input as never);

/** IAM has a name of its own for the tags of users and roles. */
const ENTITY_TAG = "iam:resourcetag/";

function ofResource(name: string, { tags, boundary, account }: Resource, caller: Principal): Value {
  if (name === "aws:resourceaccount") return account ?? caller.account;
  if (name === "iam:permissionsboundary") return boundary;
  const family = [TAG, ENTITY_TAG].find((prefix) => name.startsWith(prefix));
  return family === undefined ? undefined : memberOf(tags, name.slice(family.length));
}

/** A request without a context has no such key, rather than an empty one. */
const keysOf = (context: ReadonlyMap<string, string> | undefined): Value => (context?.size ? [...context.keys()] : undefined);

/** The alias by which the call named the key: its name, also where the call had its ARN. */
function aliasIn(target: Target<never>, { input }: Exchange): Value {
  const named = target.id(input as never);
  if (typeof named !== "string") return undefined;
  return named.startsWith("alias/") ? named : /^arn:(?:[^:]*:){4}(alias\/.*)$/s.exec(named)?.[1];
}

/** The names of condition keys have no letter case, and the part after the prefix is of the name. Several that differ in it alone all count. */
function memberOf(members: ReadonlyMap<string, string> | undefined, lowerName: string): Value {
  if (!members) return undefined;
  const found = [...members].flatMap(([name, value]) => (name.toLowerCase() === lowerName ? [value] : []));
  return found.length > 1 ? found : found[0];
}

const lowered = new WeakMap<object, ReadonlyMap<string, Conditions<never>[keyof Conditions<never>]>>();

function ofDeclaration(name: string, conditions: Conditions<never> | undefined, { input, keys = {} }: Exchange): Value {
  if (!conditions) return undefined;
  let byName = lowered.get(conditions);
  if (!byName) {
    byName = new Map(Object.entries(conditions).map(([key, value]) => [key.toLowerCase(), value]));
    lowered.set(conditions, byName);
  }
  const family = name.slice(0, name.indexOf("/") + 1);
  const value = (byName.get(name) ?? byName.get(family))?.(
    input as never,
    Object.fromEntries(Object.entries(keys).map(([target, { key }]) => [target, key])),
  );
  if (value instanceof Map) return memberOf(value, name.slice(family.length));
  if (value instanceof Date) return String(value.getTime() / 1000);
  return value === undefined || Array.isArray(value) ? (value as Value) : String(value);
}
