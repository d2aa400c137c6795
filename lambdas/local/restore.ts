import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { recorded } from "#operator/act";
import { examine, examineShared, type Health, isNothing } from "#operator/doctor";
import { openHome } from "#operator/home";
import { operatorLog } from "#pipeline/operator-log";
import type { Root } from "#roots/root";
import { type Database, readMeta } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { requestId } from "#wire/request-id";
import { BACKED_UP, MANIFEST, type Manifest } from "./backup.ts";
import { sings } from "./canary.ts";
import { linesOf } from "./doctor.ts";
import { inDraft } from "./draft-folder.ts";
import { print, withStore } from "./operate.ts";
import { type Options, UsageError } from "./options.ts";
import { regionsIn } from "./regions-in.ts";
import { rootAt } from "./root.ts";
import { decrypterOf, unpack } from "./sealed-archive.ts";

/** What was found in a backup. */
interface Restored {
  readonly file: string;
  readonly created: string;
  readonly home: string;
  readonly account: string;
  readonly drill: boolean;
  readonly health: readonly Health[];
}

/**
 * `trent restore FILE`: makes a data folder of a backup; with `--drill`, only proves that it could: in a folder of its own, which is gone
 * afterwards. Either way the root opens the backup's canary, and every item and material in it is looked at, before anything is put in place.
 */
export async function restore(options: Options, file: string): Promise<void> {
  if (options.table.kind !== "sqlite") throw new UsageError("restore makes a data folder: leave --table out.");
  const [path, folder] = [resolve(file), resolve(options.data)];
  if (!options.drill) requireFree(folder);
  const decrypter = decrypterOf(options.identity);
  const root = await rootAt(folder, options.root);
  const [place, begins] = options.drill ? [tmpdir(), "trent-drill-"] : [folder, DRAFT];
  mkdirSync(place, { recursive: true, mode: 0o700 });
  await inDraft(place, begins, async (draft) => {
    await unpack(path, draft, [MANIFEST, ...BACKED_UP], decrypter);
    const { created, home, account, ...manifest } = manifestIn(draft, path);
    const health = await look(draft, { created, home, account, ...manifest }, root);
    const restored: Restored = { file: path, created, home, account, drill: options.drill, health };
    const whole = health.every(({ findings }) => findings.length === 0);
    if (whole && !options.drill) {
      putInPlace(draft, folder);
      await withStore(options, undefined, async (deps) => {
        const { log } = await openHome(deps);
        await recorded({ log: await log(), account, event: "Restore", details: { created } }, deps, async () => undefined);
      });
    }
    print(restored, options, (facts) => said(facts, folder, whole));
    if (!whole) process.exitCode = 1;
  });
}

/** Inside the folder itself: it may be a volume, and what is beside it another one. */
const DRAFT = ".restore-";

function requireFree(folder: string): void {
  const free = (name: string) => name === "root.key" || name === "lost+found" || name.startsWith(DRAFT);
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => !free(name)) : [];
  if (there.length > 0) throw new UsageError(`${folder} is in use: a backup is put into a --data folder that holds a root key at most.`);
}

function manifestIn(folder: string, path: string): Manifest {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8"));
    if (manifest.version === 1) return manifest;
  } catch {
    // As one that says nothing that is known here.
  }
  throw new UsageError(`${path} is not a backup that this version knows.`);
}

/** @throws {UsageError} when it is not of this root. */
async function look(folder: string, manifest: Manifest, root: Root): Promise<readonly Health[]> {
  const { home, canary } = manifest;
  if (root.fingerprint !== manifest.root)
    throw new UsageError(`The root key is not that of the backup: its fingerprint is ${root.fingerprint}, and ${manifest.root} is needed.`);
  const database = openSqlite({ folder });
  try {
    const made = await readMeta(database);
    if (made?.home !== home || !(await sings(canary, database, home, root)))
      throw new UsageError("The backup does not open under its own root: it was put together from parts of several.");
    return await examined(database, root, home, regionsIn(folder));
  } finally {
    await database.close();
  }
}

async function examined(database: Database, roots: Root, home: string, regions: readonly string[]): Promise<readonly Health[]> {
  const now = () => new Date();
  const deps = { database, roots, region: home, home, shards: 1, now, newId: () => requestId(now()), operator: operatorLog("error") };
  const health: Health[] = [await examineShared(deps)];
  for (const region of regions) {
    const found = await examine({ ...deps, region }).catch(isNothing);
    if (found) health.push(found);
  }
  return health;
}

/** `state.db` comes last, and makes a store of the folder. */
function putInPlace(draft: string, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  for (const name of BACKED_UP) {
    if (!existsSync(join(draft, name))) continue;
    chmodSync(join(draft, name), 0o600);
    renameSync(join(draft, name), join(folder, name));
  }
}

function said({ created, account, home, drill, health }: Restored, folder: string, whole: boolean): readonly string[] {
  const outcome = drill ? "the backup could be restored" : `restored into ${folder}`;
  return [
    `made      ${created}, of the account ${account} in ${home}`,
    "canary    decrypted",
    ...linesOf({ health }),
    whole ? outcome : "NOT RESTORED: the backup is not whole",
  ];
}
