/**
 * A grant: lets one principal use one key, for the operations and under the constraints that it names.
 * @see AWS KMS Developer Guide, "Grants in AWS KMS"
 */
import { randomBytes } from "@trent/crypto";
import { Fault } from "./fault.ts";
import { type Constraints, hasContext, isStricter, requireConstraints, satisfies, textOf } from "./grant-constraints.ts";
import type { Grantee } from "./grant-principal.ts";
import type { Key } from "./key.ts";
import { RESOURCE_QUOTAS } from "./quota-resources.ts";

export type GrantOperation =
  | "Decrypt"
  | "Encrypt"
  | "GenerateDataKey"
  | "GenerateDataKeyWithoutPlaintext"
  | "ReEncryptFrom"
  | "ReEncryptTo"
  | "Sign"
  | "Verify"
  | "GetPublicKey"
  | "CreateGrant"
  | "RetireGrant"
  | "DescribeKey"
  | "GenerateDataKeyPair"
  | "GenerateDataKeyPairWithoutPlaintext"
  | "GenerateMac"
  | "VerifyMac"
  | "DeriveSharedSecret"
  | "Encapsulate"
  | "Decapsulate";

export interface Grant {
  /** 64 hex digits. */
  readonly id: string;
  readonly keyId: string;
  /** The account of the key. */
  readonly account: string;
  /** Empty when none was given. */
  readonly name: string;
  readonly grantee: Grantee;
  readonly retiring?: Grantee;
  readonly operations: readonly GrantOperation[];
  readonly constraints?: Constraints;
  /** The account that the grant was made in: that of its creator. */
  readonly issuer: string;
  /** The unique id of the principal that made it. */
  readonly creator: string;
  readonly created: Date;
  /** 1: a grant never changes. 0 before it is stored. */
  readonly version: number;
}

/** What is asked for, and by whom. */
export type ProposedGrant = Omit<Grant, "id" | "created" | "version">;

const EVERY_KEY: readonly GrantOperation[] = ["CreateGrant", "RetireGrant", "DescribeKey"];
const SYMMETRIC: readonly GrantOperation[] = [
  ...(["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"] as const),
  ...(["GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"] as const),
];
/** Of keys that are not symmetric encryption keys. */
const BY_USAGE: Readonly<Record<Key["usage"], readonly GrantOperation[]>> = {
  ENCRYPT_DECRYPT: ["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"],
  SIGN_VERIFY: ["Sign", "Verify", "GetPublicKey"],
  GENERATE_VERIFY_MAC: ["GenerateMac", "VerifyMac"],
  KEY_AGREEMENT: ["DeriveSharedSecret", "GetPublicKey"],
  ENCAPSULATE_DECAPSULATE: ["Encapsulate", "Decapsulate", "GetPublicKey"],
};
const ALL: ReadonlySet<string> = new Set([...EVERY_KEY, ...SYMMETRIC, ...Object.values(BY_USAGE).flat()]);

/** The grant operation that a permission such as `kms:ReEncryptFrom` is; undefined when no grant can give it. */
export function grantOperationOf(permission: string): GrantOperation | undefined {
  const name = permission.startsWith("kms:") ? permission.slice("kms:".length) : "";
  return ALL.has(name) ? (name as GrantOperation) : undefined;
}

/** What a request asks of a grant. */
export interface GrantedRequest {
  readonly operation: GrantOperation;
  /** The encryption context; absent is empty. */
  readonly context?: ReadonlyMap<string, string> | undefined;
  /** The resource on whose behalf a service calls. */
  readonly sourceArn?: string | undefined;
}

/** These have no encryption context of their own: what a child grant may be is `isSubset`'s to say. */
const WITHOUT_CONTEXT: readonly GrantOperation[] = [...EVERY_KEY, "GetPublicKey"];

/**
 * Says whether a grant allows a request: it names the operation, and its constraints are met. Who calls is not looked at.
 * @see AWS KMS Developer Guide, "Using grant constraints"
 */
