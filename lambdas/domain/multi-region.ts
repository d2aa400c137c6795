/**
 * Multi-Region keys: keys of one id in several Regions, which share material, kind and rotation, and have everything else for themselves.
 *
 * What they share is the primary key's to change. Each Region keeps a whole key of its own, so a call looks at nothing beyond its Region; what
 * changed goes the round by `Root`, which the primary's Region writes, and `Member`, which each replica's Region writes of itself.
 * @see AWS KMS Developer Guide, "Multi-Region keys in AWS KMS"
 */
import { keyArn } from "./arn.ts";
import { Fault } from "./fault.ts";
import type { Key, Material, MultiRegion, Replica, Wish } from "./key.ts";

/** What related keys share, as the Region of the primary key has written it. */
export interface Root extends Pick<Key, "id" | "account" | "spec" | "usage" | "origin" | "rotation" | "pending" | "materials"> {
  readonly primary: string;
  /** How often the primary key has moved. */
  readonly epoch: number;
  /** The Region that wrote this: the primary's, or, when it has just moved, the one before. */
  readonly writer: string;
  readonly replicas: readonly Replica[];
  readonly promotion?: MultiRegion["promotion"];
  /** Goes up with every change: who has taken in a later one takes in no earlier one. */
  readonly revision: number;
}

/** What a Region says of its replica. */
export interface Member {
  /** Without the bytes of its materials. */
  readonly key: Key;
  /** The wish that it was made by. */
  readonly wish: string;
  /** It was deleted. */
  readonly gone: boolean;
  readonly version: number;
}

export const isPrimary = ({ multiRegion, region }: Pick<Key, "multiRegion" | "region">): boolean => multiRegion?.primary === region;
export const isReplica = (key: Key): boolean => key.multiRegion !== undefined && !isPrimary(key);
export const replicasOf = ({ multiRegion }: Pick<Key, "multiRegion">): readonly Replica[] => multiRegion?.replicas ?? [];

/** That of a key nobody has replicated. */
export const primaryIn = (region: string): MultiRegion => ({ primary: region, replicas: [], epoch: 0, revision: 0 });

/** @throws {Fault} UnsupportedOperationException, AWS's text */
export function requirePrimary(key: Key): void {
  if (!isPrimary(key)) throw new Fault("UnsupportedOperationException", `${key.arn} is not a multi-region primary key.`);
}

/** Refuses to change for a replica what it shares with its primary key. @throws {Fault} UnsupportedOperationException */
export function requireNoReplica(key: Key): void {
  if (isReplica(key)) requirePrimary(key);
}

/** The key, with a replica that is to be made. @throws {Fault} AlreadyExistsException; its text is UNVERIFIED */
export function withReplica(key: Key, region: string, wish: Wish): Key {
  const { multiRegion = primaryIn(key.region) } = key;
  if (region === key.region || multiRegion.replicas.some((one) => one.region === region)) {
    throw new Fault("AlreadyExistsException", `${keyArn(region, key.account, key.id)} already exists.`);
  }
  return { ...key, multiRegion: { ...multiRegion, replicas: [...multiRegion.replicas, { region, wish }] } };
}

/** Refuses to hand a key over to a Region that is none of its replicas'. @throws {Fault} NotFoundException */
export function requireReplicaIn(key: Key, region: string): void {
  if (!replicasOf(key).some((one) => one.region === region))
    throw new Fault("NotFoundException", `Key '${keyArn(region, key.account, key.id)}' does not exist`);
}

/** A replica of this Region's primary key, as it is just after it was asked for. */
export function replicaOf(key: Key, region: string): Key {
  const wish = replicasOf(key).find((one) => one.region === region)?.wish;
  if (!wish) throw new Error("The replica has been made.");
  return replicaFrom({ ...rootOf(key), revision: 0 }, region, wish);
}

/** A replica as its primary key has asked for it: it is being made. */
export function replicaFrom(root: Root, region: string, wish: Wish): Key {
  const { id, account, spec, usage, origin, rotation } = root;
  return {
    ...{ id, account, region, spec, usage, origin, arn: keyArn(region, account, id), manager: "CUSTOMER", enabled: true, version: 0 },
    ...{ description: wish.description, policy: wish.policy, principals: wish.principals, tags: wish.tags, created: wish.created },
    ...(rotation && { rotation }),
    materials: [],
    imposed: "Creating",
    multiRegion: { ...relationsIn(root, region), revision: 0, wish: wish.id },
  };
}

