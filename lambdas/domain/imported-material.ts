/**
 * The material of a key that was made elsewhere: its owner brings it, may take it away and bring it again, or lets it expire.
 *
 * A key of the others' kinds has one material for good. A symmetric encryption key may get new ones: the first is current at once, a later one
 * waits for a rotation on demand. What was once current stays the key's: while one of those is missing, the key is pending import.
 * @see AWS KMS Developer Guide, "Importing key material for AWS KMS keys"
 */
import { Fault } from "./fault.ts";
import { isPresent, type Key, type Material } from "./key.ts";
import { isEverywhere, isReplica, type Member } from "./multi-region.ts";
import { rotatedOnDemand } from "./rotation.ts";

/** What an import says of the material, beyond its bytes. */
export interface Import {
  readonly type?: "NEW_KEY_MATERIAL" | "EXISTING_KEY_MATERIAL" | undefined;
  readonly id?: string | undefined;
  readonly description?: string | undefined;
  readonly expires?: Date | undefined;
}

/** @throws {Fault} UnsupportedOperationException for a key whose material KMS made. */
export function requireExternal(key: Key): void {
  if (key.origin !== "EXTERNAL") {
    throw new Fault("UnsupportedOperationException", `${key.arn} origin is ${key.origin} which is not valid for this operation.`);
  }
}

const DAY = 86_400_000;
const LONGEST_DAYS = 365;

/**
 * When a material is to expire; undefined when never. The first text is AWS's, the others are UNVERIFIED.
 * @throws {Fault} ValidationException
 */
export function importExpiryOf(
  asked: { readonly model: ReturnType<typeof expirationModelOf> | undefined; readonly validTo: Date | undefined },
  now: Date,
): Date | undefined {
  const { model = "KEY_MATERIAL_EXPIRES", validTo } = asked;
  if (model === "KEY_MATERIAL_DOES_NOT_EXPIRE") {
    if (validTo === undefined) return undefined;
    throw new Fault("ValidationException", "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE");
  }
  if (validTo === undefined)
    throw new Fault("ValidationException", "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");
  if (validTo <= now) throw new Fault("ValidationException", "The validTo date must be in the future");
  if (validTo.getTime() - now.getTime() > LONGEST_DAYS * DAY)
    throw new Fault("ValidationException", `The validTo date must be within ${LONGEST_DAYS} days`);
  return validTo;
}

/**
 * Refuses what only keys that may have several materials take, and contradictions. AWS's texts are UNVERIFIED.
 * @throws {Fault} UnsupportedOperationException or ValidationException
 */
export function requireImport(key: Key, { type, id, description }: Import): void {
  if (key.spec !== "SYMMETRIC_DEFAULT" && (type ?? id ?? description) !== undefined) {
    throw new Fault(
      "UnsupportedOperationException",
      "ImportType, KeyMaterialId and KeyMaterialDescription are valid for symmetric encryption keys only.",
    );
  }
  if (type === "NEW_KEY_MATERIAL" && id !== undefined) {
    throw new Fault("ValidationException", "KeyMaterialId must not be set if the ImportType is NEW_KEY_MATERIAL");
  }
}

/**
 * The key with a material that was imported, enabled when that was what it was waiting for.
 * @throws {Fault} IncorrectKeyMaterialException for another material than was asked for; KMSInvalidStateException when another one is pending.
 */
export function withImported(key: Key, material: Material, asked: Import, now: Date): Key {
  if (asked.id !== undefined && asked.id !== material.id) throw unfit(key);
  const type = asked.type ?? (key.materials.length === 0 ? "NEW_KEY_MATERIAL" : "EXISTING_KEY_MATERIAL");
  return type === "NEW_KEY_MATERIAL" ? withNew(key, material, asked, now) : withExisting(key, material, asked, now);
}

function withNew(key: Key, material: Material, asked: Import, now: Date): Key {
  const pending = pendingOf(key, now);
  // "First import … into the primary key": a replica takes what its primary key has. AWS's error is UNVERIFIED.
  if (isReplica(key)) throw unfit(key);
  if (key.materials.length === 0) return { ...key, enabled: true, materials: [importedAs(material, asked)] };
  if ([...key.materials, ...(pending ? [pending] : [])].some((known) => isSame(known, material))) throw unfit(key);
  if (pending) {
    throw new Fault(
      "KMSInvalidStateException",
      `New key material (id: ${material.id}) cannot be imported into KMS key ${key.arn}, because another key material (id: ${pending.id}) is pending rotation.`,
    );
  }
  return { ...key, pending: importedAs(material, asked) };
}

function withExisting(key: Key, material: Material, asked: Import, now: Date): Key {
  const pending = isReplica(key) ? key.pending : pendingOf(key, now);
  if (pending && isSame(pending, material)) return { ...key, pending: importedAs(material, asked, pending) };
  const known = key.materials.find((one) => isSame(one, material));
  if (!known) throw unfit(key);
  const materials = key.materials.map((one) => (one === known ? importedAs(material, asked, known) : one));
  const wasMissing = !key.materials.every((one) => isPresent(one, now));
  const complete = materials.every((one) => isPresent(one, now));
  return { ...key, materials, enabled: key.enabled || (wasMissing && complete) };
}

