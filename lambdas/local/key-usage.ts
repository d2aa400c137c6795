import { type KeyUsage, keyUsage } from "#operator/key-usage";
import { operated, print, regionIn } from "./operate.ts";
import type { Options } from "./options.ts";

/** `trent key usage KEY`: who used a key in the last 30 days. */
export async function usage(options: Options, key: string): Promise<void> {
  const region = options.region ?? regionIn(key);
  print(await operated(options, region, { action: "key-usage", key }, (deps) => keyUsage(deps, key)), options, lines);
}

const lines = ({ key, since, users }: KeyUsage): readonly string[] => [
  `key      ${key}`,
  `since    ${since}`,
  ...users.flatMap(({ caller, calls, last }) => [
    `used by  ${caller}`,
    `  last   ${last}`,
    `  calls  ${Object.entries(calls)
      .map(([name, times]) => `${name} ${times}`)
      .join(", ")}`,
  ]),
  ...(users.length === 0 ? ["Nobody has used it."] : []),
];
