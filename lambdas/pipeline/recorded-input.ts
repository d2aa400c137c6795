import { lowerFirst } from "#wire/decode";
import { type Shape, type StructureShape, shapeOf } from "#wire/shape";
import { HIDDEN } from "./record.ts";

/**
 * The input that a record is of: what `recordOf` wrote down, read back by the operation's shape.
 *
 * What is in no record is missing, and the bytes that an operation takes are none.
 */
export function inputOf(shape: StructureShape, kept: unknown): Readonly<Record<string, unknown>> {
  const members = Object.entries(shape.fields).map(([member, field]): [string, unknown] => {
    const held = (kept as Readonly<Record<string, unknown>> | undefined)?.[lowerFirst(member)];
    // Operations that find their key in a ciphertext look for one.
    return [member, shapeOf(field).kind === "blob" ? new Uint8Array() : heldAs(shapeOf(field), held)];
  });
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function heldAs(shape: Shape, kept: unknown): unknown {
  if (kept === undefined || kept === null) return undefined;
  switch (shape.kind) {
    case "timestamp":
      return new Date(kept as number);
    case "list":
      return (kept as readonly unknown[]).map((element) => heldAs(shape.of, element));
    case "map":
      return new Map(Object.entries(kept as Readonly<Record<string, string>>));
    case "structure":
      return inputOf(shape, kept);
    default:
      return kept;
  }
}

/** The members of an operation's input that are in no record, whatever was sent. */
export const unrecordedIn = ({ fields }: StructureShape): readonly string[] =>
  Object.entries(fields).flatMap(([member, field]) => {
    const shape = shapeOf(field);
    const secret = shape.kind === "blob" || (shape.kind === "string" && shape.sensitive === true) || HIDDEN.has(member);
    return secret ? [member] : [];
  });
