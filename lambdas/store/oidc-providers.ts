import type { OidcProvider } from "#domain/oidc-provider";
import type { Items } from "./items.ts";

export interface OidcProviderReader {
  /** By its URL without `https://`. */
  oidcProvider(account: string, url: string): Promise<OidcProvider | undefined>;
  /** All of an account: there are few. */
  oidcProviders(account: string): Promise<readonly OidcProvider[]>;
}

export interface OidcProviderStore extends OidcProviderReader {
  /** @throws {Conflict} when there is one for this URL. */
  createOidcProvider(provider: OidcProvider): Promise<void>;
  /** @throws {Conflict} */
  replaceOidcProvider(read: OidcProvider, changed: OidcProvider): Promise<void>;
  /** @throws {Conflict} */
  removeOidcProvider(read: OidcProvider): Promise<void>;
}

/** More than an account may have. */
const MOST = 1000;

const rowKey = (account: string, url: string) => ({ pk: `A#${account}`, sk: `OIDC#${url}` });

/** The OpenID Connect providers of all accounts, one item each. */
export function oidcProviderStore(items: Items): OidcProviderStore {
  const itemOf = (provider: OidcProvider) => ({ ...rowKey(provider.account, provider.url), body: bodyOf(provider) });
  return {
    oidcProvider: (account, url) => items.get(rowKey(account, url), providerFrom),
    oidcProviders: async (account) => (await items.query({ pk: `A#${account}`, prefix: "OIDC#", limit: MOST }, providerFrom)).values,
    createOidcProvider: (provider) => items.put(itemOf(provider)),
    replaceOidcProvider: (read, changed) => items.put(itemOf(changed), read.version),
    removeOidcProvider: (read) => items.delete(rowKey(read.account, read.url), read.version),
  };
}

function bodyOf({ version: _, created, tags, ...provider }: OidcProvider): string {
  return JSON.stringify({ ...provider, created: created.getTime(), tags: [...tags] });
}

function providerFrom(body: string, version: number): OidcProvider {
  const { created, tags, ...stored } = JSON.parse(body);
  return { ...stored, created: new Date(created), tags: new Map(tags), version };
}
