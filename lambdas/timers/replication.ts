/**
 * What related keys of several Regions learn of each other: a replica that was asked for comes into being, what its primary key shares is taken
 * in, and the primary key moves.
 *
 * Everything follows from what is stored, whoever looks at it and how often: this Region's key, the root that the primary's Region wrote, and
 * what the replicas' Regions say of theirs. So nothing is lost when copies of the shared table are late, or a run breaks off.
 * @see AWS KMS Developer Guide, "How multi-Region keys work"; AWS CloudTrail examples, "SynchronizeMultiRegionKey"
 */
import type { Author, Key } from "#domain/key";
import { isPrimary, isRefused, made, promoted, type Root, replicaFrom, rewrappedAs, settled, taken, takenBack } from "#domain/multi-region";
import { Conflict, type Note, type Tables } from "#store";
import { ledger } from "./ledger.ts";
import { type Stores, storesOf, type Turn, timer } from "./timer.ts";

export const SYNCHRONIZE = "SynchronizeMultiRegionKey";

const uses = { keys: "write", multiRegion: "write" } as const;
type Keys = Tables["keys"]["write"];
type Related = Tables["multiRegion"]["write"];

/** How often one key is tried while others change it. */
const TRIES = 4;
/** Ids of notes, which those of keys are not. */
const isNote = (id: string): boolean => id.includes("#");
/** Where a list of hints goes on: among the notes, or, after them, among the keys that are due. */
const [NOTES, KEYS] = ["notes ", "keys "];

/** What a note is of has arrived long since, or is gone again. */
const STALE_MS = 90 * 86_400_000;
const isStale = (note: Note | undefined, now: Date): boolean => note !== undefined && now.getTime() - note.at > STALE_MS;

interface Found {
  readonly id: string;
  readonly key?: Key | undefined;
  readonly note?: Note | undefined;
  readonly hasArrived: boolean;
}

export const replication = timer({
  name: "replication",
  everyMinutes: 1,
  uses,

  async find({ keys, multiRegion }: Stores<typeof uses>, now, { after = NOTES, limit }) {
    if (after.startsWith(NOTES)) {
      const notes = await multiRegion.notes({ after: after.slice(NOTES.length) || undefined, limit });
      const last = notes.at(-1);
      if (last) return { ids: notes.map(({ place }) => place), next: notes.length === limit ? `${NOTES}${last.place}` : KEYS };
    }
    const { ids, next } = await keys.due(now, { after: after.startsWith(KEYS) ? after.slice(KEYS.length) || undefined : undefined, limit });
    return { ids, ...(next !== undefined && { next: `${KEYS}${next}` }) };
  },

  async read({ keys, multiRegion }, id): Promise<Found> {
    if (!isNote(id)) return { id, key: await keys.get(id), hasArrived: false };
    const note = await multiRegion.note(id);
    return { id: note?.keyId ?? id, note, hasArrived: note !== undefined && (await multiRegion.hasArrived(note)) };
  },

  due: (found, now) => (found.hasArrived || found.key?.unshared || isStale(found.note, now) ? found : undefined),
  dueSince: ({ note }) => note && new Date(note.at),

  async run({ id, note, hasArrived }, turn) {
    const { multiRegion } = storesOf(turn.regional, uses, unrecorded);
    for (let tries = 1; ; tries += 1) {
      try {
        const isDone = await synchronize(id, turn);
        if (note && (isDone || !hasArrived)) await multiRegion.done(note);
        return;
      } catch (cause) {
        if (!(cause instanceof Conflict) || tries === TRIES) throw cause;
      }
    }
  },
});

const unrecorded = async (): Promise<void> => undefined;

/** Does all that follows for this Region; false when something of it has not arrived here yet. @throws {Conflict} */
async function synchronize(id: string, turn: Turn): Promise<boolean> {
  const { keys, multiRegion } = storesOf(turn.regional, uses, unrecorded);
  const [key, root] = [await keys.get(id), await multiRegion.root(id)];
  if (root && key && root.primary !== turn.region && root.writer === turn.region) {
    if (isRefused(root, await multiRegion.member(id, root.primary))) {
      const back = isPrimary(key) ? key : await change(key, { ...takenBack(key), unshared: true }, turn);
      await lead(back, multiRegion, turn);
      return true;
    }
  }
  if (root && root.primary !== turn.region) return follow(key, root, multiRegion, turn);
  if (root && key && !isPrimary(key) && root.writer !== turn.region) {
    const bytes = await bytesFor(root, multiRegion);
    if (!bytes) return false;
    const { promotion: author } = root;
    const doing = author && { event: "UpdatePrimaryRegion", author, asked: { keyId: key.arn, primaryRegion: turn.region } };
    await change(key, { ...promoted(key, root, bytes, turn.now), unshared: true }, turn, doing);
    return synchronize(id, turn);
  }
  if (key?.multiRegion) await lead(key, multiRegion, turn);
  return true;
}

