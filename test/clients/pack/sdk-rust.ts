import type { Client } from "./client.ts";
import { cargo } from "./kits.ts";

const version = "1.129.0";

const exactly = (number: string, ...features: readonly string[]): string =>
  `{ version = "=${number}", default-features = false, features = ${JSON.stringify(features)} }`;

export const sdkRust: Client = {
  name: "AWS SDK for Rust",
  version,
  quick: false,
  ...cargo(
    {
      "aws-sdk-kms": exactly(version, "rt-tokio"),
      "aws-config": exactly("1.13.0", "rt-tokio", "behavior-version-latest"),
      "aws-smithy-http-client": exactly("1.5.2", "default-client", "rt-tokio"),
      tokio: exactly("1.54.1", "macros", "rt"),
    },
    "sdk-rust.rs",
  ),
  does: ["create_key and describe_key", "encrypt and decrypt", "generate_data_key", "sign and verify", "list_keys by paginator"],
  refuses: ["decrypt by a stranger", "decrypt of a spoilt ciphertext", "verify of another message", "encrypt with a disabled key"],
};
