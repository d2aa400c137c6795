import { closeSync, copyFileSync, existsSync, openSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { randomBytes } from "@trent/crypto";
import { type OperatorDeps, Refusal, recorded } from "#operator/act";
import { openHome } from "#operator/home";
import { fingerprintOf } from "#operator/init";
import { snapshotOf } from "#store/drivers/sqlite-snapshot";
import { type Canary, newCanary, sings } from "./canary.ts";
import { inDraft } from "./draft-folder.ts";
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
/** The newer half of the witness first: it becomes the older one meanwhile, and is in the copy twice then, and not left out. */
const TEXTS = ["heads.jsonl", "heads.1.jsonl", "audit.pub"] as const;
/** In the order in which they are put back: a folder without `state.db` holds no store. */
export const BACKED_UP = [...TEXTS, "log.db", "state.db"] as const;

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
      await write(made, folder, path, encrypter, () => requireUnrotated(deps, made));
      return made;
    });
  });
  const { canary: _, ...said } = manifest;
  print({ file: path, ...said }, options, (facts) => Object.entries(facts).map(([name, value]) => `${name.padEnd(9)} ${value}`));
}

/**
 * That a copy which was made since opens as its manifest says: what is there now was there then.
 * @throws {Refusal} when the root, or the domain key of the canary, is another one by now.
 */
export async function requireUnrotated(deps: OperatorDeps, { root, canary }: Pick<Manifest, "root" | "canary">): Promise<void> {
  const { database, roots, home } = deps;
  const same = !(await roots.former?.()) && (await fingerprintOf(deps)) === root && (await sings(canary, database, home, roots));
  if (!same) throw new Refusal("Root or domain keys were rotated meanwhile: make the backup again.");
}

/**
 * The copy is made inside the data folder, where as much can be read of it as before. Only what is encrypted is ever where the backup is to be,
 * which may be a medium that anybody can take away.
 */
async function write(
  manifest: Manifest,
  folder: string,
  path: string,
  encrypter: Parameters<typeof pack>[3],
  requireStill: () => Promise<void>,
): Promise<void> {
  const part = `${path}.${randomBytes(8).toString("hex")}`;
  const making = async (draft: string) => {
    // The witness first: it must not tell of what is not in the copy of the log.
    const kept = TEXTS.filter((name) => existsSync(join(folder, name)));
    for (const name of kept) copyFileSync(join(folder, name), join(draft, name));
    await snapshotOf(folder, draft);
    await requireStill();
    writeFileSync(join(draft, MANIFEST), `${JSON.stringify(manifest)}\n`, { mode: 0o600 });
    await pack(draft, [MANIFEST, ...kept, "log.db", "state.db"], part, encrypter);
    // Takes the name, or fails because somebody else has: not every file system that backups are put on knows a second name for a file.
    closeSync(openSync(path, "wx", 0o600));
    renameSync(part, path);
  };
  await inDraft(folder, ".backup-", making, part);
}
