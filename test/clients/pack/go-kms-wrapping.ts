import type { Client } from "./client.ts";
import { go } from "./kits.ts";

const version = "2.0.11";

export const goKmsWrapping: Client = {
  name: "go-kms-wrapping awskms (Vault's seal)",
  version,
  quick: false,
  ...go(
    { "github.com/hashicorp/go-kms-wrapping/wrappers/awskms/v2": version, "github.com/hashicorp/go-kms-wrapping/v2": "2.0.18" },
    "go-kms-wrapping.go",
  ),
  does: [
    ...["configure the seal, which describes its key", "seal a root key", "unseal it"],
    "unseal what was stored, in another process's place",
  ],
  refuses: ["configure the seal as a stranger", "configure the seal with no key", "unseal with a spoilt data key"],
};
