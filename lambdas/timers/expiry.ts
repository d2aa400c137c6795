/**
 * The end of imported material: when it has expired, its bytes are deleted, and the key waits for the same material again. No operation has
 * used it since that instant.
 * @see AWS KMS Developer Guide, "Set an expiration time"; "DeleteExpiredKeyMaterial" in the CloudTrail examples
 */
import { expiryDateOf, withoutExpired } from "#domain/imported-material";
import { stateOf } from "#domain/key";
import { Conflict } from "#store";
import { ledger } from "./ledger.ts";
import { type Stores, storesOf, timer } from "./timer.ts";

const uses = { keys: "write" } as const;

export const expiry = timer({
  name: "expiry",
  everyMinutes: 5,
  uses,
  find: ({ keys }: Stores<typeof uses>, now, page) => keys.due(now, page),
  read: ({ keys }, id) => keys.get(id),

  // A key that exists no more is deleted whole.
  due: (key, now) => (key && stateOf(key, now) !== undefined && withoutExpired(key, now) !== key ? key : undefined),
  dueSince: (key) => key && expiryDateOf(key),

  async run(key, turn) {
    const { regional, now, newId } = turn;
    const book = ledger({ log: regional.log, account: key.account, event: "DeleteExpiredKeyMaterial", id: newId(), since: now, tries: 1 });
    const facts = { r: [key.arn], d: { keyId: key.id } };
    try {
      await storesOf(regional, uses, book.gate).keys.replace(key, withoutExpired(key, now));
    } catch (cause) {
      if (!(cause instanceof Conflict)) throw cause;
      // Whoever changed the key meanwhile may have done the same; if not, the next run does.
      return book.close(now, { ...facts, x: ["ConflictException", "Somebody changed the key meanwhile."] });
    }
    await book.close(now, facts);
  },
});
