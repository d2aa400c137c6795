/**
 * What related keys of a multi-Region key tell each other, in a table that every Region has a copy of.
 *
 * Each row has one writing Region, so that copies that get out of step come together again whichever write wins: ROOT and MATERIAL that of the
 * primary key, MEMBER its own. TO rows say that there is something to look at; whoever they are for deletes them. No row arrives with another,
 * so a note says which revision it is of, and stays until that has arrived.
 */
import type { Key, Material } from "#domain/key";
import { isPrimary, type Member, type Root, rootOf } from "#domain/multi-region";
import type { Items } from "./items.ts";
import { bodyOf, keyFrom, materialFrom, replicaFrom, scheduleFrom, storedFrom, storedReplica, storedSchedule } from "./key-body.ts";
import type { MaterialWrapper } from "./materials.ts";
import { Conflict, type RowKey } from "./port.ts";

/** That a root or a member of a key has a new revision. */
export interface Note {
  readonly keyId: string;
  /** "ROOT", or "MEMBER#" and a Region. */
  readonly of: string;
  readonly revision: number;
  /** When it was left, in milliseconds. */
  readonly at: number;
  readonly place: string;
  readonly version: number;
}

/** A root, and the version of its row. */
type StoredRoot = Root & { readonly version: number };

export interface MultiRegionReader {
  root(id: string): Promise<StoredRoot | undefined>;
  member(id: string, region: string): Promise<Member | undefined>;
  /** By Region. */
  members(id: string): Promise<ReadonlyMap<string, Member>>;
}

export interface MultiRegionStore extends MultiRegionReader {
  /** Bytes of the materials that the Regions share, by id. */
  materials(id: string): Promise<ReadonlyMap<string, Material>>;
  /**
   * Writes what the related keys of this Region's primary key are to know of it, and notes for them; answers its revision.
   * Undefined, and nothing is written, where that is another Region's to say.
   * @throws {Conflict}
   */
  publish(key: Key, now: Date): Promise<number | undefined>;
  /** The same where a timer does it again if it fails now. */
  publishSoon(key: Key, now: Date): Promise<void>;
  /** Writes what the primary key is to know of this Region's replica, and a note for it. @throws {Conflict} */
  tell(key: Key, root: Root, gone: boolean, now: Date): Promise<void>;
  /** Removes everything: there is no related key any more. */
  forget(id: string): Promise<void>;
  /** Notes for this Region, the oldest first. */
  notes(page: { readonly after?: string | undefined; readonly limit: number }): Promise<readonly Note[]>;
  note(place: string): Promise<Note | undefined>;
  /** Whether what the note is of has arrived here. */
  hasArrived(note: Note): Promise<boolean>;
  done(note: Note): Promise<void>;
}

const ROOT = "ROOT";
const partition = (id: string): string => `M#${id}`;
const rootKey = (id: string) => ({ pk: partition(id), sk: ROOT });
const memberKey = (id: string, region: string) => ({ pk: partition(id), sk: `MEMBER#${region}` });
const materialKey = (id: string, material: string) => ({ pk: partition(id), sk: `MATERIAL#${material}` });
const noteKey = (region: string, place: string) => ({ pk: `TO#${region}`, sk: place });
const PAGE = 100;

interface StoredRow {
  readonly sk: string;
  readonly body: string;
  readonly version: number;
}

/** @param noted is called when there is something for a Region to look at. */
export function multiRegionStore(items: Items, region: string, noted: (region: string) => void): MultiRegionStore {
  const root = (id: string) => items.get(rootKey(id), rootFrom);
  const member = (id: string, of: string) => items.get(memberKey(id, of), memberFrom);

  async function rowsOf(id: string, prefix: string): Promise<readonly StoredRow[]> {
    const rows: StoredRow[] = [];
    for (let after: string | undefined; ; ) {
      const query = { pk: partition(id), prefix, ...(after !== undefined && { after }), limit: PAGE };
      const { values, more } = await items.query(query, (body, version) => ({ sk: String(JSON.parse(body).sk), body, version }));
      rows.push(...values);
      after = values.at(-1)?.sk;
      if (!more || after === undefined) return rows;
    }
  }

  async function leave(to: string, note: Pick<Note, "keyId" | "of" | "revision" | "at">): Promise<void> {
    // By the key and not by time: the same is left once, and nothing of it is lost when it is left again.
    const place = `${note.keyId}#${note.of}#${note.revision}`;
    await items.put({ ...noteKey(to, place), body: JSON.stringify(note) }).catch(ignoreConflict);
    noted(to);
  }

  const store: MultiRegionStore = {
    root,
    member,

    async members(id) {
      const rows = await rowsOf(id, "MEMBER#");
      return new Map(rows.map(({ body, version }) => memberFrom(body, version)).map((one) => [one.key.region, one]));
    },

    async materials(id) {
      const rows = await rowsOf(id, "MATERIAL#");
      return new Map(rows.map(({ body, version }) => sharedMaterialFrom(body, version).material).map((one) => [one.id, one]));
    },

    async publish(key, now) {
      const before = await root(key.id);
      // Handed over, and taken back: nobody else has written since.
      const isBack = before?.writer === region && isPrimary(key) && (key.multiRegion?.epoch ?? 0) > before.epoch;
      if (before ? before.primary !== region && !isBack : !isPrimary(key)) return undefined;
      if (key.origin === "AWS_KMS") {
        for (const material of [...key.materials, ...(key.pending ? [key.pending] : [])]) {
          const row = materialKey(key.id, material.id);
          const before = await items.get(row, sharedMaterialFrom);
          // Under an older domain key, which may be gone, it was written by somebody who stood still during a rotation of that.
          if (before && before.material.domainKey >= material.domainKey) continue;
          await items.put({ ...row, body: bodyOfShared(key, material) }, before?.version);
        }
      }
      const said = rootOf(key);
      const revision = Math.max(before?.revision ?? 0, key.multiRegion?.revision ?? 0) + 1;
      const isNews = !before || storedRoot({ ...said, revision: before.revision }) !== storedRoot(before);
      if (isNews) await items.put({ ...rootKey(key.id), body: storedRoot({ ...said, revision }) }, before?.version);
      const told = isNews ? revision : before.revision;
      const regions = new Set([said.primary, ...said.replicas.map((one) => one.region)]);
      for (const to of regions) if (to !== region) await leave(to, { keyId: key.id, of: ROOT, revision: told, at: now.getTime() });
      return told;
    },

    publishSoon: (key, now) =>
      store.publish(key, now).then(
        () => undefined,
        () => undefined,
      ),

    async tell(key, to, gone, now) {
      const before = await member(key.id, region);
      const said = storedMember(key, gone);
      const isNews = !before || said !== storedMember(before.key, before.gone);
      if (isNews) await items.put({ ...memberKey(key.id, region), body: said }, before?.version);
      const revision = (before?.version ?? 0) + (isNews ? 1 : 0);
      // Left again where a run broke off: the same note is one.
      await leave(to.primary, { keyId: key.id, of: `MEMBER#${region}`, revision, at: now.getTime() });
    },

    // In their order: the root goes last, by which a removal that broke off is found and done again.
    async forget(id) {
      for (const { sk, version } of await rowsOf(id, "")) await items.delete({ pk: partition(id), sk }, version).catch(ignoreConflict);
    },

    async notes({ after, limit }) {
      const { values } = await items.query({ pk: `TO#${region}`, ...(after !== undefined && { after }), limit }, noteFrom);
      return values;
    },
    note: (place) => items.get(noteKey(region, place), noteFrom),

    async hasArrived({ keyId, of, revision }) {
      if (of === ROOT) return ((await root(keyId))?.revision ?? 0) >= revision;
      return ((await member(keyId, of.slice("MEMBER#".length)))?.version ?? 0) >= revision;
    },
    done: ({ place, version }) => items.delete(noteKey(region, place), version).catch(ignoreConflict),
  };
  return store;
}

