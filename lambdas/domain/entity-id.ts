/** The kinds of what has a unique id, by its first four letters. @see IAM User Guide, "Unique identifiers". */
export type IdPrefix = "AIDA" | "AROA" | "AGPA" | "ANPA" | "AKIA";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Random bytes that an id takes. */
export const ID_BYTES = 17;

/** An id as IAM makes them: 21 characters, of an access key 20, of which all but the prefix are random. */
export function uniqueId(prefix: IdPrefix, random: Uint8Array): string {
  const letters = Array.from(random.subarray(0, prefix === "AKIA" ? 16 : ID_BYTES), (byte) => BASE32[byte % 32]);
  return prefix + letters.join("");
}
