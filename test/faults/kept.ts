import type { Books, StoredItem } from "./books.ts";
import { type Call, named, of, type Tag } from "./calls.ts";

export interface Kept {
  readonly found: readonly string[];
  /** Keys that were made although nobody learned of it. */
  readonly unclaimed: readonly string[];
}

/**
 * Compares what is stored with what was asked for: every acknowledged change is there, every other one is there wholly or not at all, and
 * nothing is there that nobody asked for.
 *
 * @param apart begins the names of what other checks make and change as they go.
 */
export function wrongInState({ items }: Books, calls: readonly Call[], apart: string): Kept {
  const stored = new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
  const keys = items.filter(({ sk }) => sk === "KEY");
  const unclaimed: string[] = [];
  const found = [...wrongKeys(keys, calls, unclaimed), ...wrongTags(stored, calls), ...wrongAliases(items, calls, apart)];
  return { found, unclaimed };
}

function wrongKeys(keys: readonly StoredItem[], calls: readonly Call[], unclaimed: string[]): string[] {
  const found: string[] = [];
  const asked = new Map(of(calls, "CreateKey").map((call) => [call.deed.description, call]));
  const there = new Set<string>();
  for (const { body } of keys) {
    const call = asked.get(body.description);
    if (!call || there.has(body.description)) {
      found.push(`The key ${body.id} "${body.description}" was asked for ${call ? "once, and is there twice" : "by nobody"}.`);
      continue;
    }
    there.add(body.description);
    if (!call.acknowledged) unclaimed.push(body.id);
    else if (call.acknowledged.keyId !== body.id) found.push(`${named(call)} answered ${call.acknowledged.keyId}, and made ${body.id}.`);
    if (tagsIn(body, call.deed.tags) !== call.deed.tags.length || body.materials.length !== 1 || body.policy === "")
      found.push(`${named(call)} was done in part.`);
  }
  for (const call of asked.values()) if (call.acknowledged && !there.has(call.deed.description)) found.push(`${named(call)} is lost.`);
  return found;
}

function wrongTags(stored: ReadonlyMap<string, StoredItem>, calls: readonly Call[]): string[] {
  const found: string[] = [];
  for (const call of of(calls, "TagResource")) {
    const body = stored.get(`K#${call.deed.keyId} KEY`)?.body;
    const there = body ? tagsIn(body, call.deed.tags) : 0;
    if (call.acknowledged && there === 0) found.push(`${named(call)} is lost.`);
    else if (there !== 0 && there !== call.deed.tags.length) found.push(`${named(call)} was done in part.`);
  }
  return found;
}

function tagsIn({ tags }: { readonly tags: readonly (readonly [string, string])[] }, wanted: readonly Tag[]): number {
  return wanted.filter((tag) => tags.some(([key, value]) => key === tag.TagKey && value === tag.TagValue)).length;
}

function wrongAliases(items: readonly StoredItem[], calls: readonly Call[], apart: string): string[] {
  const found: string[] = [];
  const asked = new Map(of(calls, "CreateAlias").map((call) => [call.deed.alias, call]));
  const there = new Map<string, string>();
  for (const { sk, body } of items) if (sk.startsWith("ALIAS#")) there.set(body.name, body.targetKeyId);
  for (const [name, target] of there) {
    const call = asked.get(name);
    if (call && call.deed.keyId !== target) found.push(`${named(call)} points to ${target}.`);
    if (!call && !name.startsWith(`alias/${apart}`)) found.push(`The alias ${name} was asked for by nobody.`);
  }
  for (const call of asked.values()) if (call.acknowledged && !there.has(call.deed.alias)) found.push(`${named(call)} is lost.`);
  return found;
}
