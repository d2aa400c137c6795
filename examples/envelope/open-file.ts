import { createDecipheriv } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { DecryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { BLOCK_BYTES, blocksOf, CONTEXT, nonceOf, readHeader, TAG_BYTES } from "./format.ts";

/**
 * Decrypts what `sealFile` has made. `target` comes into being when the last block is verified; before that nothing has its name.
 *
 * Without a key id the blob says whose key it is; with one, a file that was sealed under another key is refused.
 */
export async function openFile(kms: KMSClient, source: string, target: string, KeyId?: string): Promise<void> {
  const { header, encryptedKey } = await readHeader(source);
  const { Plaintext: dataKey } = await kms.send(new DecryptCommand({ KeyId, CiphertextBlob: encryptedKey, EncryptionContext: CONTEXT }));
  if (!dataKey) throw new Error("Decrypt answered no key.");

  async function* opened(ciphertext: AsyncIterable<Buffer>) {
    for await (const { number, bytes, last } of blocksOf(ciphertext, BLOCK_BYTES + TAG_BYTES)) {
      if (bytes.length < TAG_BYTES) throw new Error("The file is cut off.");
      const decipher = createDecipheriv("aes-256-gcm", dataKey as Uint8Array, nonceOf(number, last), { authTagLength: TAG_BYTES });
      decipher.setAAD(header).setAuthTag(bytes.subarray(-TAG_BYTES));
      // `final` throws unless the tag is right: nothing of a block leaves before.
      yield Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
    }
  }

  const unfinished = `${target}.part`;
  try {
    await pipeline(createReadStream(source, { start: header.length }), opened, createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, target);
  } finally {
    dataKey.fill(0);
    await rm(unfinished, { force: true });
  }
}
