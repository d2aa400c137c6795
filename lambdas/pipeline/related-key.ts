import { isMultiRegion } from "#domain/arn";
import type { Key } from "#domain/key";
import { replicaFrom, requirePrimary } from "#domain/multi-region";
import type { Regional } from "#store";

/** A replica of this Region's primary key, as far as its Region has told of it. @throws {Fault} UnsupportedOperationException for any other key's */
export async function relatedKey(id: string, region: string, { keys, multiRegion }: Regional): Promise<Key | undefined> {
  const own = await keys.get(id);
  if (!own) return undefined;
  requirePrimary(own);
  const member = await multiRegion.member(id, region);
  return member?.gone ? undefined : member?.key;
}

/** A replica that was asked for in this Region, which has not taken it up yet. */
export async function announcedKey(id: string, region: string, { multiRegion }: Regional): Promise<Key | undefined> {
  const root = isMultiRegion(id) ? await multiRegion.root(id) : undefined;
  const wish = root?.replicas.find((one) => one.region === region)?.wish;
  if (!root || !wish) return undefined;
  const member = await multiRegion.member(id, region);
  return member?.gone && member.wish === wish.id ? undefined : replicaFrom(root, region, wish);
}
