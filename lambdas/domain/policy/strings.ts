import { isList, type Json } from "./json.ts";
import { malformed } from "./malformed.ts";

/** The values of an element that takes one string or a list of them. Refuses anything else. */
export function stringsOf(element: Json): readonly string[] {
  const values = isList(element) ? element : [element];
  return values.map((value) => {
    if (typeof value !== "string") throw malformed();
    return value;
  });
}
