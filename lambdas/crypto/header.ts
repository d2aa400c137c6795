import { TAG_BYTES } from "./gcm.ts";

/** What a ciphertext blob says in the clear. Attacker-controlled until the blob has been opened. */
export interface Header {
  /** Key id: a UUID, or "mrk-" and 32 hex digits; lower-case. */
  readonly key: string;
  /** Material id: 64 lower-case hex digits. */
  readonly material: string;
}

export const NONCE_BYTES = 16;
/** Everything in front of the nonce: it names format, key and material. */
export const NAME_BYTES = 51;
export const HEADER_BYTES = NAME_BYTES + NONCE_BYTES;
export const MOST_PLAINTEXT_BYTES = 4096;

const MARK = 0x54; // "T"
const VERSION = 1;
const SINGLE_REGION = 0;
const MULTI_REGION = 1;
const KEY_AT = 3;
const MATERIAL_AT = 19;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MULTI_REGION_ID = /^mrk-[0-9a-f]{32}$/;
const MATERIAL_ID = /^[0-9a-f]{64}$/;

/**
 * The header of a blob, 67 bytes.
 *
 * @throws {RangeError} when an id or the nonce is not of its form: bytes that `headerOf` would read differently are never written.
 */
export function headerBytes({ key, material }: Header, nonce: Uint8Array): Buffer {
  const multiRegion = MULTI_REGION_ID.test(key);
  if (!multiRegion && !UUID.test(key)) throw new RangeError("A key id is a UUID, or mrk- and 32 hex digits, in lower case.");
  if (!MATERIAL_ID.test(material)) throw new RangeError("A material id is 64 hex digits, in lower case.");
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`A nonce has ${NONCE_BYTES} bytes.`);

  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = MARK;
  header[1] = VERSION;
  header[2] = multiRegion ? MULTI_REGION : SINGLE_REGION;
  header.write(multiRegion ? key.slice(4) : key.replaceAll("-", ""), KEY_AT, "hex");
  header.write(material, MATERIAL_AT, "hex");
  header.set(nonce, NAME_BYTES);
  return header;
}

/**
 * Which key and material a ciphertext blob names, or undefined when the bytes are not a blob of Trent's. Never throws.
 *
 * Attacker-controlled input. There is one encoding of a header: what is read here, written again, gives the same bytes.
 */
export function headerOf(blob: Uint8Array): Header | undefined {
  const plaintextBytes = blob.length - HEADER_BYTES - TAG_BYTES;
  if (plaintextBytes < 1 || plaintextBytes > MOST_PLAINTEXT_BYTES) return undefined;
  if (blob[0] !== MARK || blob[1] !== VERSION) return undefined;

  const names = Buffer.from(blob.buffer, blob.byteOffset, NAME_BYTES);
  const id = names.toString("hex", KEY_AT, MATERIAL_AT);
  const material = names.toString("hex", MATERIAL_AT);
  if (blob[2] === MULTI_REGION) return { key: `mrk-${id}`, material };
  if (blob[2] === SINGLE_REGION) return { key: uuid(id), material };
  return undefined;
}

function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
