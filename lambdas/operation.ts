/**
 * What an operation is: the vocabulary that the API is written in.
 *
 * A declaration says everything that the steps before its handler need to know, and the handler receives what was declared and nothing else.
 * The same words decide which tables its function may touch when it is deployed.
 */
import type { Signer } from "@trent/crypto";
import type { FaultName } from "#domain/fault";
import type { Grant } from "#domain/grant";
import type { GrantReference } from "#domain/grant-token";
import type { Author, Key, KeyState } from "#domain/key";
import type { KeyUsage } from "#domain/key-spec";
import type { MaterialOf } from "#domain/material";
import type { Paging } from "#domain/paging";
import type { Context } from "#domain/policy/evaluate";
import type { Principal } from "#domain/principal";
import type { QuotaRule } from "#domain/quota";
import type { QuotaValues } from "#domain/quota-values";
import type { Resource } from "#domain/resource";
import type { PrincipalReader, Tables } from "#store";
import type { Fields, StructureOf, StructureShape } from "#wire/shape";

export type { Signer } from "@trent/crypto";

/** `service:Action`, as policies name it. */
export type Permission = `${"kms" | "sts" | "iam" | "cloudtrail" | "servicequotas"}:${string}`;

/** Which tables an operation touches, beyond reading the keys it names, and at which level. */
export type Access = { readonly [T in keyof Tables]?: keyof Tables[T] };
export type Stores<A extends Access> = { readonly [T in keyof A & keyof Tables]: Tables[T][A[T] & keyof Tables[T]] };

/** What an input says under a condition key; undefined when it does not speak of it. */
type ConditionValue = string | number | boolean | Date | readonly string[] | undefined;

/**
 * The condition keys that an input supplies, such as `kms:KeySpec`, and the value of each. The name of a family ends as it is continued, as in
 * `aws:RequestTag/`, and has its members by name.
 * @see AWS KMS Developer Guide, "AWS KMS condition keys"
 */
export interface Conditions<I> {
  readonly [key: `${"kms" | "aws" | "sts" | "iam"}:${string}`]: (
    input: I,
    keys: { readonly [target: string]: Key },
  ) => ConditionValue | ReadonlyMap<string, string>;
}

/** A key that the input names, and what the caller and the key must fulfil. */
export interface Target<I> {
  /** The identifier in the input, or the id that a ciphertext carries. */
  readonly id: (input: I) => string | FromCiphertext;
  /** The Region of the related key that is meant, where that is not the key of the call's own: it is known by what its Region tells of it. */
  readonly region?: (input: I) => string;
  readonly permission: Permission;
  /** The key states in which the operation works. */
  readonly states: readonly KeyState[];
  /** The key usage it takes; an operation that names one may use the key's material. */
  readonly usage?: KeyUsage;
  /** Where the input shows that a key of another usage is not the one that was meant: refuses it as that. */
  readonly mistaken?: (input: I, key: Key) => void;
  /** Takes the public half of the key alone, so that whoever serves it needs no material. */
  readonly publicHalf?: true;
  /** Takes an alias name or alias ARN too. */
  readonly aliases?: true;
  /** Makes the AWS managed key that an alias of AWS's is predefined for, at its first use. */
  readonly predefined?: true;
  /** Policies may ask for how many days the key was not used: `uses` names the log, which tells. */
  readonly idleDays?: true;
  /** Works on keys of other accounts, when both sides allow it. */
  readonly acrossAccounts?: true;
  /** The encryption context that goes with this key: policies may ask for it, and grants be bound to it. */
  readonly context?: (input: I) => ReadonlyMap<string, string>;
  /** Where a grant is what lets the caller in: says whether it suffices for this input, beyond naming the operation. */
  readonly suits?: (grant: Grant, input: I) => boolean;
  /** The grant on the key that the input names, by a token or otherwise; then it, and not `id`, says which key. */
  readonly grant?: (input: I, open: (token: string) => GrantReference) => GrantReference;
  /** The grant decides who may: whoever may retire it. A key policy can only deny. */
  readonly retires?: true;
  /** Condition keys beyond those of the operation, where its keys differ in them. */
  readonly conditions?: Conditions<I>;
}

/** A key found in a ciphertext rather than named by the caller: a stranger must not learn whether it exists. */
export interface FromCiphertext {
  /** Undefined when the blob is none of ours. */
  readonly keyInCiphertext: string | undefined;
}

