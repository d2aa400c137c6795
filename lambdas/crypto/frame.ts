/**
 * Writes a list of parts as one byte string, so that no two lists share one: the number of parts, then each with its length before it.
 * Numbers are 32-bit big-endian; a string counts as its UTF-8 bytes.
 *
 * @throws {RangeError} when a string is not well-formed Unicode: its UTF-8 bytes would be those of another.
 */
export function frame(parts: readonly (string | Uint8Array)[]): Buffer {
  let size = 4;
  for (const part of parts) size += 4 + (typeof part === "string" ? Buffer.byteLength(part) : part.length);

  const framed = Buffer.allocUnsafe(size);
  let at = framed.writeUInt32BE(parts.length, 0);
  for (const part of parts) {
    const start = at + 4;
    if (typeof part === "string") {
      if (!part.isWellFormed()) throw new RangeError("A part is not well-formed Unicode.");
      at = start + framed.write(part, start);
    } else {
      framed.set(part, start);
      at = start + part.length;
    }
    framed.writeUInt32BE(at - start, start - 4);
  }
  return framed;
}