/** Rows say where they stand, for whoever reads a partition of them. */
const storedRoot = ({ version: _, ...root }: Omit<Root, "version"> & { readonly version?: number }): string =>
  JSON.stringify({
    sk: ROOT,
    id: root.id,
    account: root.account,
    spec: root.spec,
    usage: root.usage,
    origin: root.origin,
    primary: root.primary,
    epoch: root.epoch,
    writer: root.writer,
    revision: root.revision,
    promotion: root.promotion,
    replicas: root.replicas.map(storedReplica),
    rotation: root.rotation && storedSchedule(root.rotation),
    pending: root.pending && storedFrom(root.pending),
    materials: root.materials.map(storedFrom),
  });

function rootFrom(body: string, version: number): StoredRoot {
  const { sk: _, replicas, rotation, pending, materials, ...root } = JSON.parse(body);
  return {
    ...root,
    version,
    replicas: replicas.map(replicaFrom),
    ...(rotation && { rotation: scheduleFrom(rotation) }),
    ...(pending && { pending: materialFrom(pending) }),
    materials: materials.map(materialFrom),
  };
}

/** Without the bytes of materials: only whether they are there. */
function storedMember(key: Key, gone: boolean): string {
  const hidden = (material: Material): Material => ({ ...material, ...(material.wrapped !== undefined && { wrapped: "" }), domainKey: 0 });
  const { unshared: _, ...said } = { ...key, materials: key.materials.map(hidden), ...(key.pending && { pending: hidden(key.pending) }) };
  const { region, multiRegion } = key;
  return JSON.stringify({ sk: `MEMBER#${region}`, region, wish: multiRegion?.wish ?? "", gone, key: bodyOf(said) });
}

function memberFrom(body: string, version: number): Member {
  const { region, wish, gone, key } = JSON.parse(body);
  return { key: keyFrom(key, region, version), wish, gone, version };
}

/** With what its wrapping is bound to. */
const bodyOfShared = ({ id: keyId, account, spec }: Pick<Key, "id" | "account" | "spec">, material: Material): string =>
  JSON.stringify({ sk: materialKey(keyId, material.id).sk, keyId, account, spec, ...storedFrom(material) });

function sharedMaterialFrom(body: string, version: number) {
  const { sk: _, keyId, account, spec, ...material } = JSON.parse(body);
  const owner: Pick<Key, "id" | "account" | "spec"> = { id: keyId, account, spec };
  return { owner, material: materialFrom(material), version };
}

/** Wraps a material that Regions share anew, under their current domain key; answers whether it was under another. @throws {Conflict} */
export async function rewrapSharedMaterial(items: Items, materials: MaterialWrapper, row: RowKey): Promise<boolean> {
  if (!row.sk.startsWith("MATERIAL#")) return false;
  const stored = await items.get(row, sharedMaterialFrom);
  const anew = stored && (await materials.rewrapped({ ...stored.owner, materials: [stored.material] }));
  const [material] = anew?.materials ?? [];
  if (!stored || !material) return false;
  await items.put({ ...row, body: bodyOfShared(stored.owner, material) }, stored.version);
  return true;
}

function ignoreConflict(cause: unknown): void {
  if (!(cause instanceof Conflict)) throw cause;
}

function noteFrom(body: string, version: number): Note {
  const note = JSON.parse(body);
  return { ...note, place: `${note.keyId}#${note.of}#${note.revision}`, version };
}
