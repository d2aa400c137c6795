import { randomUUID } from "node:crypto";
import { parseKeyReference } from "#domain/arn";
import { Fault } from "#domain/fault";
import { type Key, stateOf } from "#domain/key";
import { RETENTION } from "#domain/retention";
import type { Place } from "#pipeline/again";
import { DomainKeysMissing, type LogReader, type OpenShared, openRegional, openShared, type Regional, readMeta } from "#store";
import { type OperatorDeps, Refusal } from "./act.ts";

/** A Region's part of the store, opened, and the account that the store was made with. */
export interface OpenPlace extends Place {
  readonly shared: OpenShared;
  readonly store: Regional;
  readonly log: LogReader;
  readonly account: string;
  readonly region: string;
}

/** Opens the Region that the action is for. @throws {Refusal} when there is nothing of it. */
export async function openPlace(deps: OperatorDeps): Promise<OpenPlace> {
  const { database, roots, region, home, shards, now } = deps;
  const meta = await readMeta(database);
  if (!meta) throw new Refusal("It is not initialised: there is no account yet.");
  try {
    const shared = await openShared(database, roots);
    const store = await openRegional(database, region, roots, shared, { shards, ...RETENTION, newWriter: randomUUID });
    const log = store.stores({ log: "read" }, async () => undefined)["log"] as LogReader;
    return { shared, store, log, home, now, region, account: meta.account };
  } catch (cause) {
    if (!isAbsence(cause)) throw cause;
    throw new Refusal(`There is nothing in ${region} yet: nobody has called it.`);
  }
}

/** No keys, or not even tables. */
const isAbsence = (cause: unknown): boolean =>
  cause instanceof DomainKeysMissing || (cause instanceof Error && cause.name === "ResourceNotFoundException");

/** The key of this id, ARN, alias or alias ARN; names without an account are of the first account. @throws {Refusal} when there is none. */
export async function keyNamed(named: string, { store, region, account, now }: OpenPlace): Promise<Key> {
  const key = await find();
  if (!key || stateOf(key, now()) === undefined) throw new Refusal(`There is no key ${named} in ${region}.`);
  return key;

  async function find(): Promise<Key | undefined> {
    try {
      const reference = parseKeyReference(named, region, account);
      const { keyId, alias } = reference;
      const id = keyId ?? (await store.aliases.get(reference.account, alias ?? ""))?.targetKeyId;
      const found = id === undefined ? undefined : await store.keys.get(id);
      // An id alone says everything; an ARN must say the right account.
      return found && (!named.startsWith("arn:") || found.account === reference.account) ? found : undefined;
    } catch (cause) {
      if (cause instanceof Fault) return undefined;
      throw cause;
    }
  }
}
