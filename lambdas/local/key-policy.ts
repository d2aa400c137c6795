import { partitionOf } from "#domain/arn";
import { consoleKeyPolicy, type KeyAskedFor } from "#domain/policy/console-policy";
import { parsePolicy } from "#domain/policy/document";
import { keySpec, keyUsage, origin } from "#wire/members";
import { withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";

/** `trent key-policy`: prints the policy that AWS's console makes, for CreateKey or PutKeyPolicy. The store is asked only for the account. */
export async function keyPolicy(options: Options): Promise<void> {
  const { administrators, users, json } = options;
  for (const [option, names] of Object.entries({ administrators, users })) for (const name of names) requirePrincipal(option, name);
  const { account, region } = options.account === undefined ? await storeOf(options) : { account: options.account, region: options.region };
  const partition = partitionOf(region ?? "");
  const policy = consoleKeyPolicy({ account, partition, administrators, users }, keyIn(options));
  process.stdout.write(`${json ? JSON.stringify(JSON.parse(policy)) : policy}\n`);
}

const storeOf = (options: Options) => withStore(options, options.region, async ({ region }, { account }) => ({ account, region }));

function keyIn({ spec, usage, origin: from, multiRegion }: Options): KeyAskedFor {
  requireOneOf("spec", spec, keySpec.values);
  requireOneOf("origin", from, origin.values);
  const used = usage ?? USUAL.find(([specs]) => specs.test(spec))?.[1];
  if (used === undefined) throw new UsageError(`--usage: say what a key of the spec ${spec} is for.`);
  requireOneOf("usage", used, keyUsage.values);
  return { spec, usage: used, origin: from, multiRegion };
}

/** The usage of specs that have one. */
const USUAL: readonly (readonly [RegExp, string])[] = [
  [/^SYMMETRIC_DEFAULT$/, "ENCRYPT_DECRYPT"],
  [/^HMAC_/, "GENERATE_VERIFY_MAC"],
  [/^ML_DSA_/, "SIGN_VERIFY"],
];

function requireOneOf(option: string, value: string, values: readonly string[] = []): void {
  if (!values.includes(value)) throw new UsageError(`--${option} ${value}: use ${values.join(", ")}.`);
}

/** Whether there is such a principal is for the operation to say that is given the policy. */
function requirePrincipal(option: string, name: string): void {
  const statement = { Effect: "Allow", Principal: { AWS: name }, Action: "kms:*", Resource: "*" };
  try {
    parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), "key");
  } catch {
    throw new UsageError(`--${option} ${name} is not a principal: give ARNs of users, roles or accounts, several with commas.`);
  }
}
