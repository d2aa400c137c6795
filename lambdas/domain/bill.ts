/** A month's bill: what was used, at list prices. */
import { FREE_REQUESTS, KEY_MONTH, MILLION_CALLS, PAID_ROTATIONS, type PriceClass, REQUEST_PRICES } from "./price.ts";

/** What was used in one Region; hours are those of keys, fractions included. */
export interface Usage {
  readonly region: string;
  readonly calls: Readonly<Partial<Record<PriceClass, number>>>;
  readonly keyHours: number;
  readonly rotationHours: number;
}

export interface BillLine {
  readonly item: string;
  readonly quantity: number;
  readonly unit: "requests" | "key-months";
  /** In US dollars. */
  readonly amount: number;
}

export interface Bill {
  /** `yyyy-mm`, UTC. */
  readonly month: string;
  readonly account: string;
  readonly lines: readonly BillLine[];
  /** What AWS would ask, in US dollars. */
  readonly total: number;
  /** What the same calls cost on AWS under Trent, by ingress; on a machine of one's own a call costs nothing. */
  readonly trent: Readonly<Record<keyof typeof MILLION_CALLS, number>>;
}

const HOUR = 3_600_000;

export interface Month {
  readonly name: string;
  readonly start: Date;
  /** The first instant after it. */
  readonly end: Date;
}

/** @param text `yyyy-mm`. @returns undefined when it is no month. */
export function monthOf(text: string): Month | undefined {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  return {
    name: text,
    start: new Date(Date.UTC(Number(year), Number(month) - 1, 1)),
    end: new Date(Date.UTC(Number(year), Number(month), 1)),
  };
}

/** A key, as far as it is paid for. */
export interface BilledKey {
  /** Undefined: before the month. */
  readonly created: Date | undefined;
  /** When its materials after the first came. */
  readonly rotated: readonly Date[];
  /** From when it has been pending deletion, or gone; what was cancelled does not count. */
  readonly until: Date | undefined;
}

/** The hours of a month, as far as it has passed, that a key and its rotations are paid for. */
export function hoursOf({ created, rotated, until }: BilledKey, { start, end }: Month, now: Date) {
  const last = Math.min(end.getTime(), now.getTime(), until?.getTime() ?? Number.POSITIVE_INFINITY);
  const since = (date: Date | undefined): number => Math.max(0, last - Math.max(start.getTime(), date?.getTime() ?? 0)) / HOUR;
  const paid = rotated.toSorted((one, other) => one.getTime() - other.getTime()).slice(0, PAID_ROTATIONS);
  return { keyHours: since(created), rotationHours: paid.reduce((hours, date) => hours + since(date), 0) };
}

/** The bill of an account, over all its Regions. */
export function billOf(account: string, month: Month, usages: readonly Usage[]): Bill {
  const hoursInMonth = (month.end.getTime() - month.start.getTime()) / HOUR;
  const months = (of: "keyHours" | "rotationHours"): number => sum(usages.map((usage) => usage[of])) / hoursInMonth;
  const keys = (item: string, quantity: number): BillLine => ({ item, quantity, unit: "key-months", amount: quantity * KEY_MONTH });
  const lines = [keys("Customer managed keys", months("keyHours")), keys("Rotations", months("rotationHours"))];
  for (const [name, { title, perTenThousand }] of Object.entries(REQUEST_PRICES)) {
    const quantity = sum(usages.map(({ calls }) => calls[name as PriceClass] ?? 0));
    const paid = name === "requests" ? Math.max(0, quantity - FREE_REQUESTS) : quantity;
    lines.push({ item: title, quantity, unit: "requests", amount: (paid * perTenThousand) / 10_000 });
  }
  const calls = sum(lines.filter(({ unit }) => unit === "requests").map(({ quantity }) => quantity));
  return {
    month: month.name,
    account,
    lines: lines.filter(({ quantity }) => quantity > 0),
    total: sum(lines.map(({ amount }) => amount)),
    trent: { rest: (calls * MILLION_CALLS.rest) / 1e6, "function-url": (calls * MILLION_CALLS["function-url"]) / 1e6 },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
