/** The ids of temporary access keys: `ASIA`, then the account in eight letters, so that anybody's key tells whose it is, then eight random ones. */
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LETTERS = 8;
const ID = /^ASIA([A-Z2-7]{8})[A-Z2-7]{8}$/;
const ACCOUNTS = 10 ** 12;

/** Random bytes that an id takes. */
export const SESSION_KEY_BYTES = LETTERS;

export function sessionKeyId(account: string, random: Uint8Array): string {
  let left = Number(account);
  let letters = "";
  for (let i = 0; i < LETTERS; i += 1) {
    letters = BASE32.charAt(left % 32) + letters;
    left = Math.floor(left / 32);
  }
  return `ASIA${letters}${Array.from(random.subarray(0, LETTERS), (byte) => BASE32[byte % 32]).join("")}`;
}

export const isSessionKeyId = (id: string): boolean => ID.test(id);

/** The account in the id of a temporary access key; undefined when it is none. */
export function accountInKeyId(id: string): string | undefined {
  const [, letters] = ID.exec(id) ?? [];
  if (letters === undefined) return undefined;
  const account = Array.from(letters).reduce((sum, letter) => sum * 32 + BASE32.indexOf(letter), 0);
  return account < ACCOUNTS ? String(account).padStart(12, "0") : undefined;
}
