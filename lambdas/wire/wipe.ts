import { type Field, type StructureShape, shapeOf } from "./shape.ts";

/** Overwrites the sensitive blobs of an input or an output with zeros: what was decoded does not wait for the garbage collector. Its base64 in the request does. */
export function wipe(shape: StructureShape | undefined, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [member, field] of Object.entries(shape?.fields ?? {})) {
    const held = (value as Record<string, unknown>)[member];
    const of = shapeOf(field as Field);
    if (of.kind === "blob" && of.sensitive && held instanceof Uint8Array) held.fill(0);
  }
}
