import { createCipheriv } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { GenerateDataKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { BLOCK_BYTES, blocksOf, CONTEXT, headerOf, nonceOf } from "./format.ts";

/** Encrypts a file of any size under a data key of its own. KMS sees 32 bytes, however long the file is. */
export async function sealFile(kms: KMSClient, KeyId: string, source: string, target: string): Promise<void> {
  const { Plaintext: dataKey, CiphertextBlob: encryptedKey } = await kms.send(
    new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext: CONTEXT }),
  );
  if (!dataKey || !encryptedKey) throw new Error("GenerateDataKey answered no key.");
  const header = headerOf(encryptedKey);

  async function* sealed(plaintext: AsyncIterable<Buffer>) {
    yield header;
    for await (const { number, bytes, last } of blocksOf(plaintext, BLOCK_BYTES)) {
      const cipher = createCipheriv("aes-256-gcm", dataKey as Uint8Array, nonceOf(number, last)).setAAD(header);
      yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    }
  }

  try {
    await pipeline(createReadStream(source), sealed, createWriteStream(target));
  } finally {
    dataKey.fill(0);
  }
}
