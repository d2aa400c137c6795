import type { Client } from "./client.ts";
import { npm } from "./kits.ts";

const version = "5.0.2";

export const encryptionSdkJs: Client = {
  name: "AWS Encryption SDK for JavaScript",
  version,
  quick: true,
  ...npm({ "@aws-crypto/client-node": version }, "encryption-sdk.mjs"),
  does: [...["encrypt and decrypt, strict", "decrypt by discovery", "decrypt by the second of two keys", "encrypt in frames of 1 KiB"]],
  refuses: [
    ...["decrypt by a stranger", "decrypt by a key that has no data key in the message", "decrypt of a spoilt message"],
    "decrypt with a disabled key",
  ],
};