export function permits({ operations, constraints }: Grant, { operation, context, sourceArn }: GrantedRequest): boolean {
  if (!operations.includes(operation)) return false;
  if (!constraints) return true;
  if (constraints.sourceArn !== undefined && operation !== "RetireGrant" && sourceArn !== constraints.sourceArn) return false;
  return WITHOUT_CONTEXT.includes(operation) || satisfies(context ?? new Map(), constraints);
}

/**
 * Says whether a grant gives no more than the one that let its author make it: no other operations, and constraints at least as strict.
 * @see AWS KMS Developer Guide, "Granting CreateGrant permission"
 */
export function isSubset(child: Pick<Grant, "operations" | "constraints">, parent: Grant): boolean {
  return (
    child.operations.every((operation) => parent.operations.includes(operation)) && isStricter(child.constraints ?? {}, parent.constraints)
  );
}

/**
 * Refuses operations that keys of this kind do not have, and constraints on a context that they do not take.
 * @throws {Fault} ValidationException (AWS's texts are UNVERIFIED)
 */
export function requireGrantable(key: Key, operations: readonly GrantOperation[], constraints: Constraints | undefined): void {
  if (operations.length === 0) throw new Fault("ValidationException", "Operations must name at least one operation.");
  const symmetric = key.spec === "SYMMETRIC_DEFAULT";
  const grantable = symmetric ? SYMMETRIC : BY_USAGE[key.usage];
  const [unfit] = operations.filter((operation) => !grantable.includes(operation) && !EVERY_KEY.includes(operation));
  if (unfit !== undefined) {
    throw new Fault("ValidationException", `Operation ${unfit} is not valid for a key with spec ${key.spec} and usage ${key.usage}.`);
  }
  if (!constraints) return;
  requireConstraints(constraints);
  if (!symmetric && hasContext(constraints)) {
    throw new Fault("ValidationException", `Encryption context constraints are not valid for a key with spec ${key.spec}.`);
  }
}

/**
 * The id of a grant. A named one has an MAC of everything that was asked for, so the same request finds the same grant; any other is random.
 * @see AWS KMS API Reference, CreateGrant, "Name"
 */
export function grantIdOf(proposed: ProposedGrant, sign: (parts: readonly string[]) => Buffer): string {
  if (proposed.name === "") return randomBytes(32).toString("hex");
  const { name, keyId, account, issuer, grantee, retiring, operations, constraints } = proposed;
  const parts = [
    name,
    keyId,
    account,
    issuer,
    ...partsOf(grantee),
    ...partsOf(retiring),
    operations.toSorted().join(),
    textOf(constraints),
  ];
  return sign(parts).toString("hex");
}

const partsOf = (grantee: Grantee | undefined): readonly string[] => [
  grantee?.principal ?? "",
  grantee?.id ?? "",
  grantee?.service ? "service" : "",
];

/** Refuses one grant too many; several at the same time may pass together. @throws {Fault} LimitExceededException (AWS's text is UNVERIFIED) */
export function requireGrantRoom({ arn }: Key, count: number, most: number = RESOURCE_QUOTAS.GrantsPerKey): void {
  if (count >= most) {
    throw new Fault("LimitExceededException", `Grant quota for key ${arn} is ${most} but the current usage is ${count}.`);
  }
}

/** @throws {Fault} InvalidGrantIdException for what no grant id looks like (AWS's text is UNVERIFIED) */
export function requireGrantId(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw invalidGrantId(text);
  return text;
}

export const invalidGrantId = (text: string): Fault => new Fault("InvalidGrantIdException", `Invalid grant ID '${text}'`);

/** The answer where a grant should be and is none. AWS's text is UNVERIFIED; its name is. */
export const unknownGrant = (id: string): Fault => new Fault("NotFoundException", `Grant ID ${id} not found`);
