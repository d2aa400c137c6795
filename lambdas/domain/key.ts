/**
 * A KMS key: what it is, what state it is in, and what may be done with it.
 * @see AWS KMS Developer Guide, "Key states of AWS KMS keys".
 */
import { keyArn } from "./arn.ts";
import { Fault } from "./fault.ts";
import { type Algorithm, algorithmsOf, type KeySpec, type KeyUsage } from "./key-spec.ts";

export type KeyState =
  | "Creating"
  | "Enabled"
  | "Disabled"
  | "PendingDeletion"
  | "PendingImport"
  | "PendingReplicaDeletion"
  | "Unavailable"
  | "Updating";

/** One version of a key's material, as it is stored: wrapped under a domain key. */
export interface Material {
  /** KeyMaterialId: 64 hex digits. */
  readonly id: string;
  /** Base64 of the wrapped bytes. */
  readonly wrapped: string;
  /** Of a pair: base64 of the public half, an X.509 SubjectPublicKeyInfo. It is in the clear; the MAC of the key's item vouches for it. */
  readonly publicKey?: string;
  /** The version of the domain key that wraps it. */
  readonly domainKey: number;
  readonly created: Date;
}

export interface Key {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly arn: string;
  readonly description: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly origin: "AWS_KMS";
  readonly manager: "CUSTOMER" | "AWS";
  readonly created: Date;
  readonly enabled: boolean;
  readonly deletionDate?: Date;
  /** The key policy as its author wrote it, and the unique ids that its principals had then. */
  readonly policy: string;
  readonly principals: Readonly<Record<string, string>>;
  readonly tags: ReadonlyMap<string, string>;
  /** Oldest first; the last one is current. */
  readonly materials: readonly Material[];
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

/** A key that nobody has stored yet. */
export function newKey(
  facts: Pick<
    Key,
    "id" | "account" | "region" | "description" | "spec" | "usage" | "created" | "policy" | "principals" | "tags" | "materials"
  >,
): Key {
  return {
    ...facts,
    arn: keyArn(facts.region, facts.account, facts.id),
    origin: "AWS_KMS",
    manager: "CUSTOMER",
    enabled: true,
    version: 0,
  };
}

/** The state of a key at an instant; undefined when its waiting period is over and it exists no more, swept or not. */
export function stateOf(key: Key, now: Date): KeyState | undefined {
  if (key.deletionDate) return key.deletionDate > now ? "PendingDeletion" : undefined;
  return key.enabled ? "Enabled" : "Disabled";
}

export const currentMaterial = (key: Key): Material => key.materials[key.materials.length - 1] as Material;

/** @throws {Fault} InvalidKeyUsageException */
export function requireUsage(key: Key, usage: KeyUsage, operation: string): void {
  if (key.usage !== usage) {
    throw new Fault("InvalidKeyUsageException", `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`);
  }
}

/** @throws {Fault} InvalidKeyUsageException */
export function requireAlgorithm(key: Key, algorithm: string): asserts algorithm is Algorithm {
  if (!algorithmsOf(key).includes(algorithm)) {
    throw new Fault("InvalidKeyUsageException", `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`);
  }
}

/** @throws {Fault} DisabledException or KMSInvalidStateException, with AWS's text for the state that is in the way. */
export function requireState(key: Key, allowed: readonly KeyState[], now: Date): void {
  const state = stateOf(key, now);
  if (state === undefined) throw new Fault("NotFoundException", `Key '${key.arn}' does not exist`);
  if (allowed.includes(state)) return;
  if (!allowed.includes("Enabled")) throw new Fault("KMSInvalidStateException", `${key.arn} is not pending deletion.`);
  if (state === "Disabled") throw new Fault("DisabledException", `${key.arn} is disabled.`);
  throw new Fault("KMSInvalidStateException", `${key.arn} is ${REFUSED[state]}.`);
}

const REFUSED: Readonly<Record<KeyState, string>> = {
  Creating: "creating",
  Enabled: "enabled",
  Disabled: "disabled",
  PendingDeletion: "pending deletion",
  PendingImport: "pending import",
  PendingReplicaDeletion: "pending replica deletion",
  Unavailable: "unavailable",
  Updating: "updating",
};

const DAY = 86_400_000;

/** The key, to be deleted so many days from now. */
export const scheduleDeletion = (key: Key, days: number, now: Date): Key => ({
  ...key,
  deletionDate: new Date(now.getTime() + days * DAY),
});

/** The key, saved from deletion: always Disabled. */
export function cancelDeletion(key: Key): Key {
  const { deletionDate: _, ...kept } = key;
  return { ...kept, enabled: false };
}

/** Refuses one key too many; several at the same time may pass together. @throws {Fault} LimitExceededException */
export function requireKeyRoom(count: number, most: number): void {
  if (count >= most) {
    throw new Fault("LimitExceededException", `Key quota for this account in this region is ${most} but the current usage is ${count}.`);
  }
}
