import { keyArn } from "#domain/arn";
import type { Key, Material, MultiRegion, Replica, RotationType, Schedule } from "#domain/key";

/** A material, in as few letters as there are: a key may have many. */
export interface StoredMaterial {
  readonly id: string;
  readonly w?: string | undefined;
  readonly p?: string | undefined;
  readonly d: number;
  readonly t: number;
  readonly r?: RotationType | undefined;
  readonly u?: 1 | undefined;
  readonly g?: 1 | undefined;
  /** Of an imported one: when it expires, and its description. */
  readonly x?: number | undefined;
  readonly n?: string | undefined;
}

/** A key as its item holds it. */
export function bodyOf(key: Key): string {
  return JSON.stringify({
    id: key.id,
    account: key.account,
    description: key.description,
    spec: key.spec,
    usage: key.usage,
    origin: key.origin,
    manager: key.manager,
    created: key.created.getTime(),
    enabled: key.enabled,
    deletionDate: key.deletionDate?.getTime(),
    imposed: key.imposed,
    deletionWindow: key.deletionWindow,
    multiRegion: key.multiRegion && { ...key.multiRegion, replicas: key.multiRegion.replicas.map(storedReplica) },
    unshared: key.unshared,
    rotation: key.rotation && storedSchedule(key.rotation),
    policy: key.policy,
    principals: Object.entries(key.principals),
    tags: [...key.tags],
    materials: key.materials.map(storedFrom),
    pending: key.pending && storedFrom(key.pending),
  });
}

export const storedFrom = ({
  id,
  wrapped,
  publicKey,
  domainKey,
  created,
  rotation,
  untold,
  imported,
  shared,
}: Material): StoredMaterial => ({
  id,
  w: wrapped,
  p: publicKey,
  d: domainKey,
  t: created.getTime(),
  r: rotation,
  u: untold && 1,
  g: shared && 1,
  x: imported?.expires?.getTime(),
  n: imported?.description,
});

export function keyFrom(body: string, region: string, version: number): Key {
  const { account, id, created, deletionDate, rotation, principals, tags, materials, pending, multiRegion, ...stored } = JSON.parse(body);
  return {
    ...stored,
    id,
    account,
    region,
    arn: keyArn(region, account, id),
    created: new Date(created),
    ...(deletionDate !== undefined && { deletionDate: new Date(deletionDate) }),
    ...(rotation && { rotation: scheduleFrom(rotation) }),
    ...(multiRegion && { multiRegion: relationsFrom(multiRegion) }),
    principals: Object.fromEntries(principals),
    tags: new Map(tags),
    materials: (materials as StoredMaterial[]).map(materialFrom),
    ...(pending && { pending: materialFrom(pending) }),
    version,
  };
}

export const materialFrom = ({
  id,
  w: wrapped,
  p: publicKey,
  d: domainKey,
  t,
  r: rotation,
  u,
  g,
  x,
  n: description,
}: StoredMaterial): Material => ({
  ...{ id, domainKey, created: new Date(t) },
  ...(wrapped !== undefined && { wrapped }),
  ...(publicKey !== undefined && { publicKey }),
  ...(rotation && { rotation }),
  ...(u && { untold: true }),
  ...(g && { shared: true }),
  ...((x !== undefined || description !== undefined) && {
    imported: { ...(x !== undefined && { expires: new Date(x) }), ...(description !== undefined && { description }) },
  }),
});

export const storedSchedule = ({ periodInDays, next }: Schedule): readonly [days: number, next: number] => [periodInDays, next.getTime()];
export const scheduleFrom = ([periodInDays, next]: readonly [number, number]): Schedule => ({ periodInDays, next: new Date(next) });

export function storedReplica({ region, wish }: Replica) {
  if (!wish) return { region };
  const { tags, principals, created, ...said } = wish;
  return { region, wish: { ...said, tags: [...tags], principals: Object.entries(principals), created: created.getTime() } };
}

export function replicaFrom({ region, wish }: ReturnType<typeof storedReplica>): Replica {
  if (!wish) return { region };
  const { tags, principals, created } = wish;
  return { region, wish: { ...wish, tags: new Map(tags), principals: Object.fromEntries(principals), created: new Date(created) } };
}

const relationsFrom = ({
  replicas,
  ...relations
}: Omit<MultiRegion, "replicas"> & { readonly replicas: readonly ReturnType<typeof storedReplica>[] }): MultiRegion => ({
  ...relations,
  replicas: replicas.map(replicaFrom),
});
