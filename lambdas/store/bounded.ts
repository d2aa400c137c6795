/** A map that forgets its least recently used entry beyond a number of them. */
export interface Bounded<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): void;
}

export function bounded<K, V>(limit: number): Bounded<K, V> {
  const entries = new Map<K, V>();
  // Entries are moved to the young end only when the map is more than half full: below that nothing is evicted, and moving costs.
  const crowded = limit / 2;
  return {
    get(key) {
      const value = entries.get(key);
      if (value !== undefined && entries.size > crowded) {
        entries.delete(key);
        entries.set(key, value);
      }
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > limit) entries.delete(entries.keys().next().value as K);
    },
    delete(key) {
      entries.delete(key);
    },
  };
}
