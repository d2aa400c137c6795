import { isList, isMembers, type Json, readJson } from "./json.ts";

/**
 * The document as GetKeyPolicy answers it: re-serialised and indented, members and values in their order.
 *
 * The shape is that of Jackson's default pretty printer: a space on both sides of a colon, members on lines of their own, lists on one.
 * Formatting twice changes nothing. Refuses what {@link readJson} refuses.
 */
export function formatPolicy(text: string): string {
  return print(readJson(text), "\n");
}

/** @param line the line break and indentation of the object that holds the value. */
export function print(value: Json, line: string): string {
  if (isList(value)) return value.length === 0 ? "[ ]" : `[ ${value.map((entry) => print(entry, line)).join(", ")} ]`;
  if (isMembers(value)) {
    if (value.size === 0) return "{ }";
    const inner = `${line}  `;
    const members = Array.from(value, ([name, member]) => `${inner}${JSON.stringify(name)} : ${print(member, inner)}`);
    return `{${members.join(",")}${line}}`;
  }
  return typeof value === "object" && value !== null ? value.digits : JSON.stringify(value);
}
