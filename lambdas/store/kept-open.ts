import type { Key } from "#domain/key";
import type { KeyStore } from "./keys.ts";
import type { MaterialWrapper } from "./materials.ts";
import { Conflict } from "./port.ts";

/**
 * A store of keys that open when a write of them has ended, for however long this process stood still before it.
 *
 * A rotation of domain keys finds what was written before it began to look. What is written later under the former domain key, which may be destroyed
 * by then, is written once more, and its writer waits for that: whoever finds after a write that the domain key is the current one has written
 * before the next rotation began.
 */
export function keptOpen(store: KeyStore, materials: MaterialWrapper): KeyStore {
  async function keepOpen(written: Key): Promise<void> {
    for (let key: Key | undefined = written; key; key = await store.get(key.id)) {
      const again = await materials.caughtUp(key);
      if (!again) return;
      try {
        await store.replace(key, again);
      } catch (cause) {
        // Whoever came first may have left it as it was.
        if (!(cause instanceof Conflict)) throw cause;
      }
    }
  }

  return {
    ...store,
    async create(key) {
      await store.create(key);
      await keepOpen({ ...key, version: 1 });
    },
    async replace(read, changed) {
      await store.replace(read, changed);
      await keepOpen({ ...changed, version: read.version + 1 });
    },
  };
}
