/** What a service has acknowledged, and so must never lose. */
export interface Ledger {
  /** Request ids, and whether the call was a change. */
  readonly calls: Map<string, { readonly operation: string; readonly change: boolean }>;
  readonly keys: Set<string>;
  /** Alias name to key id. */
  readonly aliases: Map<string, string>;
  /** By key id and tag name: the value that was acknowledged last, and those that were tried since. */
  readonly tags: Map<string, Tag>;
  readonly ciphertexts: { readonly blob: string; readonly plaintext: string; readonly context: Readonly<Record<string, string>> }[];
  /** Answers that were neither a success nor cut off. */
  readonly failures: string[];
}

export interface Tag {
  readonly keyId: string;
  readonly name: string;
  value: string | undefined;
  tried: string[];
}

export const newLedger = (): Ledger => ({
  calls: new Map(),
  keys: new Set(),
  aliases: new Map(),
  tags: new Map(),
  ciphertexts: [],
  failures: [],
});

/** The second after the first. */
export function merged(all: Ledger, more: Ledger): Ledger {
  return {
    calls: new Map([...all.calls, ...more.calls]),
    keys: new Set([...all.keys, ...more.keys]),
    aliases: new Map([...all.aliases, ...more.aliases]),
    tags: new Map([...all.tags, ...more.tags]),
    ciphertexts: [...all.ciphertexts, ...more.ciphertexts],
    failures: [...all.failures, ...more.failures],
  };
}
