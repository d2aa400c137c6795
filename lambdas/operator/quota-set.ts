import { QUOTAS } from "#domain/quota-catalogue";
import { rateIn, WrongQuota } from "#domain/quota-file";
import type { QuotaProfile, Rate } from "#domain/quota-profiles";
import { isResource } from "#domain/quota-values";
import { REGIONS } from "#domain/regions";
import { meanwhile, type OperatorDeps, Refusal, recorded } from "./act.ts";
import { openHome } from "./home.ts";

/** What an account is to have. */
export interface Setting {
  /** Of the quota, or its code in Service Quotas. */
  readonly name: string;
  /** Undefined: what holds for everybody. */
  readonly value: number | undefined;
  /** By default the account that the store was made with. */
  readonly account?: string | undefined;
  /** By default all of them. */
  readonly where?: string | undefined;
}

export interface SetQuota {
  readonly account: string;
  readonly name: string;
  /** Null: what holds for everybody. */
  readonly value: number | null;
  /** `*`: all of which nothing else was said. */
  readonly region: string;
}

/**
 * Sets a quota of an account: requests a second, or how much there may be of a resource. Servers and functions take it up when they next read
 * the account: at once, or when what they have read of it is too old.
 * @throws {Refusal}
 */
export async function setQuota(deps: OperatorDeps, { name: named, value, account: id, where = "*" }: Setting): Promise<SetQuota> {
  const quota = QUOTAS.find(({ name, code }) => name === named || code === named);
  if (!quota) throw new Refusal(`There is no quota ${JSON.stringify(named.slice(0, 100))}; quota list names them.`);
  const { name } = quota;
  if (value !== undefined) requireValue(name, value);
  if (where !== "*" && !REGIONS.includes(where)) throw new Refusal(`${JSON.stringify(where.slice(0, 100))} is not the name of a Region.`);
  const { shared, first, log } = await openHome(deps);
  const account = await shared.principals.account(id ?? first);
  if (!account) throw new Refusal(`There is no account ${id ?? first}.`);
  const { quotas: before = {}, ...others } = account;
  const quotas = withQuota(before, name, where, value);
  const changed = { ...others, ...(Object.keys(quotas).length > 0 && { quotas }) };

  const details = { accountId: account.id, quota: name, region: where, value: value ?? null };
  await recorded({ log: await log(), account: account.id, event: "SetQuota", details }, deps, (gate) =>
    shared.gated(gate).replaceAccount(account, changed).catch(meanwhile()),
  );
  return { account: account.id, name, value: value ?? null, region: where };
}

function requireValue(name: string, value: number): void {
  if (isResource(name)) {
    if (!(Number.isSafeInteger(value) && value >= 0)) throw new Refusal(`${name} is not a number of things.`);
    return;
  }
  try {
    rateIn(name, value);
  } catch (cause) {
    throw cause instanceof WrongQuota ? new Refusal(`${cause.message}.`) : cause;
  }
}

/** For all Regions it takes the place of what was set for each. */
function withQuota(before: QuotaProfile, name: string, where: string, value: number | undefined): QuotaProfile {
  const { [name]: old, ...others } = before;
  if (where === "*") return value === undefined ? others : { ...others, [name]: value };
  const { [where]: _, ...elsewhere } = typeof old === "object" ? old : old === undefined ? {} : { "*": old };
  const rate: Rate = { ...elsewhere, ...(value !== undefined && { [where]: value }) };
  return Object.keys(rate).length === 0 ? others : { ...others, [name]: rate };
}
