import { setTimeout as pause } from "node:timers/promises";
import { type OperatorDeps, Refusal } from "#operator/act";
import { type RotatedDomainKeys, rotateDomainKeys } from "#operator/domain-rotate";
import { domainKeySince, GLOBAL } from "#store";
import { regionsIn } from "./regions-in.ts";
import { rotatingAlone } from "./rotating-alone.ts";

/** For servers to end what they have begun. Who takes longer writes what it wrapped under a former domain key once more. */
const IN_FLIGHT_MS = 5_000;
/** Rotations are to begin with a server that has answered calls for a while, and looked for once an hour. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Rotates the domain keys of a data folder beside its servers, if nobody else does. @throws {Refusal} */
export function rotateDomainKeysIn(folder: string, deps: OperatorDeps, signal?: AbortSignal): Promise<RotatedDomainKeys> {
  const regions = () => {
    signal?.throwIfAborted();
    return regionsIn(folder);
  };
  const settle = () => pause(IN_FLIGHT_MS, undefined, { signal });
  return rotatingAlone(folder, () => rotateDomainKeys(deps, { settle, regions }));
}

/** Rotates them if one is so many days old, or a rotation was begun and not ended; answers undefined when there is nothing to do. */
export async function rotateWhenDue(
  folder: string,
  deps: OperatorDeps,
  days: number,
  signal?: AbortSignal,
): Promise<RotatedDomainKeys | undefined> {
  const due = deps.now().getTime() - days * DAY_MS;
  for (const scope of [GLOBAL, ...regionsIn(folder)]) {
    const since = await domainKeySince(deps.database, scope);
    if (since !== undefined && since <= due) return rotateDomainKeysIn(folder, deps, signal);
  }
  return undefined;
}

/** Does so for as long as a server runs; of several on one folder one does it. What is under way when it stops is broken off. */
export function startDomainRotation(folder: string, deps: OperatorDeps, days: number, firstMs = FIRST_MS): { stop(): Promise<void> } {
  const ending = new AbortController();
  const { signal } = ending;
  const { operator } = deps;
  let running: Promise<void> = Promise.resolve();
  let timeout = setTimeout(round, firstMs).unref();

  function round(): void {
    running = rotateWhenDue(folder, deps, days, signal).then(
      (rotated) => rotated && operator.debug("domain keys rotated", { ...rotated }),
      (cause: unknown) => {
        // When this server ends, the next goes on with it.
        if (signal.aborted) return;
        operator[cause instanceof Refusal ? "warn" : "error"]("domain keys not rotated", { cause: String(cause) });
      },
    );
    timeout = setTimeout(round, EVERY_MS).unref();
  }

  return {
    async stop() {
      ending.abort();
      clearTimeout(timeout);
      await running;
    },
  };
}
