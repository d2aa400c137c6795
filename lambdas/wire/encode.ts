import { base64Of } from "./base64.ts";
import { type Fields, type Shape, type StructureShape, shapeOf } from "./shape.ts";

/**
 * The JSON form of a value: only declared members, in alphabetical order, absent ones left out.
 *
 * Blobs are base64, timestamps seconds with milliseconds as a number, maps objects.
 * @see AWS JSON 1.1 protocol (Smithy). KMS sends members sorted.
 */
export function jsonOf(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "blob":
      return base64Of(value as Uint8Array);
    case "timestamp":
      return (value as Date).getTime() / 1000;
    case "list":
      return (value as readonly unknown[]).map((element) => jsonOf(shape.of, element));
    case "map":
      return Object.fromEntries(value as ReadonlyMap<string, string>);
    case "structure": {
      const json: Record<string, unknown> = {};
      for (const [member, of] of sorted(shape)) {
        const sent = (value as Record<string, unknown>)[member];
        if (sent !== undefined) json[member] = jsonOf(of, sent);
      }
      return json;
    }
    default:
      return value;
  }
}

const orders = new WeakMap<Fields, readonly (readonly [string, Shape])[]>();
function sorted({ fields }: StructureShape): readonly (readonly [string, Shape])[] {
  let order = orders.get(fields);
  if (!order) {
    order = Object.keys(fields)
      .sort()
      .map((member) => [member, shapeOf(fields[member] as Fields[string])] as const);
    orders.set(fields, order);
  }
  return order;
}
