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
    const members = membersOf(readJson(document));
    // Before 2012-10-17 there were no variables: what looks like one is plain text.
    const variables = members.get("Version") === "2012-10-17";
    for (const statement of listOf(members.get("Statement"))) {
      for (const operator of membersOf(membersOf(statement).get("Condition")).values())
        for (const key of membersOf(operator).keys()) found(key);
      if (variables) for (const text of stringsIn(statement)) for (const key of variablesIn(text)) found(key);
    }
  }
  return [...names.values()];
}

/** What stands for a single character, as `${*}` does, names none. */
const NAME = /^[^*?$\s]\S{0,255}$/;

/** Of `${key}` and `${key, 'default'}`. Each letter is looked at once, however the text is made: it is the caller's. */
function* variablesIn(text: string): Generator<string> {
  let end = 0;
  for (let start = text.indexOf("${"); start !== -1; start = text.indexOf("${", end)) {
    end = text.indexOf("}", start);
    if (end === -1) return;
    const name =
      text
        .slice(start + 2, end)
        .split(",", 1)[0]
        ?.trim() ?? "";
    if (NAME.test(name)) yield name;
  }
}

const NONE: ReadonlyMap<string, Json> = new Map();
const membersOf = (value: Json | undefined): ReadonlyMap<string, Json> => (value !== undefined && isMembers(value) ? value : NONE);
const listOf = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : isList(value) ? value : [value]);

function stringsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (isList(value)) return value.flatMap(stringsIn);
  return isMembers(value) ? Array.from(value.values()).flatMap(stringsIn) : [];
}
