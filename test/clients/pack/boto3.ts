import type { Client } from "./client.ts";
import { python } from "./kits.ts";

const version = "1.43.11";

export const boto3: Client = {
  name: "AWS SDK for Python (boto3)",
  version,
  quick: true,
  ...python([`boto3==${version}`], "boto3-client.py"),
  does: [
    ...["create_key", "encrypt and decrypt", "generate_data_key", "generate_mac and verify_mac", "create_grant and revoke_grant"],
    "list_keys by paginator",
  ],
  refuses: ["decrypt without the grant", "decrypt of a spoilt ciphertext", "encrypt with a disabled key"],
};
