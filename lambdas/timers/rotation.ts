/**
 * The rotation of keys whose date has come, and the service events of those that were rotated on demand.
 * @see AWS KMS Developer Guide, "Rotate AWS KMS keys"; AWS CloudTrail examples, "RotateKey"
 */
import type { Key, Material } from "#domain/key";
import { isRotating, isRotationDue, rotatedAsDue, rotationDateOf, rotationDetails, told, untoldOf } from "#domain/rotation";
import { Conflict } from "#store";
import { type LedgerOptions, ledger } from "./ledger.ts";
import { SYNCHRONIZE } from "./replication.ts";
import { type Stores, storesOf, type Turn, timer } from "./timer.ts";

/** How often one key is tried while others change it. */
const TRIES = 4;

const uses = { keys: "write", material: "write" } as const;

export const rotation = timer({
  name: "rotation",
  everyMinutes: 5,
  uses,
  find: ({ keys }: Stores<typeof uses>, now, page) => keys.due(now, page),
  read: ({ keys }, id) => keys.get(id),
  due: (key, now) => (isDue(key, now) ? key : undefined),
  dueSince: (key, now) => (isDue(key, now) ? rotationDateOf(key) : undefined),

  async run({ id }, turn) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await advance(id, turn);
      } catch (cause) {
        if (!(cause instanceof Conflict) || tries === TRIES) throw cause;
      }
    }
  },
});

const isDue = (key: Key | undefined, now: Date): key is Key =>
  key !== undefined && (untoldOf(key) !== undefined || isRotationDue(key, now));

/** Does everything that is due with the rotation of a key, and nothing if somebody else has. @throws {Conflict} when the key was changed meanwhile. */
async function advance(id: string, turn: Turn): Promise<void> {
  const { regional, now } = turn;
  const { keys, material } = storesOf(regional, uses, unrecorded);
  for (;;) {
    const key = await keys.get(id);
    if (!key) return;
    const untold = untoldOf(key);
    // That is this Region's to tell, and nothing to its related keys.
    if (untold) await change(key, told(key, untold), untold, turn, "settle");
    else if (isRotationDue(key, now)) {
      const made = await material.make(key, now);
      await change(key, rotatedAsDue(key, made, now), made, turn, "replace");
    } else return;
  }
}

const unrecorded = async (): Promise<void> => undefined;

async function change(read: Key, changed: Key, to: Material, { regional, now, newId }: Turn, write: "replace" | "settle"): Promise<void> {
  // A multi-Region key is rotated when all of its Regions have what it is rotated to.
  const event = isRotating(changed) && !isRotating(read) ? SYNCHRONIZE : "RotateKey";
  const options: LedgerOptions = { log: regional.log, account: read.account, event, id: newId(), since: now, tries: 1 };
  const book = ledger(options);
  const details = rotationDetails(changed, changed.materials.find(({ id }) => id === to.id) ?? to);
  const facts = { r: [read.arn], ...(event === "RotateKey" && { d: details }) };
  try {
    await storesOf(regional, uses, book.gate).keys[write](read, changed);
  } catch (cause) {
    if (cause instanceof Conflict)
      await book.close(now, { r: [read.arn], x: ["ConflictException", "Somebody changed the key meanwhile."] });
    throw cause;
  }
  await book.close(now, { ...facts, a: { keyId: read.arn } });
}
