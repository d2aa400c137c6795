import type { OperatorLog } from "./operator-log.ts";

/** Failures a second after which a peer, or an account, is not worth a signature check. */
const FAILURES_PER_PEER = 1000;
const FAILURES_PER_ACCOUNT = 5000;
/** Peers told apart within a second; the rest are counted, and stopped, together. */
const PEERS = 1000;
const OTHERS = "others";

/**
 * Counts calls that fail before any quota is charged, and stops looking at those who only send such calls.
 *
 * Calls that fail authentication are no records of the log: each peer's are one line a second to the operator.
 */
export interface Flood {
  /** Says whether calls from here are still looked at. */
  admits(peer: string): boolean;
  admitsAccount(account: string): boolean;
  /** A call that nobody could be held responsible for. */
  unauthenticated(peer: string, fault: string): void;
  /** A call of an account that was refused before it was charged. */
  refused(account: string): void;
}

export function floodGuard(operator: OperatorLog, now: () => Date): Flood {
  let second = 0;
  let peers = new Map<string, { count: number; faults: Record<string, number> }>();
  let accounts = new Map<string, number>();

  function report(): void {
    for (const [peer, { count, faults }] of peers) operator.warn("unauthenticated", { peer, count, faults });
    peers = new Map();
    accounts = new Map();
  }

  function turn(): void {
    const current = Math.floor(now().getTime() / 1000);
    if (current !== second) {
      report();
      second = current;
    }
  }

  return {
    admits(peer) {
      turn();
      const seen = peers.get(peer) ?? (peers.size >= PEERS ? peers.get(OTHERS) : undefined);
      return (seen?.count ?? 0) < FAILURES_PER_PEER;
    },
    admitsAccount(account) {
      turn();
      return (accounts.get(account) ?? 0) < FAILURES_PER_ACCOUNT;
    },
    unauthenticated(peer, fault) {
      turn();
      const known = peers.has(peer) || peers.size < PEERS ? peer : OTHERS;
      const seen = peers.get(known) ?? { count: 0, faults: {} };
      seen.count += 1;
      seen.faults[fault] = (seen.faults[fault] ?? 0) + 1;
      // The first failure of a quiet second is reported when the second is over, even if nobody calls again.
      if (peers.size === 0) setTimeout(turn, 1100).unref();
      peers.set(known, seen);
    },
    refused(account) {
      turn();
      accounts.set(account, (accounts.get(account) ?? 0) + 1);
    },
  };
}
