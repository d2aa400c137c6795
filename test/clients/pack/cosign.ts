import type { Client } from "./client.ts";
import { goCommand } from "./kits.ts";

const version = "3.1.3";

export const cosign: Client = {
  name: "cosign",
  version,
  quick: false,
  ...goCommand("github.com/sigstore/cosign/v3/cmd/cosign", version, "cosign.sh"),
  does: ["public-key", "sign-blob", "verify-blob by the key", "verify-blob at home", "generate-key-pair, and sign by its alias"],
  refuses: ["verify-blob of another blob", "sign-blob by a stranger"],
};
