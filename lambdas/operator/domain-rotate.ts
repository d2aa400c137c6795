import { type Announce, beginDomainKey, endDomainKey, ensureDomainKeys, GLOBAL, type LogWriter, rewrap } from "#store";
import { type OperatorDeps, openLog, Refusal, recorded } from "./act.ts";
import { openHome } from "./home.ts";

/** The store that domain keys are of, as those see it who write to it meanwhile. */
export interface Rotating {
  /** Waits for longer than it usually takes from reading or wrapping something under a domain key to having opened or written it. */
  settle(): Promise<void>;
  /** All that have domain keys at this moment, served or not. */
  regions(): readonly string[];
}

export interface RotatedDomainKeys {
  /** Keys of materials and of secrets that took the place of the ones before. */
  readonly domainKeys: number;
  /** Items with something in them that was wrapped anew. */
  readonly items: number;
}

/** What is written meanwhile is under the new domain key: looking again finds something only where somebody else changed the item just then. */
const LOOKS = 20;

/**
 * Another domain key in the place of each under which materials and secrets are, beside servers that go on. What is under it is wrapped anew, and
 * the former one is destroyed: what was deleted until now does not open any more, in no copy of a row that anybody has kept.
 *
 * The new one is made first, so whatever is written from then on is under it; the former stays until a look at everything finds nothing under it. A
 * crash at any point leaves a store that works, and the same command again ends what was begun.
 * @throws {Refusal} when something stays under the former one.
 */
export async function rotateDomainKeys(deps: OperatorDeps, { settle, regions }: Rotating): Promise<RotatedDomainKeys> {
  const { database, roots, home, now } = deps;
  const { shared, first } = await openHome(deps);
  const logs = new Map<string, Promise<LogWriter>>();
  return recorded({ log: await logOf(home), account: first, event: "RotateDomainKeys" }, deps, async () => {
    const scopes = [GLOBAL, ...regions()];
    // A crash may have left the first of a Region's, and not all.
    for (const scope of scopes) await ensureDomainKeys(database, scope, roots, now());
    for (const scope of scopes) await beginDomainKey(database, scope, roots, now());
    let items = await rewrapAll(scopes);
    await settle();
    for (let looks = 0, found = -1; found !== 0; looks += 1) {
      if (looks === LOOKS) throw new Refusal(leftUnder(found));
      found = await rewrapAll(scopes);
      items += found;
    }
    let domainKeys = 0;
    for (const scope of scopes) domainKeys += await endDomainKey(database, scope);
    return { domainKeys, items };
  });

  async function rewrapAll(scopes: readonly string[]): Promise<number> {
    let count = 0;
    for (const scope of scopes) count += await rewrap(database, scope, roots, regions(), announcedIn(scope));
    return count;
  }

  /** Which states items are about to have stands in the log of their Region before they have them, as with every change. */
  function announcedIn(scope: string): Announce {
    return async (intended, make) => {
      const log = await logOf(scope === GLOBAL ? home : scope);
      await recorded({ log, account: first, event: "RewrapItems", intended }, deps, async (gate) => {
        for (const change of await make()) await gate(change);
      });
    };
  }

  function logOf(region: string): Promise<LogWriter> {
    const log = logs.get(region) ?? openLog({ ...deps, home: region }, shared);
    logs.set(region, log);
    return log;
  }
}

const leftUnder = (items: number): string =>
  `${items} items are still under the former domain keys, which stay: imports that a version before this one began, for a day. Do it again then.`;
