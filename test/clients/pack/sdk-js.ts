import type { Client } from "./client.ts";
import { npm } from "./kits.ts";

const version = "3.1164.0";

export const sdkJs: Client = {
  name: "AWS SDK for JavaScript v3",
  version,
  quick: true,
  ...npm({ "@aws-sdk/client-kms": version }, "sdk-js.mjs"),
  does: ["encrypt and decrypt", "reEncrypt to another key", "generateDataKeyPair", "sign, and verify at home", "listKeys by paginator"],
  refuses: ["decrypt by a stranger", "decrypt of a spoilt ciphertext", "describeKey of no key"],
};
