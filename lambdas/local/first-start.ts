import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes, secretKey } from "@trent/crypto";
import { partitionOf } from "#domain/arn";
import { managedPolicyArn } from "#domain/managed-policies";
import type { User } from "#domain/user";
import { Conflict, type Shared } from "#store";

export const ADMINISTRATOR = "administrator";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** An id as IAM makes them: a prefix that tells the kind, and random characters of base 32. */
const uniqueId = (prefix: string, length: number): string =>
  prefix + Array.from({ length: length - prefix.length }, () => BASE32[randomInt(32)]).join("");

/** Twelve digits, the first of them not 0, which too many tools lose. */
export const randomAccount = (): string => String(randomInt(100_000_000_000, 1_000_000_000_000)).slice(0, 12);

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
  const { principals } = shared;
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  if (!(await principals.user(account, ADMINISTRATOR))) {
    const id = uniqueId("AKIA", 20);
    const secret = Buffer.from(randomBytes(30).toString("base64"));
    writeFileSync(draftOf(profile, id), `[trent]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`, {
      mode: 0o600,
      flush: true,
    });
    const user: User = {
      account,
      name: ADMINISTRATOR,
      path: "/",
      id: uniqueId("AIDA", 21),
      arn: `arn:${partitionOf(home)}:iam::${account}:user/${ADMINISTRATOR}`,
      created: now,
      inline: [],
      attached: [managedPolicyArn(home, "AdministratorAccess")],
      accessKeys: [{ id, active: true, created: now }],
      version: 0,
    };
    await principals.createAccessKey({ id, account, user: ADMINISTRATOR }, secretKey(secret));
    await principals.createAccount({ id: account, name: account, created: now, version: 0 }).catch(ignoreConflict);
    try {
      await principals.createUser(user);
    } catch (cause) {
      rmSync(draftOf(profile, id), { force: true });
      ignoreConflict(cause);
    }
  }
  const user = await principals.user(account, ADMINISTRATOR);
  for (const { id } of user?.accessKeys ?? [])
    if (existsSync(draftOf(profile, id))) renameSync(draftOf(profile, id), credentialsIn(profile));
}

export const credentialsIn = (profile: string): string => join(profile, "credentials");
const draftOf = (profile: string, accessKeyId: string): string => join(profile, `credentials.${accessKeyId}`);

function ignoreConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
