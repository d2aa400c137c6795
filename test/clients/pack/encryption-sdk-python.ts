import type { Client } from "./client.ts";
import { python } from "./kits.ts";

const version = "4.0.7";

export const encryptionSdkPython: Client = {
  name: "AWS Encryption SDK for Python",
  version,
  quick: false,
  ...python([`aws-encryption-sdk[MPL]==${version}`], "encryption-sdk-python.py"),
  does: [
    ...["encrypt and decrypt by a keyring", "decrypt by discovery", "decrypt by a master key provider"],
    "encrypt and decrypt a stream",
  ],
  refuses: ["decrypt by a stranger", "decrypt of a spoilt message", "decrypt with a disabled key"],
};
