import type { Client } from "./client.ts";
import { maven } from "./kits.ts";

const version = "2.57.8";

export const sdkJava: Client = {
  name: "AWS SDK for Java v2",
  version,
  quick: false,
  ...maven({ "software.amazon.awssdk:kms": version }, "sdk-java.java"),
  does: ["createKey and describeKey", "encrypt and decrypt", "generateDataKey", "sign, and verify at home", "listKeys by paginator"],
  refuses: ["decrypt by a stranger", "decrypt of a spoilt ciphertext", "encrypt with a disabled key"],
};
