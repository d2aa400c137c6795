import type { Client } from "./client.ts";
import { go } from "./kits.ts";

const version = "1.62.5";

export const sdkGo: Client = {
  name: "AWS SDK for Go v2",
  version,
  quick: false,
  ...go({ "github.com/aws/aws-sdk-go-v2/service/kms": version, "github.com/aws/aws-sdk-go-v2/config": "1.33.16" }, "sdk-go.go"),
  does: ["CreateKey and DescribeKey", "Encrypt and Decrypt", "GenerateDataKey", "Sign, and verify at home", "ListKeys by paginator"],
  refuses: ["Decrypt by a stranger", "Decrypt of a spoilt ciphertext", "Encrypt with a disabled key"],
};
