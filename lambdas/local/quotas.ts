import { listQuotaRequests, listQuotas, type OpenRequest, type QuotaList, type QuotaRequests } from "#operator/quota-list";
import { type SetQuota, setQuota } from "#operator/quota-set";
import { operated, print } from "./operate.ts";
import type { Options } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** `trent quota list`: what an account has, and what is usual. */
export async function list(options: Options): Promise<void> {
  const { account, region, quotas } = options;
  const request = { action: "quota-list", account };
  print(await operated(options, region, request, (deps) => listQuotas(deps, quotas, account)), options, listLines);
}

/** `trent quota set NAME VALUE`: a quota of an account, in one Region or in all. */
export async function set(options: Options, name: string, text: string): Promise<void> {
  const { account, region: where } = options;
  const value = valueIn(text);
  const request = { action: "quota-set", account, name, value, where };
  // An account is changed in the home Region, wherever its quota is to hold: a stack is asked in the Region of the AWS profile.
  const answer = await operated(options, undefined, request, (deps) => setQuota(deps, { name, value, account, where }));
  print(answer, options, setLines);
}

/** `trent quota requests`: what accounts have asked for, and do not have yet. */
export async function requests(options: Options): Promise<void> {
  const { region, quotas } = options;
  print(await operated(options, region, { action: "quota-requests" }, (deps) => listQuotaRequests(deps, quotas)), options, requestLines);
}

/** `default`: what holds for everybody. */
function valueIn(text: string): number | undefined {
  if (text === "default") return undefined;
  if (/^\d{1,10}(\.\d{1,4})?$/.test(text)) return Number(text);
  throw new UsageError(`quota set: ${text} is not a value: give a number, or default.`);
}

const shown = (value: number | null): string => (value === null ? "unlimited" : String(value));

const listLines = ({ account, region, quotas }: QuotaList): readonly string[] => [
  `account  ${account}`,
  `region   ${region}`,
  ...quotas.map(
    ({ name, code, value, usual }) =>
      `${name.padEnd(42)} ${shown(value).padStart(10)}  ${value === usual ? "" : `usually ${shown(usual)}  `}${code}`,
  ),
];

const setLines = ({ account, name, value, region }: SetQuota): readonly string[] => [
  `account  ${account}`,
  `quota    ${name}`,
  `value    ${value ?? "as for everybody"}`,
  `region   ${region === "*" ? "all" : region}`,
  "Servers and functions take it up within seconds.",
];

const requestLine = ({ account, name, value, desired, requester, created }: OpenRequest): string =>
  `${account}  ${name}  has ${shown(value)}, asks for ${desired}  ${created}  ${requester}`;

const requestLines = ({ region, requests: open }: QuotaRequests): readonly string[] => [
  `region   ${region}`,
  ...(open.length > 0 ? open.map(requestLine) : ["Nobody asks for anything."]),
];
