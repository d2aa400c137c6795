import { awsManagedKey, managedKeyId } from "#domain/aws-managed-key";
import { Conflict } from "#domain/conflict";
import { Fault } from "#domain/fault";
import { type Key, requireState } from "#domain/key";
import { yearlyFrom } from "#domain/rotation";
import { serviceEvent, serviceIdentity } from "#domain/service-event";
import { serviceOfAlias } from "#domain/service-principal";
import type { AnyOperation, Stores } from "#operation";
import type { Mutation, Regional } from "#store";
import type { Deps } from "./deps.ts";
import { type Exchange, known } from "./exchange.ts";
import { dryRun, isDryRun } from "./intent.ts";

/**
 * The key that an alias of AWS's is predefined for and that nobody has used yet: what it will be, so that the caller can be let in or not. There
 * is one for each service that is registered.
 */
export async function predefinedKey(alias: string, event: Exchange, { shared }: Deps): Promise<Key | undefined> {
  const { caller, store, region, startedAt } = known(event, "caller", "store");
  const service = serviceOfAlias(alias);
  if (service === undefined || !(await shared.principals.service(service))) return undefined;
  const id = managedKeyId(store.sign("managed key id", [caller.account, alias]));
  return awsManagedKey({ id, alias, account: caller.account, region, created: startedAt });
}

const USES = { keys: "write", aliases: "write", material: "write" } as const;
/** First uses that are under way in this process, by key. */
const underWay = new WeakMap<Regional, Map<string, Promise<Key>>>();

/**
 * Makes the AWS managed keys that the caller has just been allowed to use: key first, then its alias. A crash between the two leaves a key that
 * the next first use finds, for its id is always the same.
 * @see AWS KMS API Reference, DescribeKey: "AWS KMS creates an AWS managed key … associates the alias with the new key"
 */
export async function firstUse({ on = {} }: AnyOperation, event: Exchange, deps: Deps): Promise<void> {
  const { keys, store } = known(event, "keys", "store");
  for (const [name, resolved] of Object.entries(keys)) {
    const { key, predefined } = resolved;
    if (predefined === undefined) continue;
    if (isDryRun(event)) throw dryRun();
    const { predefined: _, ...kept } = resolved;
    const made = await once(key, predefined, store, deps);
    // One that was there without its alias may be on its way out.
    requireState(made, on[name]?.states ?? [], deps.now());
    event.keys = { ...event.keys, [name]: { ...kept, key: made } };
  }
}

function once(key: Key, alias: string, store: Regional, deps: Deps): Promise<Key> {
  const here = underWay.get(store) ?? new Map<string, Promise<Key>>();
  underWay.set(store, here);
  const begun = here.get(key.arn) ?? make(key, alias, store, deps).finally(() => here.delete(key.arn));
  here.set(key.arn, begun);
  return begun;
}

async function make(key: Key, alias: string, store: Regional, { now, newId }: Deps): Promise<Key> {
  const { account, id } = key;
  const [row, at] = [newId(), now()];
  let intended = false;
  const changes: Mutation[] = [];
  const append = (sk: string, body: object) => store.log.append({ account, id: sk, at, body: JSON.stringify(body) });
  const stores = store.stores(USES, async (change) => {
    changes.push(change);
    if (intended) return;
    intended = true;
    await append(`${row}#I`, { i: 1, s: "kms", e: "CreateKey", c: serviceIdentity(account), m: change });
  }) as Stores<typeof USES>;
  /** Whoever was first, in another process, has made what is read. */
  const unlessThere = (write: Promise<void>) =>
    write.catch((cause: unknown) => {
      if (!(cause instanceof Conflict)) throw cause;
      changes.pop();
    });

  const created = at;
  if (!(await stores.keys.get(id))) {
    const material = await stores.material.make(key, at);
    await unlessThere(stores.keys.create({ ...key, created, rotation: yearlyFrom(created), materials: [material] }));
  }
  await unlessThere(stores.aliases.create({ account, name: alias, targetKeyId: id, created, updated: created, version: 0 }));
  const became = changes.length > 0 ? { w: changes } : { x: ["AlreadyExistsException", ""] as const };
  if (intended) {
    const said = { s: "kms", e: "CreateKey", r: [key.arn], d: { keyId: key.arn } } as const;
    await append(row, serviceEvent(account, now(), { ...said, ...became }));
  }
  const made = await stores.keys.get(id);
  if (!made) throw new Fault("DependencyTimeoutException");
  return made;
}