/** Of a pair, the public half tells: a private key can be written in more than one way. */
const isSame = (one: Material, other: Material): boolean =>
  one.publicKey === undefined ? one.id === other.id : one.publicKey === other.publicKey;

/** What came before keeps its place and its dates, and its description when there is no other. */
function importedAs(material: Material, { expires, description }: Import, before?: Material): Material {
  const kept = description ?? before?.imported?.description;
  const { id, wrapped, publicKey, domainKey } = material;
  return {
    ...material,
    ...before,
    ...{ id, domainKey, ...(wrapped !== undefined && { wrapped }), ...(publicKey !== undefined && { publicKey }) },
    imported: { ...(expires && { expires }), ...(kept !== undefined && { description: kept }) },
  };
}

/** AWS's text is UNVERIFIED. */
const unfit = (key: Key): Fault =>
  new Fault("IncorrectKeyMaterialException", `The key material does not meet the expectations of the key ${key.arn}.`);

/** The imported material that waits for a rotation. */
export const pendingOf = ({ pending }: Key, now: Date): Material | undefined => (pending && isPresent(pending, now) ? pending : undefined);

/** Refuses to rotate to what is not imported in every Region of a key. AWS's text is UNVERIFIED. @throws {Fault} KMSInvalidStateException */
export function requireImportedEverywhere(key: Key, members: ReadonlyMap<string, Member>, now: Date): void {
  if (pendingOf(key, now) && !isEverywhere(key, members))
    throw new Fault(
      "KMSInvalidStateException",
      `The key material pending rotation is not imported into all replicas of the key: ${key.arn}.`,
    );
}

/**
 * The key, rotated on demand to the imported material that waits for it.
 * @throws {Fault} KMSInvalidStateException when none does.
 */
export function rotatedToPending(key: Key, now: Date): Key {
  const next = pendingOf(key, now);
  if (!next) throw new Fault("KMSInvalidStateException", `No available key material pending rotation for the key: ${key.arn}.`);
  return rotatedOnDemand(withoutPending(key), next, now);
}

/** A replica still knows what its primary key waits for. */
const withoutBytesPending = (key: Key, pending: Material): Key =>
  isReplica(key) ? { ...key, pending: bytesGone(pending) } : withoutPending(key);

function withoutPending({ pending: _, ...key }: Key): Key {
  return key;
}

/**
 * The key without the bytes of a material, the current one unless another is named, and the id of that; the same key when they are gone
 * already. What is only pending leaves nothing behind.
 * @throws {Fault} NotFoundException when the key never had a material with this id.
 */
export function withoutImported(key: Key, id: string | undefined): { readonly key: Key; readonly material?: Material } {
  const { pending } = key;
  if (pending && pending.id === id) return { key: withoutBytesPending(key, pending), material: pending };
  const material = id === undefined ? key.materials.at(-1) : key.materials.find((one) => one.id === id);
  if (!material && id === undefined) return { key };
  // AWS's text is UNVERIFIED.
  if (!material) throw new Fault("NotFoundException", `Key material '${id}' does not exist`);
  return { key: stripped(key, (one) => one === material), material };
}

function stripped(key: Key, chosen: (material: Material) => boolean): Key {
  if (!key.materials.some((one) => chosen(one) && one.wrapped !== undefined)) return key;
  return { ...key, materials: key.materials.map((one) => (chosen(one) ? bytesGone(one) : one)) };
}

function bytesGone({ wrapped: _, imported = {}, ...kept }: Material): Material {
  const { expires: __, ...said } = imported;
  return { ...kept, imported: said };
}

/** The key without the bytes of every material that has expired; the same key when there are none. */
export function withoutExpired(key: Key, now: Date): Key {
  const { pending } = key;
  const left = pending?.wrapped !== undefined && !isPresent(pending, now) ? withoutBytesPending(key, pending) : key;
  return stripped(left, (material) => !isPresent(material, now));
}

/** When the first of the materials that the key cannot do without expires, as long as it is there. */
export const earliestExpiryOf = ({ materials }: Pick<Key, "materials">): Date | undefined =>
  materials
    .flatMap(({ imported }) => imported?.expires ?? [])
    .reduce<Date | undefined>((one, other) => (one && one < other ? one : other), undefined);

/** When the next material of the key expires that is still stored, one that waits for a rotation too. */
export const expiryDateOf = ({ materials, pending }: Key): Date | undefined =>
  earliestExpiryOf({ materials: pending ? [...materials, pending] : materials });

/** @param expires when a material does. */
export const expirationModelOf = (expires: Date | undefined) =>
  expires === undefined ? ("KEY_MATERIAL_DOES_NOT_EXPIRE" as const) : ("KEY_MATERIAL_EXPIRES" as const);

/** What lists of a key's materials say of an imported one; nothing of one that KMS made. */
export function importShown(key: Key, material: Material, now: Date) {
  if (key.origin !== "EXTERNAL") return {};
  const present = isPresent(material, now);
  const { expires, description } = material.imported ?? {};
  return {
    KeyMaterialDescription: description,
    ImportState: present ? ("IMPORTED" as const) : ("PENDING_IMPORT" as const),
    ...(present && { ExpirationModel: expirationModelOf(expires), ValidTo: expires }),
  };
}
