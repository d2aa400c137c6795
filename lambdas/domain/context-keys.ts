import { isList, isMembers, type Json, readJson } from "./policy/json.ts";
import { readPassedIn } from "./simulation.ts";

/**
 * The condition keys that policies ask for, in conditions and as variables, as they are written, each once.
 * @throws {Fault} InvalidInputException
 */
export function contextKeysIn(documents: readonly string[]): readonly string[] {
  const names = new Map<string, string>();
  const found = (name: string) => {
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  };
  for (const document of documents) {
    readPassedIn(document, "identity");
    const statements = membersOf(readJson(document)).get("Statement");
    for (const statement of listOf(statements)) {
      for (const operator of membersOf(membersOf(statement).get("Condition")).values())
        for (const key of membersOf(operator).keys()) found(key);
      for (const text of stringsIn(statement)) for (const [, key = ""] of text.matchAll(VARIABLE)) found(key);
    }
  }
  return [...names.values()];
}

/** `${key}` or `${key, 'default'}`; what stands for a single character names none. */
const VARIABLE = /\$\{\s*([^*?$,}\s][^,}\s]*)\s*(?:,[^}]*)?\}/g;

const NONE: ReadonlyMap<string, Json> = new Map();
const membersOf = (value: Json | undefined): ReadonlyMap<string, Json> => (value !== undefined && isMembers(value) ? value : NONE);
const listOf = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : isList(value) ? value : [value]);

function stringsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isList(value)) return value.flatMap(stringsIn);
  return isMembers(value) ? Array.from(value.values()).flatMap(stringsIn) : [];
}
