import { type Bill, billOf, type Month, monthOf, type Usage } from "#domain/bill";
import { Refusal } from "#operator/act";
import { usageOf } from "#operator/usage";
import { listedAccounts } from "./accounts.ts";
import { invoke, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";

/** `trent bill`: what AWS would have asked for a month, by account, and what the same calls cost on AWS under Trent. */
export async function bill(options: Options): Promise<void> {
  const month = monthIn(options.month ?? new Date().toISOString().slice(0, 7));
  const accounts = options.account === undefined ? (await listedAccounts(options)).map(({ account }) => account) : [options.account];
  const bills = await asking(options, month, (usages) =>
    Promise.all(accounts.map(async (account) => billOf(account, month, await usages(account)))),
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ bills })}\n`);
  else process.stdout.write(`${(options.csv ? csvLines(bills) : bills.flatMap(tableLines)).join("\n")}\n`);
}

function monthIn(text: string): Month {
  const month = monthOf(text);
  if (!month) throw new UsageError(`--month ${text} is not a month: give one as 2026-01.`);
  return month;
}

/** What an account used, in every Region in which there is something. */
type Usages = (account: string) => Promise<readonly Usage[]>;

/** Opens the store once for all that is asked, or asks each Region's function. */
function asking<T>(options: Options, { name }: Month, work: (usages: Usages) => Promise<T>): Promise<T> {
  const { stack, region: only } = options;
  const regions = only === undefined ? options.regions : [only];
  const over =
    (usage: (region: string, account: string) => Promise<Usage>): Usages =>
    async (account) => {
      const found: Usage[] = [];
      for (const region of regions) {
        const one = await usage(region, account).catch(isNothing);
        if (one) found.push(one);
      }
      return found;
    };
  if (stack === undefined)
    return withStore(options, undefined, (deps) => work(over((region, account) => usageOf({ ...deps, region }, name, account))));
  return work(over(async (region, account) => (await invoke(stack, region, { action: "usage", month: name, account })) as Usage));
}

/** Nobody has called this Region, or nothing is deployed there. */
function isNothing(cause: unknown): undefined {
  if (cause instanceof Refusal || (cause instanceof Error && cause.name === "ResourceNotFoundException")) return undefined;
  throw cause;
}

function tableLines({ month, account, lines, total, trent }: Bill): readonly string[] {
  const row = (item: string, quantity: string, amount: string): string =>
    `${item.padEnd(42)}${quantity.padStart(14)}${amount.padStart(14)}`;
  return [
    row(`account ${account}, ${month}`, "", "US$ at AWS"),
    ...lines.map(({ item, quantity, unit, amount }) => row(`${item} (${unit})`, quantityOf(quantity, unit), amount.toFixed(4))),
    row("total", "", total.toFixed(4)),
    row("the same calls by Trent on AWS", "REST API", trent.rest.toFixed(4)),
    row("", "function URL", trent["function-url"].toFixed(4)),
    "",
  ];
}

function csvLines(bills: readonly Bill[]): readonly string[] {
  return [
    "month,account,item,quantity,unit,usd",
    ...bills.flatMap(({ month, account, lines }) =>
      lines.map(({ item, quantity, unit, amount }) =>
        [month, account, item, quantityOf(quantity, unit), unit, amount.toFixed(6)].join(","),
      ),
    ),
  ];
}

const quantityOf = (quantity: number, unit: string): string => (unit === "requests" ? String(quantity) : quantity.toFixed(4));
