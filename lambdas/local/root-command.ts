import { statSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { exportRoot } from "#operator/root-export";
import { type RotatedRoot, rotateRoot } from "#operator/root-rotate";
import { endReplacing, replaceRootFile } from "#roots/file";
import { PATIENCE_MS } from "#store/drivers/sqlite-schema";
import { print, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";
import { regionsIn } from "./regions-in.ts";
import { rootFileOf } from "./root.ts";
import { rotatingAlone } from "./rotating-alone.ts";

const WARNING = `Whoever has this root key and a copy of the database has every key in it, for good. Print it once, for a safe where the
database is not; where it was shown, logged or piped through, it stays. TRENT_ROOT_KEY takes it back.
`;

/** `trent root export`: the root key on standard output, and what that means on standard error. */
export async function exported(options: Options): Promise<void> {
  const { rootKey } = await withStore(options, undefined, exportRoot);
  process.stderr.write(WARNING);
  process.stdout.write(options.json ? `${JSON.stringify({ rootKey })}\n` : `${rootKey}\n`);
}

/** Longer than a domain key that was wrapped under the former root just before can wait to be written. */
const IN_FLIGHT_MS = PATIENCE_MS + 2_000;

/** `trent root rotate`: another root key in the place of the one in the data folder. */
export async function rotated(options: Options): Promise<void> {
  const { data, root, table } = options;
  const folder = resolve(data);
  if (root.kind === "env") throw new UsageError("root rotate is for a root key in a file: the one in TRENT_ROOT_KEY is yours to keep.");
  if (table.kind !== "sqlite")
    throw new UsageError(
      "root rotate is for a data folder: servers on DynamoDB have each a copy of the root key, which it does not reach.",
    );
  const { path, keeping } = await rootFileOf(folder, root);
  const replacing = {
    settle: () => pause(IN_FLIGHT_MS),
    begin: () => replaceRootFile(path, keeping),
    end: () => endReplacing(path),
    regions: () => regionsIn(folder),
  };
  const answer = await withStore(options, undefined, (deps) => rotatingAlone(folder, () => rotateRoot(deps, replacing)));
  print(answer, options, (facts) => rotatedLines(facts, path));
}

function rotatedLines({ domainKeys, begunBefore }: RotatedRoot, path: string): readonly string[] {
  const [what, when] = begunBefore ? ["ended the rotation that was begun before", statSync(path).mtime.toISOString()] : ["rotated", "now"];
  return [
    `${what}: ${domainKeys} domain keys were wrapped anew under the root key in ${path}, which is of ${when}`,
    "keep a copy of it; the former one is deleted, and every backup until now opens under that alone",
  ];
}
