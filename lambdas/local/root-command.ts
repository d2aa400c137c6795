import { exportRoot } from "#operator/root-export";
import { withStore } from "./operate.ts";
import type { Options } from "./options.ts";

const WARNING = `Whoever has this root key and a copy of the database has every key in it, for good. Print it once, for a safe where the
database is not; where it was shown, logged or piped through, it stays. TRENT_ROOT_KEY takes it back.
`;

/** `trent root export`: the root key on standard output, and what that means on standard error. */
export async function exported(options: Options): Promise<void> {
  const { rootKey } = await withStore(options, undefined, exportRoot);
  process.stderr.write(WARNING);
  process.stdout.write(options.json ? `${JSON.stringify({ rootKey })}\n` : `${rootKey}\n`);
}
