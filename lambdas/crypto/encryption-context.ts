/** An encryption context that has no canonical form. The text never holds a name or a value. */
export class ContextError extends Error {
  override readonly name = "ContextError";
}

const MOST_BYTES = 8192;

/**
 * The one byte string that stands for an encryption context, whatever the order of its pairs: their number, then for each name and value,
 * each with its length before it, by ascending UTF-8 bytes of the name. Numbers are 16-bit big-endian. Unicode is not normalised.
 *
 * Of ASCII pairs that fit 8,192 characters as JSON, every set fits here too.
 *
 * @throws {ContextError} when a string is not well-formed Unicode, and when the form would be longer than 8,192 bytes.
 */
export function canonicalContext(context: ReadonlyMap<string, string>): Buffer {
  let size = 2;
  const pairs: { readonly name: Buffer; readonly value: string }[] = [];
  for (const [name, value] of context) {
    if (!name.isWellFormed() || !value.isWellFormed()) throw new ContextError("The encryption context is not well-formed Unicode.");
    size += 4 + Buffer.byteLength(name) + Buffer.byteLength(value);
    if (size > MOST_BYTES) throw new ContextError(`The encryption context is longer than ${MOST_BYTES} bytes.`);
    pairs.push({ name: Buffer.from(name), value });
  }
  if (pairs.length > 1) pairs.sort((a, b) => Buffer.compare(a.name, b.name));

  const canonical = Buffer.allocUnsafe(size);
  let at = canonical.writeUInt16BE(pairs.length, 0);
  for (const { name, value } of pairs) {
    at = canonical.writeUInt16BE(name.length, at);
    at += name.copy(canonical, at);
    const written = canonical.write(value, at + 2);
    at = canonical.writeUInt16BE(written, at) + written;
  }
  return canonical;
}
