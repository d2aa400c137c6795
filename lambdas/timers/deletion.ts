/**
 * The end of a key: when its waiting period is over, the key and every material it had are deleted, then what pointed to it.
 * @see AWS KMS Developer Guide, "Deleting AWS KMS keys"; AWS CloudTrail examples, "DeleteKey"
 */
import { isMultiRegion, keyArn } from "#domain/arn";
import { type Key, stateOf } from "#domain/key";
import { Conflict, type Tables } from "#store";
import { ledger } from "./ledger.ts";
import { type Stores, storesOf, type Turn, timer } from "./timer.ts";

type Keys = Tables["keys"]["write"];
type Deletion = NonNullable<Awaited<ReturnType<Keys["deletion"]>>>;

interface Found {
  readonly key?: Key | undefined;
  readonly deletion?: Deletion | undefined;
}

/** A deletion to begin, or one that somebody left unfinished. */
interface Due {
  readonly key: Key | undefined;
  readonly deletion: Deletion | undefined;
}

/** Whoever has begun a deletion and not ended it after this long is taken for dead. */
const ABANDONED_MS = 5 * 60_000;
/** How often a deletion is tried while others change the key: tags and policy of a key may change up to its last moment. */
const TRIES = 4;
const ALIASES = 100;
const GRANTS = 100;

const uses = { keys: "write", aliases: "write", grants: "write", multiRegion: "write" } as const;

export const deletion = timer({
  name: "deletion",
  everyMinutes: 5,
  uses,
  find: ({ keys }: Stores<typeof uses>, now, page) => keys.due(now, page),

  async read({ keys }, id): Promise<Found> {
    const [key, deletion] = await Promise.all([keys.get(id), keys.deletion(id)]);
    return { key, deletion };
  },

  due({ key, deletion }, now): Due | undefined {
    if (deletion) return now.getTime() - deletion.taken.getTime() >= ABANDONED_MS ? { key, deletion } : undefined;
    return key && stateOf(key, now) === undefined ? { key, deletion: undefined } : undefined;
  },

  dueSince: ({ key, deletion }) => deletion?.date ?? key?.deletionDate,

  run: (due, turn) =>
    finish(due, turn).catch((cause: unknown) => {
      // Somebody else has begun, taken over or ended it.
      if (!(cause instanceof Conflict)) throw cause;
    }),
});

async function finish({ key, deletion }: Due, turn: Turn): Promise<void> {
  const { region, regional, now, newId } = turn;
  // What a claim is written by stands in no record: it is gone when its deletion ends.
  const unrecorded = storesOf(regional, uses, async () => undefined);
  const claim = await unrecorded.keys.takeOn(deletion ? { ...deletion, taken: now } : begun(key as Key, now, newId()));
  const book = ledger({ ...claim, log: regional.log, event: "DeleteKey", id: claim.record, tries: claim.version });
  const stores = storesOf(regional, uses, book.gate);
  const arn = keyArn(region, claim.account, claim.keyId);

  if (await removed(stores.keys, claim.keyId, now)) {
    await sweep(stores.aliases, claim.keyId);
    await sweepGrants(unrecorded.grants, claim.keyId);
    if (isMultiRegion(claim.keyId)) await leave(unrecorded.multiRegion, claim, turn);
    await recorded(book.close(now, { a: { keyId: arn }, r: [arn] }));
  } else if (book.opened()) {
    await recorded(book.close(now, { x: ["KMSInvalidStateException", `${arn} is not pending deletion.`], r: [arn] }));
  }
  await unrecorded.keys.end(claim);
}

/** Its row may stand there already: whoever wrote it died before the deletion had ended. */
async function recorded(closing: Promise<void>): Promise<void> {
  await closing.catch((cause: unknown) => {
    if (!(cause instanceof Conflict)) throw cause;
  });
}

const begun = ({ id, account, deletionDate = new Date(0) }: Key, now: Date, record: string): Deletion => ({
  keyId: id,
  account,
  date: deletionDate,
  since: now,
  record,
  taken: now,
  version: 0,
});

/** Deletes the key as it was read; false when it was saved at the last moment. */
async function removed(keys: Keys, id: string, now: Date): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    const key = await keys.get(id);
    if (!key) return true;
    if (stateOf(key, now) !== undefined) return false;
    try {
      await keys.remove(key);
      return true;
    } catch (cause) {
      if (!(cause instanceof Conflict) || tries === TRIES) throw cause;
    }
  }
}

/** Removes the aliases of a key that is gone: nobody can make another one meanwhile, nor move one here. */
async function sweep(aliases: Tables["aliases"]["write"], keyId: string): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await aliases.listOf(keyId, { after, limit: ALIASES });
    for (const alias of page.aliases) await aliases.remove(alias);
    after = page.next;
    if (after === undefined) return;
  }
}

/** A replica leaves its related keys; a primary key, whose replicas have all left, leaves nothing. */
async function leave(related: Tables["multiRegion"]["write"], { keyId }: Deletion, { region, now }: Turn): Promise<void> {
  const root = await related.root(keyId);
  if (root?.primary === region && root.replicas.length === 0) return related.forget(keyId);
  const member = root && (await related.member(keyId, region));
  if (member) await related.tell(member.key, root, true, now);
}

/** Removes the grants on a key that is gone. They may be too many for a record: the end of the key says that they ended. */
async function sweepGrants(grants: Tables["grants"]["write"], keyId: string): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await grants.list(keyId, { after, limit: GRANTS });
    await Promise.all(page.grants.map((grant) => grants.remove(grant)));
    after = page.next;
    if (after === undefined) return;
  }
}
