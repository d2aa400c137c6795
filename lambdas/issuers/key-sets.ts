import { createLocalJWKSet, type JWTVerifyGetKey } from "jose";
import { type Fetch, fetchJson, Unusable } from "./fetch-json.ts";

/** A provider's public keys, as they were when they were last read. */
export interface KeySet {
  readonly keys: JWTVerifyGetKey;
  has(kid: string | undefined): boolean;
}

/** Where the public keys of providers are found. */
export interface KeySets {
  /**
   * The keys of the provider with this URL. Those read lately, unless they lack the wanted one.
   * @throws {Unreachable | Unusable}
   */
  of(url: string, kid: string | undefined): Promise<KeySet>;
}

/** Milliseconds for which keys are good, and in which a provider is not asked again, whatever it answered: anybody can send tokens. */
const GOOD_MS = 10 * 60_000;
const PAUSE_MS = 10_000;
/** Providers whose keys are kept. */
const KEPT = 1000;
/** Keys of one provider that are looked at. */
const MOST_KEYS = 100;

interface Read {
  readonly at: number;
  readonly set: Promise<KeySet>;
}

/** Reads the keys of a provider by its discovery document. @see OpenID Connect Discovery 1.0, section 4 */
export function keySets(fetch: Fetch, now: () => number = () => performance.now()): KeySets {
  const known = new Map<string, Read>();

  function read(url: string): Promise<KeySet> {
    const set = keySetOf(url, fetch);
    // Whoever waits for it hears of it; nobody may.
    set.catch(() => undefined);
    known.delete(url);
    known.set(url, { at: now(), set });
    if (known.size > KEPT) known.delete(known.keys().next().value as string);
    return set;
  }

  return {
    async of(url, kid) {
      const last = known.get(url);
      const age = last ? now() - last.at : Number.POSITIVE_INFINITY;
      if (!last || age > GOOD_MS) return read(url);
      if (age < PAUSE_MS) return last.set;
      const set = await last.set.catch(() => undefined);
      // Others may have asked meanwhile.
      if (set?.has(kid)) return set;
      return known.get(url) === last ? read(url) : (known.get(url)?.set ?? read(url));
    },
  };
}

async function keySetOf(url: string, fetch: Fetch): Promise<KeySet> {
  const { issuer, jwks_uri: uri } = await fetchJson(new URL(`https://${url}/.well-known/openid-configuration`), fetch);
  // "The issuer value returned MUST be identical to the Issuer URL" (section 4.3); providers differ in the slash at its end.
  if (issuer !== `https://${url}` && issuer !== `https://${url}/`) throw new Unusable(`${url} calls itself otherwise.`);
  const where = typeof uri === "string" ? URL.parse(uri) : null;
  if (!where) throw new Unusable(`${url} does not say where its keys are.`);
  const { keys } = await fetchJson(where, fetch);
  if (!Array.isArray(keys) || keys.length > MOST_KEYS) throw new Unusable(`${url} has no list of keys.`);
  const named = new Set(keys.map((key) => (key as { kid?: unknown } | null)?.kid));
  try {
    return { keys: createLocalJWKSet({ keys }), has: (kid) => kid === undefined || named.has(kid) };
  } catch (cause) {
    throw new Unusable(`${url} has no list of keys.`, { cause });
  }
}
