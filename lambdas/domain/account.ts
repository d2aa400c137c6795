import type { GuardRail } from "./policy/guard-rail.ts";
import type { QuotaProfile } from "./quota-profiles.ts";

/** An account: what keys, users and quotas belong to. */
export interface Account {
  readonly id: string;
  readonly name: string;
  /** The name by which people know it. Nothing is found by it. */
  readonly alias?: string;
  readonly created: Date;
  /** When it closes by itself. */
  readonly expires?: Date;
  /** When the operator deleted it. */
  readonly deleted?: Date;
  /** What the operator has set for it, in place of what holds for everybody. */
  readonly quotas?: QuotaProfile;
  /** What the operator lets nobody in it do, or nobody do with what is its own. */
  readonly guardRails?: readonly GuardRail[];
  /** Counts the changes of the stored item; 0 before the first. */
  readonly version: number;
}

/** Only an active account has anybody who can call. */
export type AccountState = "active" | "deleted" | "expired";

/** For so many days the keys of a closed account can be saved, and the account with them. */
export const WAITING_DAYS = 30;
const DAY_MS = 86_400_000;

/** By the item and the time alone: an account is closed at once, before any timer ran. */
export function accountStateOf({ deleted, expires }: Account, now: Date): AccountState {
  if (deleted && deleted.getTime() <= now.getTime()) return "deleted";
  return expires && expires.getTime() <= now.getTime() ? "expired" : "active";
}

/** When it closes, or has closed; undefined when nothing says that it will. */
export function closingOf({ deleted, expires }: Account): Date | undefined {
  const [first] = [deleted, expires].filter((date) => date !== undefined).sort((one, other) => one.getTime() - other.getTime());
  return first;
}

/** Whether there is anything left that could be saved. */
export function canReopen(account: Account, now: Date): boolean {
  const closed = closingOf(account);
  return closed === undefined || now.getTime() - closed.getTime() < WAITING_DAYS * DAY_MS;
}

/** The account as it was before it was to close. What became of its keys meanwhile stays so. */
export const reopened = ({ deleted: _, expires: __, ...account }: Account): Account => account;
