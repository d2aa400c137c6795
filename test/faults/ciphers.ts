import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import type { Stage } from "./act.ts";

/** A ciphertext that somebody was given. */
export interface Cipher {
  readonly keyId: string;
  readonly blob: Uint8Array | undefined;
  readonly plaintext: string;
}

export async function encrypted(stage: Stage, keyId: string): Promise<Cipher> {
  const plaintext = `plaintext of ${stage.name}`;
  const { CiphertextBlob: blob } = await stage.asks("Encrypt", (client) =>
    client.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from(plaintext) })),
  );
  return { keyId, blob, plaintext };
}

/** Says what does not decrypt to what was encrypted. */
export async function requireDecrypts(stage: Stage, ciphers: readonly Cipher[]): Promise<void> {
  for (const { keyId, blob, plaintext } of ciphers) {
    const { Plaintext = [] } = await stage.asks("Decrypt", (client) => client.send(new DecryptCommand({ CiphertextBlob: blob })));
    if (Buffer.from(Plaintext).toString() !== plaintext) stage.wrong(`A ciphertext under ${keyId} decrypts to something else.`);
  }
}

/** The error that a key, or one of its ciphertexts, is refused with. */
export const refusedToDecrypt = (stage: Stage, { blob }: Cipher): Promise<string | undefined> =>
  stage.refusal("Decrypt", (client) => client.send(new DecryptCommand({ CiphertextBlob: blob })));
