import { bounded } from "./bounded.ts";
import { CeilingReached, type Table } from "./port.ts";

/** Where and when an access key last signed a call that was recorded. */
export interface LastUse {
  /** Of the face, such as `kms`. */
  readonly service: string;
  readonly region: string;
  /** To the minute. */
  readonly at: Date;
}

/**
 * When access keys were last used: at most a quarter of an hour stale, as AWS's own.
 *
 * A row for each Region and service of a key holds the minute as a counter that only grows: so a function needs no right but to add to rows of
 * this kind, each row has one writing Region, and of two who tell the same, one is enough. It carries no MAC, as no counter does: nothing is
 * decided by it.
 * @see IAM API Reference, GetAccessKeyLastUsed
 */
export interface LastUses {
  /** Keeps it, unless this process has in the last quarter of an hour, or could not in the last minute. */
  saw(accessKeyId: string, service: string, region: string, now: Date): Promise<void>;
  /** The last of all Regions and services. */
  of(accessKeyId: string): Promise<LastUse | undefined>;
}

const MINUTE = 60_000;
const STALE_MINUTES = 15;
/** Remembered by a process. */
const SEEN = 10_000;
/** More than there are Regions times services. */
const ROWS = 1000;

const PREFIX = "USED#";
export const isLastUse = ({ pk }: { readonly pk: string }): boolean => pk.startsWith(PREFIX);

/** @param principals the global table. */
export function lastUses(principals: Table): LastUses {
  const seen = bounded<string, number>(SEEN);

  return {
    async saw(accessKeyId, service, region, now) {
      const minute = Math.floor(now.getTime() / MINUTE);
      const key = { pk: PREFIX + accessKeyId, sk: `${region}#${service}` };
      const id = `${key.pk} ${key.sk}`;
      const known = seen.get(id);
      if (known !== undefined && minute - known < STALE_MINUTES) return;
      // Others meanwhile have it from here on.
      seen.set(id, minute);
      try {
        // What this process kept last may have been overtaken by another since: counting on from it would leave the row behind for good.
        const kept = await principals.add(key, 0, Number.MAX_SAFE_INTEGER);
        if (kept < minute) await principals.add(key, minute - kept, minute);
      } catch (cause) {
        // Somebody else has told of it.
        if (cause instanceof CeilingReached) return;
        // The next minute's call tries again, and not each one until then.
        seen.set(id, minute - STALE_MINUTES + 1);
        throw cause;
      }
    },

    async of(accessKeyId) {
      const { rows } = await principals.query({ pk: PREFIX + accessKeyId, limit: ROWS });
      const uses = rows.map(({ sk, body }) => {
        const [region = "", service = ""] = sk.split("#");
        return { region, service, at: new Date(Number(body) * MINUTE) };
      });
      return uses.reduce<LastUse | undefined>((last, one) => (last && last.at >= one.at ? last : one), undefined);
    },
  };
}
