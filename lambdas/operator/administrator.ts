import { randomInt } from "node:crypto";
import { randomBytes, secretKey } from "@trent/crypto";
import { partitionOf } from "#domain/arn";
import { ID_BYTES, uniqueId } from "#domain/entity-id";
import { managedPolicyArn } from "#domain/managed-policies";
import type { User } from "#domain/user";
import { Conflict, type Shared } from "#store";

/** The name of an account's first administrator. */
export const ADMINISTRATOR = "administrator";

/** Twelve digits, the first of them not 0, which too many tools lose. */
export const randomAccount = (): string => String(randomInt(100_000_000_000, 1_000_000_000_000));

export const administratorArn = (home: string, account: string, name: string): string =>
  `arn:${partitionOf(home)}:iam::${account}:user/${name}`;

/** An access key of an administrator, whole: the secret is shown once and kept nowhere but sealed. */
export interface AdministratorKey {
  readonly account: string;
  readonly userArn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface AdministratorOptions {
  readonly shared: Shared;
  readonly home: string;
  readonly account: string;
  readonly name: string;
  readonly now: Date;
  /** Is given the key before the first row that makes it valid: what it keeps may turn out to be of no use, but is never missing. */
  readonly keep?: (key: AdministratorKey) => void;
}

/**
 * Makes a user who may do everything in an account, and its access key; the account too, if it is not there.
 *
 * The user's row comes last and decides who was first: of any number at once, one is answered the key, and the others undefined, as when there
 * has been such a user before. A crash at any point leaves an administrator, or none whose key works.
 */
export async function makeAdministrator(options: AdministratorOptions): Promise<AdministratorKey | undefined> {
  const { shared, home, account, name, now, keep } = options;
  const { principals } = shared;
  if (await principals.user(account, name)) return undefined;
  const id = uniqueId("AKIA", randomBytes(ID_BYTES));
  const secretAccessKey = randomBytes(30).toString("base64");
  const user: User = {
    account,
    name,
    path: "/",
    id: uniqueId("AIDA", randomBytes(ID_BYTES)),
    arn: administratorArn(home, account, name),
    created: now,
    inline: [],
    attached: [managedPolicyArn(home, "AdministratorAccess")],
    accessKeys: [{ id, active: true, created: now }],
    groups: [],
    tags: new Map(),
    version: 0,
  };
  const key: AdministratorKey = { account, userArn: user.arn, accessKeyId: id, secretAccessKey };
  keep?.(key);
  await principals.createAccessKey({ id, account, user: name, userId: user.id }, secretKey(Buffer.from(secretAccessKey)));
  if (!(await principals.account(account)))
    await principals.createAccount({ id: account, name: account, created: now, version: 0 }).catch(unlessTaken);
  try {
    await principals.createUser(user);
    return key;
  } catch (cause) {
    unlessTaken(cause);
    return undefined;
  }
}

function unlessTaken(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}
