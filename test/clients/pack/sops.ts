import type { Client } from "./client.ts";
import { goCommand } from "./kits.ts";

const version = "3.13.3";

export const sops: Client = {
  name: "SOPS",
  version,
  quick: false,
  ...goCommand("github.com/getsops/sops/v3/cmd/sops", version, "sops.sh"),
  does: ["encrypt a file", "decrypt it", "extract a value", "set a value", "rotate the data key", "encrypt with a context"],
  refuses: ["decrypt by a stranger", "decrypt with another context", "decrypt a spoilt file"],
};
