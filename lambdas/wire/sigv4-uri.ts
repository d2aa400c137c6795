/** RFC 3986's unreserved characters as they are, and every other byte as `%XX` in upper case: the one encoding that SigV4 knows. */
const ENCODED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
});
const PLAIN = /^[\w.~-]*$/;
/** What makes a part of a query something other than its own bytes. */
const CODED = /[%+\u0080-\uffff]/;

/** Takes a string of one character a byte. */
function encoded(bytes: string): string {
  if (PLAIN.test(bytes)) return bytes;
  let text = "";
  for (let i = 0; i < bytes.length; i += 1) text += ENCODED[bytes.charCodeAt(i)];
  return text;
}

/** The value of a hexadecimal digit, or -1. */
function digit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Undoes the encoding of a part of a query, to one character a byte.
 *
 * As form decoding does, so that what was signed and what is read are the same: `+` is a space, and a `%` that starts no escape is itself.
 */
function decoded(text: string): string {
  if (!CODED.test(text)) return text;
  const bytes = Buffer.from(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    let byte = bytes[i];
    if (byte === 0x2b) byte = 0x20;
    else if (byte === 0x25) {
      const high = digit(bytes[i + 1]);
      const low = digit(bytes[i + 2]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    bytes[length++] = byte as number;
  }
  return bytes.toString("latin1", 0, length);
}

export type Pair = readonly [name: string, value: string];

/** The parts of a query in the order sent, decoded to one character a byte; a name without a value has an empty one. */
export function pairsOf(query: string): Pair[] {
  return query.split("&").map((pair) => {
    const equal = pair.indexOf("=");
    return equal < 0 ? [decoded(pair), ""] : [decoded(pair.slice(0, equal)), decoded(pair.slice(equal + 1))];
  });
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A query as it is signed: each part decoded and encoded anew, sorted by encoded name, then value; without the one named, if any. */
export function canonicalQuery(query: string, without?: string): string {
  if (query === "") return "";
  return pairsOf(query)
    .filter(([name]) => name !== without)
    .map(([name, value]): Pair => [encoded(name), encoded(value)])
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/**
 * A path as it is signed for every service but S3: dot segments and empty ones resolved, then what was sent encoded once more.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalPath(path: string): string {
  if (path === "/" || path === "") return "/";
  const segments: string[] = [];
  for (const segment of Buffer.from(path).toString("latin1").split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(encoded(segment));
  }
  const start = path.startsWith("/") ? "/" : "";
  const end = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return `${start}${segments.join("/")}${end}`;
}
