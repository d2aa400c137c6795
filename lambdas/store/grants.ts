import { type Grant, type GrantOperation, grantIdOf, type ProposedGrant } from "#domain/grant";
import type { Constraints } from "#domain/grant-constraints";
import type { Items } from "./items.ts";

interface Slice {
  /** The place after which the list goes on. */
  readonly after?: string | undefined;
  readonly limit: number;
}

interface GrantPage {
  readonly grants: readonly Grant[];
  /** Where the list goes on; absent at its end. */
  readonly next?: string | undefined;
}

export interface GrantReader {
  get(keyId: string, id: string): Promise<Grant | undefined>;
  /**
   * The grants of a key to this principal, by the name that grants hold it under; the cost does not grow with the key's other grants.
   *
   * From an index, so a new one may be missing for a moment on a database that is eventually consistent: a token leads to it by `get`. At most
   * 500 are read, the first by id: a principal with more of them on one key needs tokens for the others.
   */
  ofGrantee(keyId: string, grantee: string): Promise<readonly Grant[]>;
  /** The grants of a key by id, ascending, or those to one principal. */
  list(keyId: string, page: Slice & { readonly grantee?: string | undefined }): Promise<GrantPage>;
  /** The grants that a principal may retire, by key and id, ascending; also on keys that are gone already. */
  retirableBy(principal: string, page: Slice): Promise<GrantPage>;
  /** How many grants a key has; at most a minute old. */
  count(keyId: string, now: Date): Promise<number>;
}

export interface GrantStore extends GrantReader {
  /** The id for a grant: of the same request under one name the same, otherwise a new one. */
  idOf(proposed: ProposedGrant): string;
  /** @throws {Conflict} when there is a grant with this id. */
  create(grant: Grant): Promise<void>;
  /** @throws {Conflict} when it is gone. */
  remove(read: Grant): Promise<void>;
}

/** The numbers of grants that were counted, by key. */
export type GrantCounts = Map<string, { readonly at: number; count: number }>;

/** A count is believed for so many milliseconds; what this process makes meanwhile is added to it. */
const COUNTED = 60_000;
/** Counts are forgotten, all at once, beyond so many keys. */
const COUNTS_KEPT = 10_000;
const COUNT_PAGE = 1000;
/** Of one principal on one key, read for one decision. */
const PAGE = 100;
const MOST = 500;

const rowKey = (keyId: string, id: string) => ({ pk: `K#${keyId}`, sk: `G#${id}` });
const toGrantee = (keyId: string, grantee: string) => `TO#${keyId}#${grantee}`;
const byRetiring = (principal: string) => `RET#${principal}`;

/** The grants of one Region, one item each, beside their key. */
export function grantStore(items: Items, counts: GrantCounts, sign: (parts: readonly string[]) => Buffer): GrantStore {
  const get = (keyId: string, id: string) => items.get(rowKey(keyId, id), grantFrom);

  /** What hints lead to, as far as it is still so. */
  async function found(index: 1 | 2, pk: string, { after, limit }: Slice, holds: (grant: Grant) => boolean): Promise<GrantPage> {
    const { hints, more } = await items.find(index, { pk, ...(after !== undefined && { after }), limit });
    const read = await Promise.all(hints.map((hint) => items.get({ pk: hint.pk, sk: hint.sk }, grantFrom)));
    return {
      grants: read.filter((grant) => grant !== undefined && holds(grant)) as Grant[],
      next: more ? hints.at(-1)?.indexSk : undefined,
    };
  }

  const to = (keyId: string, grantee: string, slice: Slice) =>
    found(1, toGrantee(keyId, grantee), slice, (grant) => grant.keyId === keyId && grant.grantee.principal === grantee);

  return {
    get,

    async ofGrantee(keyId, grantee) {
      const grants: Grant[] = [];
      for (let read = 0, after: string | undefined; read < MOST; read += PAGE) {
        const page = await to(keyId, grantee, { after, limit: PAGE });
        grants.push(...page.grants);
        after = page.next;
        if (after === undefined) break;
      }
      return grants;
    },

    async list(keyId, { after, limit, grantee }) {
      if (grantee !== undefined) return to(keyId, grantee, { after, limit });
      const slice = { prefix: "G#", ...(after !== undefined && { after: `G#${after}` }), limit };
      const { values, more } = await items.query({ pk: `K#${keyId}`, ...slice }, grantFrom);
      return { grants: values, next: more ? values.at(-1)?.id : undefined };
    },

    retirableBy: (principal, slice) => found(2, byRetiring(principal), slice, ({ retiring }) => retiring?.principal === principal),

    async count(keyId, now) {
      const known = counts.get(keyId);
      if (known && now.getTime() - known.at < COUNTED) return known.count;
      let count = 0;
      for (let after: string | undefined; ; ) {
        const slice = { prefix: "G#", ...(after !== undefined && { after: `G#${after}` }), limit: COUNT_PAGE };
        const { values, more } = await items.query({ pk: `K#${keyId}`, ...slice }, (body) => JSON.parse(body).id as string);
        count += values.length;
        after = values.at(-1);
        if (!more || after === undefined) break;
      }
      if (counts.size >= COUNTS_KEPT) counts.clear();
      counts.set(keyId, { at: now.getTime(), count });
      return count;
    },

    idOf: (proposed) => grantIdOf(proposed, sign),

    async create(grant) {
      const { id, keyId, grantee, retiring } = grant;
      await items.put({
        ...rowKey(keyId, id),
        body: bodyOf(grant),
        index1: { pk: toGrantee(keyId, grantee.principal), sk: id },
        ...(retiring && { index2: { pk: byRetiring(retiring.principal), sk: `K#${keyId}#${id}` } }),
      });
      const known = counts.get(keyId);
      if (known) known.count += 1;
    },

    async remove({ keyId, id, version }) {
      await items.delete(rowKey(keyId, id), version);
      const known = counts.get(keyId);
      if (known) known.count -= 1;
    },
  };
}

function bodyOf({ version: _, created, constraints, ...grant }: Grant): string {
  return JSON.stringify({
    ...grant,
    created: created.getTime(),
    ...(constraints && {
      constraints: {
        ...constraints,
        subset: constraints.subset && [...constraints.subset],
        equals: constraints.equals && [...constraints.equals],
      },
    }),
  });
}

function grantFrom(body: string, version: number): Grant {
  const { created, constraints, operations, ...stored } = JSON.parse(body);
  return {
    ...stored,
    operations: operations as readonly GrantOperation[],
    created: new Date(created),
    ...(constraints && { constraints: constraintsFrom(constraints) }),
    version,
  };
}

type Pairs = readonly (readonly [string, string])[];

function constraintsFrom({ subset, equals, sourceArn }: { subset?: Pairs; equals?: Pairs; sourceArn?: string }): Constraints {
  return {
    ...(subset && { subset: new Map(subset) }),
    ...(equals && { equals: new Map(equals) }),
    ...(sourceArn !== undefined && { sourceArn }),
  };
}
