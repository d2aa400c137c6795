import { Fault } from "./fault.ts";
import { RESOURCE_QUOTAS } from "./quota-resources.ts";

export interface Tag {
  readonly TagKey: string;
  readonly TagValue: string;
}

/** The tags by name, as conditions ask for them. */
export const byName = (tags: readonly Tag[]): ReadonlyMap<string, string> =>
  new Map(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]));
export const namesOf = (tags: readonly Tag[]): readonly string[] => tags.map(({ TagKey }) => TagKey);

/**
 * The tags after these were added: a name that is there already takes the new value.
 * @throws {Fault} TagException
 */
export function withTags(
  tags: ReadonlyMap<string, string>,
  added: readonly Tag[],
  most: number = RESOURCE_QUOTAS.TagsPerKey,
): ReadonlyMap<string, string> {
  if (new Set(added.map((tag) => tag.TagKey)).size < added.length) throw new Fault("TagException", "Duplicate tag keys");
  if (added.some((tag) => tag.TagKey.toLowerCase().startsWith("aws:")))
    throw new Fault("TagException", "Tags beginning with aws: are reserved");
  const all = new Map(tags);
  for (const { TagKey, TagValue } of added) all.set(TagKey, TagValue);
  if (all.size > most) throw new Fault("TagException", "Too many tags");
  return all;
}

/** The tags without these names; names that are not there do not matter. */
export function withoutTags(tags: ReadonlyMap<string, string>, names: readonly string[]): ReadonlyMap<string, string> {
  const kept = new Map(tags);
  for (const name of names) kept.delete(name);
  return kept;
}
