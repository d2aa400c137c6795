/**
 * A root key file that is worth nothing without a passphrase: whoever copies the data folder has to guess it.
 *
 * The halves are random, and wrapped under a key that scrypt makes of the passphrase and a salt in the file: N = 2^17, r = 8, p = 1, which is
 * 128 MiB of memory and some tenths of a second for each guess.
 * @see RFC 7914; OWASP Password Storage Cheat Sheet, "scrypt"
 */
import { readFileSync, statSync } from "node:fs";
import { DecryptionError, passphraseKey, randomBytes, type ScryptCost, unwrapKey, wrapKey } from "@trent/crypto";
import { type Keeping, RootUnusable, type Stored } from "./root.ts";

const COST = { cost: 2 ** 17, blockSize: 8, parallelization: 1 };
/** What a file may ask for: less was never written, more may be some day, and nothing may ask for all of the memory. */
const MOST = 2 ** 20;
const SALT_LENGTH = 16;
const SHORTEST = 12;

/** Halves that are wrapped under a passphrase. */
export const underPassphrase = (passphrase: string): Keeping => ({
  protection: "passphrase",

  async kept({ control, material }) {
    if (passphrase.length < SHORTEST)
      throw new RootUnusable(`The passphrase has fewer than ${SHORTEST} characters: it protects every key there is, so take a long one.`);
    const salt = randomBytes(SALT_LENGTH);
    const key = await passphraseKey(passphrase, { ...COST, salt });
    const wrapped = (half: "control" | "material", secret: typeof control) => wrapKey(key, secret, boundTo(half)).toString("base64");
    const scrypt = { ...COST, salt: salt.toString("base64") };
    return { scrypt, control: wrapped("control", control), material: wrapped("material", material) };
  },

  async opened(stored) {
    const key = await passphraseKey(passphrase, costIn(stored));
    const half = (name: "control" | "material") => unwrapKey(key, Buffer.from(stored[name], "base64"), boundTo(name));
    try {
      return { control: half("control"), material: half("material") };
    } catch (cause) {
      if (cause instanceof DecryptionError) throw new RootUnusable("The passphrase does not open the root key.");
      throw cause;
    }
  },
});

const boundTo = (half: string) => ["root", half];

function costIn({ scrypt }: Stored): ScryptCost {
  const { cost, blockSize, parallelization, salt } = (scrypt ?? {}) as Readonly<Record<string, unknown>>;
  const bytes = Buffer.from(typeof salt === "string" ? salt : "", "base64");
  const known = typeof cost === "number" && cost >= COST.cost && cost <= MOST && Number.isInteger(Math.log2(cost));
  if (!known || blockSize !== COST.blockSize || parallelization !== COST.parallelization || bytes.length !== SALT_LENGTH)
    throw new RootUnusable("The root key file does not say how its passphrase was used.");
  return { ...COST, cost, salt: bytes };
}

/**
 * The passphrase in a variable, or in the file that `<variable>_FILE` names, without the line's end.
 * @throws {RootUnusable}
 */
export function passphraseIn(environment: Readonly<Record<string, string | undefined>>, variable = "TRENT_PASSPHRASE"): string {
  const [passphrase, path] = [environment[variable], environment[`${variable}_FILE`]];
  if (passphrase !== undefined) return present(passphrase, variable);
  if (path === undefined) throw new RootUnusable(`There is no passphrase: set ${variable}_FILE, or ${variable}.`);
  let text: string;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o007) !== 0)
      throw new RootUnusable(`${path} can be read by everybody (mode ${(mode & 0o777).toString(8)}): chmod 600 it.`);
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof RootUnusable) throw cause;
    throw new RootUnusable(`${path} cannot be read: ${(cause as Error).message}.`);
  }
  return present(text.replace(/\r?\n$/, ""), path);
}

/** Nothing at all would protect as much. */
function present(passphrase: string, where: string): string {
  if (passphrase === "") throw new RootUnusable(`The passphrase in ${where} is empty.`);
  return passphrase;
}