/** A key, made the primary one in the place of this Region's: from now on this Region changes nothing that is shared, and waits for the other. */
export function handedOver(key: Key, to: string, promotion: MultiRegion["promotion"]): Key {
  const { primary, replicas, epoch, revision } = key.multiRegion ?? primaryIn(key.region);
  const others = replicas.map((one) => (one.region === to ? { region: primary } : one));
  return {
    ...key,
    imposed: "Updating",
    multiRegion: { primary: to, replicas: others, epoch: epoch + 1, revision, ...(promotion && { promotion }) },
  };
}

/** Says whether a replica that was to become the primary key went before it heard of that, so that it never will. */
export const isRefused = ({ epoch }: Root, heir: Member | undefined): boolean =>
  heir?.gone === true && (heir.key.multiRegion?.epoch ?? 0) < epoch;

/** A key that was handed over to a replica which went before it heard of that: the primary one again. */
export function takenBack(key: Key): Key {
  const { imposed, multiRegion = primaryIn(key.region), ...kept } = key;
  const { promotion: _, ...relations } = multiRegion;
  const replicas = relations.replicas.filter(({ region }) => region !== key.region);
  return {
    ...kept,
    ...(imposed && imposed !== "Updating" && { imposed }),
    multiRegion: { ...relations, primary: key.region, replicas, epoch: relations.epoch + 1 },
  };
}

/** What the related keys of a key are to learn of it. */
export const rootOf = (key: Key): Omit<Root, "revision"> => {
  const { primary, replicas, epoch, promotion } = key.multiRegion ?? primaryIn(key.region);
  const { id, account, spec, usage, origin, rotation, pending, materials } = key;
  return {
    ...{ id, account, spec, usage, origin, primary, replicas, epoch, writer: key.region },
    ...(rotation && { rotation }),
    ...(promotion && { promotion }),
    ...(pending && { pending: bare(pending) }),
    materials: materials.map(bare),
  };
};

/** A material without its bytes, and without what is one Region's affair. */
function bare({ wrapped: _, untold: __, shared: ___, imported, ...material }: Material): Material {
  const { expires: ____, ...said } = imported ?? {};
  return { ...material, ...(imported && { imported: said }) };
}

const relationsIn = ({ primary, replicas, epoch, revision, promotion }: Root, region: string): MultiRegion => ({
  primary,
  // What is asked for in other Regions is theirs to know.
  replicas: primary === region ? replicas : replicas.map((one) => ({ region: one.region })),
  epoch,
  revision,
  ...(promotion && { promotion }),
});

/**
 * A Region's key as the primary's Region has it, by a root that is later than what it has taken in; the key itself when it is not.
 * @param bytes of material that KMS made, by id: the Regions share them.
 */
export function taken(key: Key, root: Root, bytes: ReadonlyMap<string, Material>): Key {
  const { multiRegion = primaryIn(key.region), rotation: _, pending: __, imposed, ...own } = key;
  if (root.revision <= multiRegion.revision) return key;
  const known = [...key.materials, ...(key.pending ? [key.pending] : [])];
  const here = (material: Material): Material => {
    const held = known.find(({ id }) => id === material.id);
    return root.origin === "EXTERNAL"
      ? { ...material, ...bytesOf(held), ...importedOf(material, held) }
      : { ...material, ...bytesOf(bytes.get(material.id) ?? held) };
  };
  // Updating is over once the new primary's Region has spoken.
  const ended = imposed === "Updating" && root.writer === root.primary;
  return {
    ...own,
    ...(imposed && !ended && { imposed }),
    ...(root.rotation && { rotation: root.rotation }),
    ...(root.pending && { pending: here(root.pending) }),
    materials: root.materials.map(here),
    multiRegion: { ...relationsIn(root, key.region), ...(multiRegion.wish !== undefined && { wish: multiRegion.wish }) },
  };
}

/** The key with bytes that were wrapped anew since; the key itself where it has none that are older. */
export function rewrappedAs(key: Key, bytes: ReadonlyMap<string, Material>): Key {
  const isOld = ({ id, shared, domainKey }: Material) => shared === true && domainKey < (bytes.get(id)?.domainKey ?? 0);
  const anew = (material: Material): Material => (isOld(material) ? { ...material, ...bytesOf(bytes.get(material.id)) } : material);
  if (![...key.materials, ...(key.pending ? [key.pending] : [])].some(isOld)) return key;
  return { ...key, materials: key.materials.map(anew), ...(key.pending && { pending: anew(key.pending) }) };
}

