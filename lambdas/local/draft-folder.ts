import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { alone } from "#store/drivers/sqlite-alone";

const ENDINGS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** Held by whoever works in the folder, for as long as it lives. */
const LOCK = ".lock";

/**
 * Lets something be made in a folder of its own inside another one, which nobody else can read, and which is gone afterwards: also when it fails,
 * and when the process is told to end. What one left that was killed is cleared away by the next.
 * @param begins the folder's name begins so, and no other's does.
 * @param beside a file elsewhere that is gone with it, if it is still there.
 */
export async function inDraft<T>(folder: string, begins: string, action: (draft: string) => Promise<T>, beside?: string): Promise<T> {
  for (const name of readdirSync(folder)) if (name.startsWith(begins)) await clearLeft(join(folder, name));
  const draft = mkdtempSync(join(folder, begins));
  const clear = () => {
    for (const path of [draft, ...(beside === undefined ? [] : [beside])]) rmSync(path, { recursive: true, force: true });
  };
  const leaving = Object.entries(ENDINGS).map(([signal, status]) => {
    const leave = () => {
      clear();
      process.exit(status);
    };
    process.once(signal, leave);
    return () => process.off(signal, leave);
  });
  try {
    return await alone(
      join(draft, LOCK),
      () => new Error(`${draft} is somebody else's.`),
      () => action(draft),
    );
  } finally {
    for (const stay of leaving) stay();
    clear();
  }
}

/** One of this user, and of no process that is still there: what is in it shows more than anybody asked for. */
async function clearLeft(draft: string): Promise<void> {
  const found = lstatSync(draft, { throwIfNoEntry: false });
  const lock = join(draft, LOCK);
  if (!found || found.uid !== process.getuid?.() || (found.mode & 0o777) !== 0o700 || !existsSync(lock)) return;
  const inUse = new Error(`${draft} is in use.`);
  const clear = async () => rmSync(draft, { recursive: true, force: true });
  await alone(lock, () => inUse, clear).catch((cause: NodeJS.ErrnoException) => {
    // Somebody works in it, or cleared it away meanwhile.
    if (cause !== inUse && cause.code !== "ENOENT") throw cause;
  });
}
