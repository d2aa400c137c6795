import { GLOBAL, rewrapDomainKeys } from "#store";
import { type OperatorDeps, recorded } from "./act.ts";
import { openHome } from "./home.ts";

/** Where the roots are kept, and how another one is put in their place. */
export interface Replacing {
  /** Answers whether it was done before, by a rotation that has not ended. */
  begin(): Promise<boolean>;
  /** Waits for longer than it takes to wrap a domain key under a root that was read before it was replaced, and to write it. */
  settle(): Promise<void>;
  end(): void;
  /** All that have domain keys at this moment, served or not. */
  regions(): readonly string[];
}

export interface RotatedRoot {
  /** Domain keys that were wrapped anew, in all Regions. */
  readonly domainKeys: number;
  /** A rotation that was begun before has been ended: the root is the one that it began with. */
  readonly begunBefore: boolean;
}

/**
 * Another root in the place of the one there is, beside servers that go on: domain keys are wrapped anew, and what is under them stays.
 *
 * From the first step on new domain keys are under the new root, and every one opens under either, until none is under the former: a crash at
 * any point leaves a store that works, and the same command again ends what was begun.
 */
export async function rotateRoot(deps: OperatorDeps, { begin, settle, end, regions }: Replacing): Promise<RotatedRoot> {
  const { database, roots } = deps;
  const { first, log } = await openHome(deps);
  return recorded({ log: await log(), account: first, event: "RotateRoot" }, deps, async () => {
    const begunBefore = await begin();
    const rewrapped = await rewrapAll();
    await settle();
    const late = await rewrapAll();
    end();
    return { domainKeys: rewrapped + late, begunBefore };
  });

  async function rewrapAll(): Promise<number> {
    let count = 0;
    for (const region of [GLOBAL, ...regions()]) count += await rewrapDomainKeys(database, region, roots);
    return count;
  }
}
