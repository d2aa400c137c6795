import { isUse, type KeyUser, useCounter } from "#domain/key-use";
import type { OperatorDeps } from "./act.ts";
import { keyNamed, openPlace } from "./place.ts";

export interface KeyUsage {
  readonly key: string;
  /** What was before is not told; in ISO 8601. */
  readonly since: string;
  readonly users: readonly KeyUser[];
}

const DAYS = 30;
const DAY_MS = 86_400_000;
const PAGE = 1000;

/**
 * Who used a key in the last 30 days, out of the log of its account: before it is disabled or deleted, whom that would hit.
 * @throws {Refusal} when there is no such key.
 */
export async function keyUsage(deps: OperatorDeps, named: string): Promise<KeyUsage> {
  const place = await openPlace(deps);
  const key = await keyNamed(named, place);
  const since = new Date(deps.now().getTime() - DAYS * DAY_MS);
  const uses = useCounter();
  for (let before: string | undefined; ; ) {
    const page = await place.log.newest(key.account, {
      before,
      since,
      mentions: key.id,
      word: key.id,
      isWanted: ({ record }) => isUse(record, key.arn),
      limit: PAGE,
    });
    for (const { record } of page.records) uses.add(record);
    before = page.next;
    if (before === undefined) break;
  }
  return { key: key.arn, since: since.toISOString(), users: uses.users() };
}
