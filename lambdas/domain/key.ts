/**
 * A KMS key: what it is, what state it is in, and what may be done with it.
 * @see AWS KMS Developer Guide, "Key states of AWS KMS keys".
 */
import { keyArn } from "./arn.ts";
import type { EventCaller } from "./event-record.ts";
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

export type RotationType = "AUTOMATIC" | "ON_DEMAND";

/** One version of a key's material, as it is stored: wrapped under a domain key. */
export interface Material {
  /** KeyMaterialId: 64 hex digits. */
  readonly id: string;
  /** Base64 of the wrapped bytes; absent when it was imported and is deleted: then only the same may be imported again. */
  readonly wrapped?: string;
  /** Of a pair: base64 of the public half, an X.509 SubjectPublicKeyInfo. It is in the clear; the MAC of the key's item vouches for it. */
  readonly publicKey?: string;
  /** The version of the domain key that wraps it. */
  readonly domainKey: number;
  readonly created: Date;
  /** What made it the current one, and then `created` is when; absent from a key's first. */
  readonly rotation?: RotationType;
  /** Set until a service event tells of its rotation. */
  readonly untold?: true;
  /** Of imported material only. */
  readonly imported?: Imported;
  /** Set where the domain key that wraps it is the one that all Regions share. */
  readonly shared?: true;
}

/** A replica of a multi-Region key. */
export interface Replica {
  readonly region: string;
  /** How it is to be made, until it is. */
  readonly wish?: Wish;
}

/** A replica that somebody has asked for. */
export interface Wish extends Pick<Key, "description" | "policy" | "principals" | "tags" | "created"> {
  /** Tells it from those before it in the same Region. */
  readonly id: string;
  readonly author: Author;
}

/** Who asked for something that is done in another Region, for its record there. */
export interface Author {
  readonly requestId: string;
  readonly caller: EventCaller;
  readonly ip: string;
  readonly ua?: string | undefined;
}

/** What a multi-Region key is to its related keys, as far as it is known in its Region. */
export interface MultiRegion {
  readonly primary: string;
  readonly replicas: readonly Replica[];
  /** How often the primary key has moved. */
  readonly epoch: number;
  /** Of what all related keys share, as it was last told or heard of; 0 before that. */
  readonly revision: number;
  /** Of a replica: the wish that it was made by. */
  readonly wish?: string;
  /** Who moved the primary key last. */
  readonly promotion?: Author;
}

/** What whoever imported a material said of it. */
interface Imported {
  /** When it is to be deleted, if ever: from then on it is not there. */
  readonly expires?: Date;
  readonly description?: string;
}

/** The automatic rotation of a key. */
export interface Schedule {
  readonly periodInDays: number;
  readonly next: Date;
}

export interface Key {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly arn: string;
  readonly description: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly origin: "AWS_KMS" | "EXTERNAL";
  readonly manager: "CUSTOMER" | "AWS";
  readonly created: Date;
  readonly enabled: boolean;
  readonly deletionDate?: Date;
  /** The state in which something beyond the key keeps it: its other Regions, or the key store that it is in. */
  readonly imposed?: "Creating" | "Updating" | "Unavailable" | "PendingReplicaDeletion";
  /** While its replicas are waited for: how many days it then waits itself. */
  readonly deletionWindow?: number;
  readonly multiRegion?: MultiRegion;
  /** Set until its related keys have learned of its last change. */
  readonly unshared?: true;
  /** Its automatic rotation, when that is on; it waits while the key is disabled or pending deletion. */
  readonly rotation?: Schedule;
  /** The key policy as its author wrote it, and the unique ids that its principals had then. */
  readonly policy: string;
  readonly principals: Readonly<Record<string, string>>;
  readonly tags: ReadonlyMap<string, string>;
  /** Oldest first; the last one is current. */
  readonly materials: readonly Material[];
  /**
   * To be the next current one; until then nothing is encrypted under it: what was imported, as soon as the key is rotated on demand, what KMS
   * made for a multi-Region key, as soon as all of its Regions have it.
   */
  readonly pending?: Material;
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

/** A key that nobody has stored yet. */
export function newKey(
  facts: Pick<
    Key,
    "id" | "account" | "region" | "description" | "spec" | "usage" | "created" | "policy" | "principals" | "tags" | "materials"
  > &
    Partial<Pick<Key, "origin" | "multiRegion">>,
): Key {
  return {
    origin: "AWS_KMS",
    ...facts,
    arn: keyArn(facts.region, facts.account, facts.id),
    manager: "CUSTOMER",
    enabled: true,
    version: 0,
  };
}

/** The state of a key at an instant; undefined when its waiting period is over and it exists no more, swept or not. */
export function stateOf(key: Key, now: Date): KeyState | undefined {
  if (key.deletionDate) return key.deletionDate > now ? "PendingDeletion" : undefined;
  if (key.imposed) return key.imposed;
  if (key.origin === "EXTERNAL" && !isComplete(key, now)) return "PendingImport";
  return key.enabled ? "Enabled" : "Disabled";
}

/** Says whether a material can be used: one that has expired cannot, deleted or not. */
export const isPresent = ({ wrapped, imported }: Material, now: Date): boolean =>
  wrapped !== undefined && (imported?.expires === undefined || imported.expires > now);

/** Says whether all material that a key was ever current for is there. */
export const isComplete = ({ materials }: Key, now: Date): boolean =>
  materials.length > 0 && materials.every((material) => isPresent(material, now));

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

/** The key, to be deleted so many days from now, or, of a primary key, from when its last replica is gone. */
export const scheduleDeletion = (key: Key, days: number, now: Date): Key =>
  key.multiRegion?.primary === key.region && key.multiRegion.replicas.length > 0
    ? { ...key, imposed: "PendingReplicaDeletion", deletionWindow: days }
    : { ...key, deletionDate: new Date(now.getTime() + days * DAY) };

/** The key, saved from deletion: always Disabled. */
export function cancelDeletion(key: Key): Key {
  const { deletionDate: _, deletionWindow: __, imposed, ...kept } = key;
  return { ...kept, ...(imposed && imposed !== "PendingReplicaDeletion" && { imposed }), enabled: false };
}

/** Refuses one key too many; several at the same time may pass together. @throws {Fault} LimitExceededException */
export function requireKeyRoom(count: number, most: number): void {
  if (count >= most) {
    throw new Fault("LimitExceededException", `Key quota for this account in this region is ${most} but the current usage is ${count}.`);
  }
}
