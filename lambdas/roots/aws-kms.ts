/**
 * A root key file that is worth nothing without a key of AWS KMS, or of whatever speaks its API: each half is encrypted under that key, and
 * decrypted by it at every start. Who may start Trent is then decided, and recorded, there.
 * @see AWS KMS API Reference, Encrypt and Decrypt
 */
import { DecryptCommand, EncryptCommand, KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { secretKey } from "@trent/crypto";
import { type Halves, type Keeping, RootUnusable, type Stored } from "./root.ts";

/**
 * Halves that are encrypted under a KMS key: an ARN, whose Region is asked, or an id or alias in the Region of the SDK's settings.
 * Credentials and endpoint are those of the AWS SDK (`AWS_ENDPOINT_URL_KMS` …).
 */
export function underKmsKey(keyId: string, settings: KMSClientConfig = {}): Keeping {
  const region = /^arn:[^:]+:kms:([^:]+):/.exec(keyId)?.[1];
  const ask = async <T>(question: (client: KMSClient) => Promise<T>): Promise<T> => {
    const client = new KMSClient({ ...(region !== undefined && { region }), ...settings });
    try {
      return await question(client);
    } catch (cause) {
      const { name, message } = cause as Error;
      throw new RootUnusable(`The KMS key ${keyId} does not serve as root: ${name}: ${message.split("\n")[0]}`);
    } finally {
      client.destroy();
    }
  };

  return {
    protection: "aws-kms",

    kept: (halves) =>
      ask(async (client) => {
        const encrypted = async (half: keyof Halves) => {
          const bytes = halves[half].export();
          try {
            const command = new EncryptCommand({ KeyId: keyId, Plaintext: bytes, EncryptionContext: contextOf(half) });
            const { CiphertextBlob: blob } = await client.send(command);
            if (blob === undefined) throw new Error("it answers Encrypt without a CiphertextBlob");
            return Buffer.from(blob).toString("base64");
          } finally {
            bytes.fill(0);
          }
        };
        return { control: await encrypted("control"), material: await encrypted("material") };
      }),

    opened: (stored: Stored) =>
      ask(async (client) => {
        const decrypted = async (half: keyof Halves) => {
          const blob = Buffer.from(stored[half], "base64");
          const command = new DecryptCommand({ KeyId: keyId, CiphertextBlob: blob, EncryptionContext: contextOf(half) });
          return secretKey((await client.send(command)).Plaintext ?? new Uint8Array());
        };
        return { control: await decrypted("control"), material: await decrypted("material") };
      }),
  };
}

const contextOf = (half: keyof Halves) => ({ "trent:root": half });