const bytesOf = (held: Material | undefined): Partial<Material> =>
  held?.wrapped === undefined ? {} : { wrapped: held.wrapped, domainKey: held.domainKey, ...(held.shared && { shared: true as const }) };

function importedOf({ imported }: Material, held: Material | undefined): Partial<Material> {
  const expires = held?.imported?.expires;
  return { imported: { ...imported, ...(expires && { expires }) } };
}

/** A replica that its primary key can know of: it is made. */
export function made(key: Key): Key {
  const { imposed, unshared: _, ...kept } = key;
  return { ...kept, ...(imposed && imposed !== "Creating" && { imposed }) };
}

/** The primary key after what the Regions of its replicas have said of them; the key itself when nothing follows from that. */
export function settled(key: Key, members: ReadonlyMap<string, Member>, now: Date): Key {
  return endingWaits(rotatedEverywhere(withKnown(key, members), members, now), now);
}

/** Replicas that were made are wished for no more, and those that are gone are none. */
function withKnown(key: Key, members: ReadonlyMap<string, Member>): Key {
  const { multiRegion } = key;
  if (!multiRegion) return key;
  const replicas = multiRegion.replicas.flatMap((replica): readonly Replica[] => {
    const member = members.get(replica.region);
    const isOf = member && (replica.wish === undefined || replica.wish.id === member.wish);
    if (!isOf) return [replica];
    return member.gone ? [] : replica.wish ? [{ region: replica.region }] : [replica];
  });
  const isSame = replicas.length === multiRegion.replicas.length && replicas.every((one, index) => one === multiRegion.replicas[index]);
  return isSame ? key : { ...key, multiRegion: { ...multiRegion, replicas } };
}

/** "AWS KMS … does not use the new key material until it is available in the primary and all of its replica keys." */
function rotatedEverywhere(key: Key, members: ReadonlyMap<string, Member>, now: Date): Key {
  const { pending, ...rest } = key;
  if (!pending || key.origin === "EXTERNAL" || !isEverywhere(key, members)) return key;
  return { ...rest, materials: [...key.materials, { ...pending, created: now, untold: true }] };
}

/** Says whether every replica has the material that is pending. */
export const isEverywhere = ({ pending, ...key }: Key, members: ReadonlyMap<string, Member>): boolean =>
  pending !== undefined && replicasOf(key).every(({ region }) => holds(members.get(region), pending.id));

const holds = (member: Member | undefined, id: string): boolean =>
  member !== undefined &&
  !member.gone &&
  [...member.key.materials, ...(member.key.pending ? [member.key.pending] : [])].some((one) => one.id === id && one.wrapped !== undefined);

const DAY = 86_400_000;
/** Of a waiting period, in days. */
const SHORTEST = 7;

/** The waiting period of a primary key begins when its last replica is gone. */
function endingWaits(key: Key, now: Date): Key {
  const { imposed, deletionWindow, ...rest } = key;
  if (imposed !== "PendingReplicaDeletion" || replicasOf(key).length > 0 || deletionWindow === undefined) return key;
  return { ...rest, deletionDate: new Date(now.getTime() + deletionWindow * DAY) };
}

/**
 * A replica that its primary key has made the primary one. A key that is on its way out waits, as a primary key does, until it has no replicas:
 * nobody else can look after them.
 */
export function promoted(key: Key, root: Root, bytes: ReadonlyMap<string, Material>, now: Date): Key {
  const moved = taken(key, root, bytes);
  const { deletionDate, ...kept } = moved;
  if (!deletionDate || replicasOf(moved).length === 0) return moved;
  const left = Math.ceil((deletionDate.getTime() - now.getTime()) / DAY);
  return { ...kept, imposed: "PendingReplicaDeletion", deletionWindow: Math.max(SHORTEST, left) };
}

/** As DescribeKey shows it. @see AWS KMS API Reference, "MultiRegionConfiguration" */
export function configurationOf({ multiRegion, account, id, region: own }: Key) {
  if (!multiRegion) return undefined;
  const shown = (region: string) => ({ Arn: keyArn(region, account, id), Region: region });
  return {
    MultiRegionKeyType: multiRegion.primary === own ? ("PRIMARY" as const) : ("REPLICA" as const),
    PrimaryKey: shown(multiRegion.primary),
    ReplicaKeys: multiRegion.replicas.map(({ region }) => shown(region)),
  };
}