/** The part of the primary key's Region: what replicas have done counts, and they are told what they are to do. */
async function lead(read: Key, multiRegion: Related, turn: Turn): Promise<void> {
  const next = settled(read, await multiRegion.members(read.id), turn.now);
  const key = next === read ? read : await change(read, { ...next, unshared: true }, turn);
  if (!key.unshared) return;
  const revision = await multiRegion.publish(key, turn.now);
  if (revision === undefined) return;
  const { unshared: _, ...told } = key;
  const relations = told.multiRegion && { multiRegion: { ...told.multiRegion, revision } };
  // Whoever has just handed the key over is told by the new primary's Region how it went on.
  await change(key, { ...told, ...relations }, turn);
}

/** The part of every other Region: what the primary key's says is taken in, and it is told what there is here. */
async function follow(read: Key | undefined, root: Root, multiRegion: Related, turn: Turn): Promise<boolean> {
  const { region } = turn;
  const listed = root.replicas.find((one) => one.region === region);
  if (!listed) return true;
  const bytes = await bytesFor(root, multiRegion);
  if (!bytes) return false;
  const its = read ? await takeIn(read, root, bytes, turn) : await come(root, listed.wish, bytes, multiRegion, turn);
  if (!its) return true;
  const key = await keptOpen(its, multiRegion, turn);
  // Nobody finds a replica enabled that its primary key cannot know of.
  await multiRegion.tell(made(key), root, false, turn.now);
  if (key.unshared || key.imposed === "Creating") await change(key, made(key), turn);
  return true;
}

/**
 * What was taken in may have been wrapped anew meanwhile, and a rotation of domain keys, which finds only what was written before it looked, have
 * destroyed what it was under.
 */
async function keptOpen(key: Key, multiRegion: Related, turn: Turn): Promise<Key> {
  const bytes = await multiRegion.materials(key.id);
  const next = rewrappedAs(key, bytes);
  return next === key ? key : keptOpen(await change(key, next, turn), multiRegion, turn);
}

async function takeIn(read: Key, root: Root, bytes: Bytes, turn: Turn): Promise<Key> {
  const next = taken(read, root, bytes);
  if (next === read) return read;
  const wish = root.replicas.find((one) => one.region === turn.region)?.wish;
  // Somebody changed it before it was stored.
  const isNew = read.imposed === "Creating" && read.multiRegion?.revision === 0;
  return change(read, next, turn, isNew && wish ? creation(next, wish.author) : undefined);
}

/** A replica comes into being, unless it did and is gone again. */
async function come(
  root: Root,
  wish: Root["replicas"][number]["wish"],
  bytes: Bytes,
  multiRegion: Related,
  turn: Turn,
): Promise<Key | undefined> {
  const before = await multiRegion.member(root.id, turn.region);
  if (!wish || (before?.gone && before.wish === wish.id)) return undefined;
  const replica = taken(replicaFrom(root, turn.region, wish), root, bytes);
  return change(undefined, replica, turn, creation(replica, wish.author));
}

type Bytes = Awaited<ReturnType<Related["materials"]>>;

/** The bytes that the root speaks of; undefined while they have not all arrived. */
async function bytesFor(root: Root, multiRegion: Related): Promise<Bytes | undefined> {
  if (root.origin === "EXTERNAL") return new Map();
  const bytes = await multiRegion.materials(root.id);
  return [...root.materials, ...(root.pending ? [root.pending] : [])].every(({ id }) => bytes.has(id)) ? bytes : undefined;
}

/** Who is told to have done something, where that is a caller of another Region. */
interface Doing {
  readonly event: string;
  readonly author: Author;
  /** Request parameters, as CloudTrail names them. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/** @see AWS KMS Developer Guide, "ReplicateKey" in the CloudTrail examples: "a CreateKey operation in the replica Region" */
const creation = ({ usage, spec, origin, description }: Key, author: Author): Doing => ({
  event: "CreateKey",
  author,
  asked: { keyUsage: usage, keySpec: spec, customerMasterKeySpec: spec, origin, description, multiRegion: true },
});

/** Writes a key that follows from what others have written, and what became of that; answers it as it is stored. @throws {Conflict} */
async function change(read: Key | undefined, changed: Key, turn: Turn, doing?: Doing): Promise<Key> {
  const { regional, now, newId } = turn;
  const event = doing?.event ?? SYNCHRONIZE;
  const { account, arn } = changed;
  const book = ledger({ log: regional.log, account, event, id: newId(), since: now, tries: 1, ...(doing && { author: doing.author }) });
  const keys: Keys = storesOf(regional, uses, book.gate).keys;
  try {
    await (read && read.version > 0 ? keys.settle(read, changed) : keys.create(changed));
  } catch (cause) {
    if (cause instanceof Conflict) await book.close(now, { r: [arn], x: ["ConflictException", "Somebody changed the key meanwhile."] });
    throw cause;
  }
  await book.close(now, { r: [arn], a: { keyId: arn }, ...(doing && { q: doing.asked }) });
  return { ...changed, version: (read?.version ?? 0) + 1 };
}
