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
  /**
   * Returns when the second is over, so that whoever waits for an answer before it calls again has a thousand refusals a second, and the processor
   * is there for others. At once when as many wait as may.
   */
  secondOver(): Promise<void>;
  /** A call that nobody could be held responsible for. */
  unauthenticated(peer: string, fault: string): void;
  /** A request for nothing that there is: looked at by nobody, and told to nobody. */
  unserved(peer: string): void;
  /** A call of an account that was refused before it was charged. */
  refused(account: string): void;
}

/** @param mayWait how many refused calls may wait for the end of their second at once. */
export function floodGuard(operator: OperatorLog, now: () => Date, mayWait: number): Flood {
  let second = 0;
  let peers = new Map<string, { count: number; faults: Record<string, number> }>();
  let accounts = new Map<string, number>();
  let waiting = 0;
  let isToReport = false;

  function report(): void {
    for (const [peer, { faults }] of peers) {
      const count = Object.values(faults).reduce((sum, one) => sum + one, 0);
      if (count > 0) operator.warn("unauthenticated", { peer, count, faults });
    }
    peers = new Map();
    accounts = new Map();
    isToReport = false;
  }

  function turn(): void {
    const current = Math.floor(now().getTime() / 1000);
    if (current !== second) {
      report();
      second = current;
    }
  }

  /** What is known of a peer in this second: of one too many, of all of these. */
  function seenOf(peer: string): { count: number; faults: Record<string, number> } {
    turn();
    const known = peers.has(peer) || peers.size < PEERS ? peer : OTHERS;
    const seen = peers.get(known) ?? { count: 0, faults: {} };
    peers.set(known, seen);
    return seen;
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
    async secondOver() {
      if (waiting >= mayWait) return;
      waiting += 1;
      await new Promise<void>((resolve) => void setTimeout(resolve, 1000 - (now().getTime() % 1000)).unref());
      waiting -= 1;
    },
    unauthenticated(peer, fault) {
      const seen = seenOf(peer);
      // The first failure of a quiet second is reported when the second is over, even if nobody calls again.
      if (!isToReport) setTimeout(turn, 1100).unref();
      isToReport = true;
      seen.count += 1;
      seen.faults[fault] = (seen.faults[fault] ?? 0) + 1;
    },
    unserved(peer) {
      seenOf(peer).count += 1;
    },
    refused(account) {
      turn();
      accounts.set(account, (accounts.get(account) ?? 0) + 1);
    },
  };
}
