import type { Client } from "./client.ts";
import { python } from "./kits.ts";

const version = "1.16.1";

export const tink: Client = {
  name: "Tink for Python",
  version,
  quick: true,
  ...python([`tink[awskms]==${version}`], "tink-envelope.py"),
  does: [
    ...["encrypt and decrypt by the key itself", "encrypt and decrypt an envelope", "keep a keyset and read it"],
    "decrypt under the keyset that was read",
  ],
  refuses: ["decrypt by a stranger", "decrypt with other associated data", "read a keyset under a disabled key"],
};
