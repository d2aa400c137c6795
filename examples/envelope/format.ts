/** The format of a sealed file; README.md has it in words. */
import { type FileHandle, open } from "node:fs/promises";

/** Bytes of plaintext in every block but the last. */
export const BLOCK_BYTES = 65_536;
export const TAG_BYTES = 16;
/** Goes into the record of each call, and a key policy may ask for it. */
export const CONTEXT = { format: "envelope-1" };

const MAGIC = Buffer.from("ENVELOP1");
const LENGTH_BYTES = 2;

/** The bytes that stand before the blocks: the magic, and the data key as KMS has encrypted it. */
export function headerOf(encryptedKey: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(encryptedKey.length);
  return Buffer.concat([MAGIC, length, encryptedKey]);
}

/** Reads the header of a sealed file, and the encrypted data key in it. */
export async function readHeader(path: string): Promise<{ readonly header: Buffer; readonly encryptedKey: Buffer }> {
  const file = await open(path);
  try {
    const start = await readExactly(file, 0, MAGIC.length + LENGTH_BYTES);
    if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error("This is no sealed file.");
    const encryptedKey = await readExactly(file, start.length, start.readUInt16BE(MAGIC.length));
    return { header: Buffer.concat([start, encryptedKey]), encryptedKey };
  } finally {
    await file.close();
  }
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new Error("This is no sealed file.");
  return buffer;
}

/**
 * The nonce of a block: its number, then whether it is the last.
 *
 * A data key seals one file, so no nonce comes twice under it; and a file that was cut off ends with a block that does not open as the last.
 */
export function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce.writeUInt8(last ? 1 : 0, 11);
  return nonce;
}

export interface Block {
  readonly number: number;
  readonly bytes: Buffer;
  readonly last: boolean;
}

/** Cuts a stream into blocks of `size` bytes. The last may be shorter; there always is one, of no bytes if the stream has none. */
export async function* blocksOf(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Block> {
  let held = Buffer.alloc(0);
  let number = 0;
  for await (const piece of source) {
    held = Buffer.concat([held, piece]);
    // A full block is kept until more comes: it may be the last.
    for (; held.length > size; held = held.subarray(size)) yield { number: number++, bytes: held.subarray(0, size), last: false };
  }
  yield { number, bytes: held, last: true };
}
