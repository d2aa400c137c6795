import { UsageError } from "./usage-error.ts";

/** A value in a seed file, and where it stands: `keys[0].id`. All scalars are texts, as they are written. */
export interface Place {
  readonly at: string;
  readonly value: unknown;
}

/** The members of a mapping that are there. @throws {UsageError} when it is none, or has others than these. */
export function membersOf<const N extends string>({ at, value }: Place, known: readonly N[]): { readonly [name in N]?: Place } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(at, `has to be a mapping of ${known.join(", ")}.`);
  const members = Object.entries(value).map(([name, member]) => [name, { at: at === "" ? name : `${at}.${name}`, value: member }] as const);
  for (const [name, member] of members)
    if (!known.includes(name as N)) throw wrong(member.at, `is not known here; there are ${known.join(", ")}.`);
  return Object.fromEntries(members) as { readonly [name in N]?: Place };
}

/** The elements of a list; none where there is no list. @throws {UsageError} */
export function elementsOf(place: Place | undefined): readonly Place[] {
  if (!place) return [];
  const { at, value } = place;
  if (!Array.isArray(value)) throw wrong(at, "has to be a list.");
  return value.map((element, index) => ({ at: `${at}[${index}]`, value: element }));
}

/** A text that looks like this. @throws {UsageError} which does not repeat it: it may be a secret. */
export function textAt({ at, value }: Place, pattern: RegExp, said: string): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw wrong(at, `has to be ${said}.`);
}

/** @throws {UsageError} */
export function choiceAt<const C extends string>(place: Place, choices: readonly C[]): C {
  const found = choices.find((choice) => choice === place.value);
  if (found === undefined) throw wrong(place.at, `has to be one of ${choices.join(", ")}.`);
  return found;
}

export const wrong = (at: string, said: string): UsageError => new UsageError(at === "" ? `the file ${said}` : `${at} ${said}`);
