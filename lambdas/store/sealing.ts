import type { SealedHead } from "#domain/seal";
import { beginningOf, type FoundHeads, foundHeads, type HeadFinder, type Place } from "./found-heads.ts";
import type { Mark } from "./mark.ts";
import type { MadeSeal, Sealer } from "./seals.ts";

/**
 * Seals what writers have left that do not seal themselves, because nobody wakes them to do it: function instances. What one of them wrote is
 * vouched for as it was found in the table a minute later.
 */
export interface LogSealing {
  /** How far the log is gone through by now. */
  reached(now: Date): Promise<Reached>;
  /** What is to be sealed from there on. */
  found(reached: Reached): Promise<FoundHeads>;
  seal(heads: readonly SealedHead[], now: Date): Promise<readonly MadeSeal[]>;
  /** It is gone through up to the next place; not if somebody else has moved on meanwhile. */
  done(reached: Reached, next: Place): Promise<void>;
}

interface Reached {
  readonly place: Place;
  /** The mark that says so; absent where there is none yet. */
  readonly read?: string | undefined;
}

export interface LogSealingOptions extends HeadFinder {
  readonly sealer: Sealer;
  readonly mark: Mark;
}

/** A seal is one item, of 400 KB at the most. */
const HEADS = 1000;

export function logSealing({ sealer, mark, ...log }: LogSealingOptions): LogSealing {
  return {
    async reached(now) {
      const read = await mark.get((place) => (JSON.parse(place) as Place).from > now.getTime());
      const place: Place = read === undefined ? beginningOf(now.getTime(), log.days) : JSON.parse(read);
      return { place: place.at ? place : { from: place.from, to: now.getTime() }, read };
    },

    found: ({ place }) => foundHeads(log, place),

    async seal(heads, now) {
      const made: MadeSeal[] = [];
      for (let at = 0; at < heads.length; at += HEADS) {
        const seal = await sealer.seal(now, heads.slice(at, at + HEADS));
        if (seal) made.push(seal);
      }
      return made;
    },

    done: ({ read }, next) => mark.move(read, JSON.stringify(next)),
  };
}
