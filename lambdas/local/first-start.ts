import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADMINISTRATOR, makeAdministrator } from "#operator/administrator";
import type { Shared } from "#store";

interface Administrator {
  readonly shared: Shared;
  readonly account: string;
  readonly home: string;
  readonly now: Date;
  /** The folder `aws` in the data folder. */
  readonly profile: string;
}

/**
 * Makes the account's administrator and its access key, once.
 *
 * The secret is on the disk, under a name of its own, before the first row that makes it valid; the user's row comes last and decides who was
 * first. So a crash at any point leaves either an administrator whose key is there, or none.
 */
export async function ensureAdministrator({ shared, account, home, now, profile }: Administrator): Promise<void> {
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  await makeAdministrator({
    ...{ shared, account, home, now, name: ADMINISTRATOR },
    keep({ accessKeyId, secretAccessKey }) {
      const lines = ["[trent]", `aws_access_key_id = ${accessKeyId}`, `aws_secret_access_key = ${secretAccessKey}`, ""];
      writeFileSync(draftOf(profile, accessKeyId), lines.join("\n"), { mode: 0o600, flush: true });
    },
  });
  const user = await shared.principals.user(account, ADMINISTRATOR);
  settleDrafts(profile, new Set((user?.accessKeys ?? []).map(({ id }) => draftOf(profile, id))));
}

export const credentialsIn = (profile: string): string => join(profile, "credentials");
const DRAFT = "credentials.";
const draftOf = (profile: string, accessKeyId: string): string => join(profile, DRAFT + accessKeyId);

/** The draft of the key that is valid becomes the profile's; those of starts that were not first, or not finished, hold secrets of nobody. */
function settleDrafts(profile: string, valid: ReadonlySet<string>): void {
  for (const name of readdirSync(profile).filter((file) => file.startsWith(DRAFT))) {
    const draft = join(profile, name);
    try {
      if (valid.has(draft)) renameSync(draft, credentialsIn(profile));
      else rmSync(draft, { force: true });
    } catch (cause) {
      // Another first start has put it in its place meanwhile.
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    }
  }
}
