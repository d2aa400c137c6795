import type { Client } from "./client.ts";
import { python } from "./kits.ts";

const version = "1.45.11";

export const awsCli: Client = {
  name: "AWS CLI v1",
  version,
  quick: true,
  ...python([`awscli==${version}`], "aws-cli.sh"),
  does: [
    ...["create-key with tags", "create-alias", "encrypt and decrypt with a context", "generate-data-key", "sign and verify"],
    ...["list-keys, one a page", "enable-key-rotation"],
  ],
  refuses: ["decrypt by a stranger", "decrypt with another context", "encrypt with a disabled key"],
};
