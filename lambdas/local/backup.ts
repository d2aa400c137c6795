import { copyFileSync, existsSync, linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { recorded } from "#operator/act";
import { openHome } from "#operator/home";
import { fingerprintOf } from "#operator/init";
import { snapshotOf } from "#store/drivers/sqlite-snapshot";
import { type Canary, newCanary } from "./canary.ts";
import { print, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";
import { encrypterOf, pack } from "./sealed-archive.ts";
import { VERSION } from "./version.ts";

/** What a backup says of itself. */
export interface Manifest {
  /** Of this layout. */
  readonly version: 1;
  readonly trent: string;
  /** ISO 8601. */
  readonly created: string;
  readonly home: string;
  readonly account: string;
  /** The fingerprint of the root that opens it, which is not in it. */
  readonly root: string;
  readonly canary: Canary;
}

export const MANIFEST = "manifest.json";
/** In the order in which they are put back: a folder without `state.db` holds no store. */
export const BACKED_UP = ["heads.jsonl", "audit.pub", "log.db", "state.db"] as const;

/**
 * `trent backup FILE`: the store as it is at one instant, encrypted, beside a running server. The root key is not in it.
 *
 * It is on record before the copy is made, and so in it.
 */
export async function backup(options: Options, file: string): Promise<void> {
  if (options.table.kind !== "sqlite")
    throw new UsageError("backup is for a data folder: on DynamoDB, point-in-time recovery of the tables does it; see the README.");
  const path = resolve(file);
  if (existsSync(path)) throw new UsageError(`${path} is there already: name another file.`);
  const encrypter = encrypterOf(options.recipient);
  const folder = resolve(options.data);
  const manifest = await withStore(options, undefined, async (deps, { home, account }): Promise<Manifest> => {
    if (await deps.roots.former?.())
      throw new UsageError("The root key is being rotated: what is made now would open under neither alone. End it by root rotate first.");
    const { log } = await openHome(deps);
    const details = { file: basename(path), recipients: options.recipient };
    return recorded({ log: await log(), account, event: "Backup", details }, deps, async () => {
      const { database, roots, now } = deps;
      const canary = await newCanary(database, home, roots);
      const made = {
        version: 1,
        trent: VERSION,
        created: now().toISOString(),
        home,
        account,
        root: await fingerprintOf(deps),
        canary,
      } as const;
      await write(made, folder, path, encrypter);
      return made;
    });
  });
  const { canary: _, ...said } = manifest;
  print({ file: path, ...said }, options, (facts) => Object.entries(facts).map(([name, value]) => `${name.padEnd(9)} ${value}`));
}

/** Everything is made in a folder beside the file, which nobody else can read, and is gone with it. */
async function write(manifest: Manifest, folder: string, path: string, encrypter: Parameters<typeof pack>[3]): Promise<void> {
  const draft = mkdtempSync(`${path}.`);
  try {
    // The witness first: it must not tell of what is not in the copy of the log.
    const kept = ["heads.jsonl", "audit.pub"].filter((name) => existsSync(join(folder, name)));
    for (const name of kept) copyFileSync(join(folder, name), join(draft, name));
    await snapshotOf(folder, draft);
    writeFileSync(join(draft, MANIFEST), `${JSON.stringify(manifest)}\n`, { mode: 0o600 });
    await pack(draft, [MANIFEST, ...kept, "log.db", "state.db"], join(draft, "backup"), encrypter);
    linkSync(join(draft, "backup"), path);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