export interface Call<I, N extends string, A extends Access> {
  readonly input: I;
  readonly caller: Principal;
  readonly region: string;
  readonly now: Date;
  /** The keys named by `on`, resolved, authorized and in a usable state. */
  readonly keys: { readonly [name in N]: Key };
  /** The tables named by `uses`, at the declared level. */
  readonly stores: Stores<A>;
  readonly material: MaterialOf;
  /** Signs and verifies where it holds up nobody; absent where one call is served at a time. */
  readonly signer?: Signer;
  /** Grant tokens of this Region. `open` throws InvalidGrantTokenException for what is none. */
  readonly tokens: { issue(grant: Grant): string; open(token: string): GrantReference };
  /** What `resource` named, as it was when the caller was let in. */
  readonly resource: Resource;
  /** The grant that let the caller use a key, or that a target's `grant` names; undefined where a policy decided. */
  readonly grantOf: { readonly [name in N]?: Grant };
  /** What the call says under condition keys; of several keys, about the first. */
  readonly context: Context;
  /** The quotas, in this Region, of the account that owns the key; where there is none, of the caller's. */
  readonly quotas: QuotaValues;
  /** Markers of this operation, caller and these filters. */
  readonly paging: (filters: readonly string[]) => Paging;
  /** A new random version 4 UUID. */
  readonly newUuid: () => string;
  /** True where principals come into being by being named: the sandbox. */
  readonly anyPrincipal: boolean;
  /** Who calls, as records of what is done in another Region on their behalf tell it. */
  readonly author: Author;
  /** Says whether Trent is in a Region, here or by a stack of its own. */
  readonly isRegion: (name: string) => boolean;
}

/** Who asks, and where what an input names is found. */
export interface ResourceFacts {
  readonly caller: Principal;
  readonly principals: PrincipalReader;
  /** True where everybody is the root user: the sandbox. */
  readonly anyPrincipal: boolean;
}

interface Vouched {
  readonly account: string;
  readonly token: string;
}

/** One thing, or several, each of which the caller must be allowed. */
type Asked = Resource | readonly Resource[];

export interface Operation<I extends Fields, O extends Fields, N extends string, A extends Access> {
  readonly name: string;
  /** The request quotas that a call takes from. */
  readonly quota: QuotaRule;
  /** `none`: the call carries its proof in its input, not in a signature. */
  readonly auth?: "none";
  /** That proof: a token by which an identity provider of this account vouches for the caller. */
  readonly vouched?: (input: StructureOf<I>) => Vouched;
  /** The permission of an operation without a key; null when it needs none. */
  readonly permission?: Permission | null;
  /** What that permission is asked for, and those of `also`; absent: every resource. */
  readonly resource?: (input: StructureOf<I>, facts: ResourceFacts) => Asked | Promise<Asked>;
  /** Further permissions that an input asks for. */
  readonly also?: (input: StructureOf<I>, caller: Principal) => readonly Permission[];
  readonly on?: { readonly [name in N]: Target<StructureOf<I>> };
  /** The alias that the operation makes, moves or removes: identity policies must allow the same permission on it. */
  readonly alias?: (input: StructureOf<I>) => string;
  /** The condition keys it supplies, beyond those of every call and of every key. */
  readonly conditions?: Conditions<StructureOf<I>>;
  readonly uses: A;
  readonly input: StructureShape<I>;
  /** Absent: an empty body. */
  readonly output?: StructureShape<O>;
  /** The errors of its own, as its page lists them. */
  readonly errors: readonly FaultName[];
  handle(call: Call<StructureOf<I>, N, A>): Promise<keyof O extends never ? void : StructureOf<O>>;
}

/** An operation whose types no longer matter: what the pipeline runs, the hosts serve and `lib` deploys. */
export interface AnyOperation {
  readonly name: string;
  readonly quota: QuotaRule;
  readonly auth?: "none";
  readonly vouched?: (input: never) => Vouched;
  readonly permission?: Permission | null;
  readonly resource?: (input: never, facts: ResourceFacts) => Asked | Promise<Asked>;
  readonly also?: (input: never, caller: Principal) => readonly Permission[];
  readonly on?: { readonly [name: string]: Target<never> };
  readonly alias?: (input: never) => string;
  readonly conditions?: Conditions<never>;
  readonly uses: Access;
  readonly input: StructureShape;
  readonly output?: StructureShape;
  readonly errors: readonly FaultName[];
  handle(call: never): Promise<unknown>;
}

/** Declares an operation. */
export function operation<
  const I extends Fields,
  const O extends Fields = Record<never, never>,
  N extends string = never,
  const A extends Access = Record<never, never>,
>(declaration: Operation<I, O, N, A>): Operation<I, O, N, A> {
  return declaration;
}

/** Says whether a successful call may change something. */
export const writes = (operation: AnyOperation): boolean => Object.values(operation.uses).includes("write");
