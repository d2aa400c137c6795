import { Fault } from "./fault.ts";

/** A tag as IAM writes it. */
export interface EntityTag {
  readonly Key: string;
  readonly Value: string;
}

/** @see IAM User Guide, "IAM and AWS STS quotas". */
const TAGS = 50;

export const tagsByName = (tags: readonly EntityTag[] = []): ReadonlyMap<string, string> =>
  new Map(tags.map(({ Key, Value }) => [Key, Value]));
export const tagNames = (tags: readonly EntityTag[] = []): readonly string[] => tags.map(({ Key }) => Key);
/** What a request that sets tags says under condition keys. */
export const requestTags = {
  "aws:RequestTag/": ({ Tags }: { readonly Tags?: readonly EntityTag[] | undefined }) => tagsByName(Tags),
  "aws:TagKeys": ({ Tags }: { readonly Tags?: readonly EntityTag[] | undefined }) => tagNames(Tags),
} as const;

/** In the order of their names. */
export const tagList = (tags: ReadonlyMap<string, string>): readonly EntityTag[] =>
  Array.from(tags, ([Key, Value]) => ({ Key, Value })).sort((a, b) => (a.Key < b.Key ? -1 : 1));

/**
 * The tags after these were added: a name that is there already, in whatever letter case, takes the new value.
 * @throws {Fault} InvalidInputException; LimitExceededException beyond 50
 */
export function withEntityTags(tags: ReadonlyMap<string, string>, added: readonly EntityTag[]): ReadonlyMap<string, string> {
  const lower = added.map(({ Key }) => Key.toLowerCase());
  if (new Set(lower).size < lower.length)
    throw new Fault("InvalidInputException", "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  // AWS's text is UNVERIFIED.
  if (lower.some((name) => name.startsWith("aws:")))
    throw new Fault("InvalidInputException", "aws: prefixed tag key names are not allowed for external use.");
  const kept = Array.from(tags).filter(([name]) => !lower.includes(name.toLowerCase()));
  const all = new Map([...kept, ...added.map(({ Key, Value }) => [Key, Value] as const)]);
  if (all.size > TAGS) throw new Fault("LimitExceededException", "The number of tags has reached the maximum limit.");
  return all;
}

/** The tags without these names; names that are not there do not matter. */
export function withoutEntityTags(tags: ReadonlyMap<string, string>, names: readonly string[]): ReadonlyMap<string, string> {
  const lower = names.map((name) => name.toLowerCase());
  return new Map(Array.from(tags).filter(([name]) => !lower.includes(name.toLowerCase())));
}
