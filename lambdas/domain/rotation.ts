/**
 * The rotation of a key: new material takes the place of the current one, and the old ones go on decrypting what they encrypted.
 *
 * A rotation that is late for any reason (the key was disabled or pending deletion, Trent was off) is done once, as soon as it can be, and has
 * the date on which it was done; the dates after it are those of the old schedule.
 * @see AWS KMS Developer Guide, "Rotate AWS KMS keys"
 */
import { Fault } from "./fault.ts";
import { type Key, type Material, type Schedule, stateOf } from "./key.ts";
import { isReplica, replicasOf } from "./multi-region.ts";

const DAY = 86_400_000;
/** In days: the period of whoever does not say otherwise. */
export const YEAR = 365;
/** "An automatic rotation … scheduled within the next 20 minutes" is in the way of one on demand. */
const SOON_MS = 20 * 60_000;
/** Of a key, for as long as it lives; not adjustable. @see AWS KMS Developer Guide, "Resource quotas" */
const MOST_ON_DEMAND = 25;

/** From an instant on, every so many days. */
export const scheduleFrom = (start: Date, periodInDays: number): Schedule => ({
  periodInDays,
  next: new Date(start.getTime() + periodInDays * DAY),
});

/** That of an AWS managed key, which nobody can change. */
export const yearlyFrom = (created: Date): Schedule => scheduleFrom(created, YEAR);

/** The key with automatic rotation on, or by another period: the first one is a whole period from now. */
export const withSchedule = (key: Key, periodInDays: number, now: Date): Key => ({ ...key, rotation: scheduleFrom(now, periodInDays) });

/** The key with automatic rotation off. */
export function withoutSchedule(key: Key): Key {
  const { rotation: _, ...kept } = key;
  return kept;
}

/** Refuses a key that is not rotated by its material's kind or origin. @throws {Fault} UnsupportedOperationException, without text for a kind. */
export function requireRotatable(key: Key, origins: readonly string[] = ["AWS_KMS"]): void {
  if (key.spec !== "SYMMETRIC_DEFAULT") throw new Fault("UnsupportedOperationException");
  if (!origins.includes(key.origin)) {
    throw new Fault("UnsupportedOperationException", `${key.arn} origin is ${key.origin} which is not valid for this operation.`);
  }
}

/** Says whether a scheduled rotation is to be done: not while the key is disabled or on its way out, nor of a replica, which follows its primary key. */
export function isRotationDue(key: Key, now: Date): boolean {
  const state = stateOf(key, now);
  if (isReplica(key) || isRotating(key)) return false;
  return key.rotation !== undefined && key.rotation.next <= now && (state === "Enabled" || state === "Updating");
}

/** @throws {Fault} LimitExceededException, or ConflictException when an automatic rotation is at hand. */
export function requireOnDemand(key: Key, now: Date): void {
  if (isRotating(key) || (key.rotation && key.rotation.next.getTime() - now.getTime() <= SOON_MS)) {
    // AWS's text is UNVERIFIED: this is its API reference's.
    throw new Fault("ConflictException", "An automatic rotation of this key is in progress or scheduled within the next 20 minutes.");
  }
  if (key.materials.filter(({ rotation }) => rotation === "ON_DEMAND").length >= MOST_ON_DEMAND) {
    throw new Fault(
      "LimitExceededException",
      `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
    );
  }
}

/** Says whether material that KMS made waits until all Regions of the key have it. */
export const isRotating = ({ pending, origin }: Key): boolean => pending !== undefined && origin === "AWS_KMS";

/** The key, rotated on demand to a material that was made for it. Its schedule stays as it is. */
export const rotatedOnDemand = (key: Key, material: Material, now: Date): Key =>
  // The service event is a timer's to write: an operation has its own record only.
  withNext(key, { ...material, created: now, rotation: "ON_DEMAND", untold: true });

/** What KMS makes for a key with replicas becomes current when they all have it (`#domain/multi-region`). */
function withNext(key: Key, material: Material): Key {
  const waits = key.origin === "AWS_KMS" && replicasOf(key).length > 0;
  return waits ? { ...key, pending: material } : { ...key, materials: [...key.materials, material] };
}

/** The key after a rotation that was due: the next one is at the first date of its schedule that is still to come. */
export function rotatedAsDue(key: Key, material: Material, now: Date): Key {
  const { rotation } = key;
  const rotated = withNext(key, { ...material, created: now, rotation: "AUTOMATIC" });
  return { ...rotated, ...(rotation && { rotation: { ...rotation, next: nextAfter(rotation, now) } }) };
}

function nextAfter({ periodInDays, next }: Schedule, now: Date): Date {
  const period = periodInDays * DAY;
  const periods = Math.max(1, Math.floor((now.getTime() - next.getTime()) / period) + 1);
  return new Date(next.getTime() + periods * period);
}

/** The material whose rotation the log has not told of; of several, the oldest. */
export const untoldOf = (key: Key): Material | undefined => key.materials.find(({ untold }) => untold);

/** The key, with that of one material told. */
export const told = (key: Key, of: Material): Key => ({
  ...key,
  materials: key.materials.map((material) => (material.id === of.id ? withoutMark(material) : material)),
});

function withoutMark({ untold: _, ...material }: Material): Material {
  return material;
}

/** When something is to be done about the rotation of a key, whether it is due yet or not. */
export function rotationDateOf(key: Key): Date | undefined {
  const waits = !key.enabled || key.deletionDate !== undefined || key.deletionWindow !== undefined || isReplica(key) || isRotating(key);
  return untoldOf(key)?.created ?? (waits ? undefined : key.rotation?.next);
}

/** What the log says of the rotation to a material of a key. @see AWS KMS Developer Guide, "RotateKey" in the CloudTrail examples */
export const rotationDetails = (key: Key, { id, rotation = "AUTOMATIC" }: Material) => ({
  keyId: key.id,
  rotationType: rotation,
  keyOrigin: key.origin,
  previousKeyMaterialId: key.materials[key.materials.findIndex((material) => material.id === id) - 1]?.id,
  currentKeyMaterialId: id,
});
