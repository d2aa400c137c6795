import { resolve } from "node:path";
import { rotateDomainKeysIn } from "./domain-rotation.ts";
import { print, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";

/** `trent domain rotate`: other domain keys in the place of those of materials and secrets. */
export async function domainKeysRotated(options: Options): Promise<void> {
  if (options.table.kind !== "sqlite")
    throw new UsageError("domain rotate is for a data folder: servers on DynamoDB may keep what they read for longer than it waits.");
  const answer = await withStore(options, undefined, (deps) => rotateDomainKeysIn(resolve(options.data), deps));
  print(answer, options, ({ domainKeys, items }) => [
    `rotated: ${items} items were wrapped anew, and ${domainKeys} former domain keys are destroyed`,
    "what was deleted until now opens no more, but in a backup, which has the domain keys of its own time",
  ]);
}
