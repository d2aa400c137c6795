/** Does something in a Region as soon as there is something to do, besides the timers that look for it now and then. */
export interface Nudges {
  nudge(region: string): void;
  /** Nothing is left to do. */
  settled(): Promise<void>;
}

/**
 * One run a Region at a time; what comes up meanwhile is for the next one. What a run leaves over is its timer's.
 * @param run must not fail.
 */
export function nudges(run: (region: string) => Promise<void>): Nudges {
  const running = new Map<string, Promise<void>>();
  const wanted = new Set<string>();

  async function runs(region: string): Promise<void> {
    while (wanted.delete(region)) {
      // Whoever nudges is answered first.
      await new Promise((resolve) => setImmediate(resolve));
      await run(region);
    }
    running.delete(region);
  }

  return {
    nudge(region) {
      wanted.add(region);
      if (!running.has(region)) running.set(region, runs(region));
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
