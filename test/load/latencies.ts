/** Counts times, to within a sixteenth of each, in memory that does not grow. */
export interface Latencies {
  add(microseconds: number): void;
  /** In µs: below which this part of them is. */
  at(part: number): number;
  readonly count: () => number;
}

const STEPS = 16;

export function latencies(): Latencies {
  const counts = new Float64Array(STEPS * 40);
  let all = 0;
  return {
    add(microseconds) {
      const place = Math.floor(STEPS * Math.log2(Math.max(1, microseconds)));
      counts[Math.min(counts.length - 1, place)] = (counts[Math.min(counts.length - 1, place)] ?? 0) + 1;
      all += 1;
    },
    at(part) {
      let seen = 0;
      for (const [place, count] of counts.entries()) {
        seen += count;
        if (seen > 0 && seen >= part * all) return 2 ** ((place + 1) / STEPS);
      }
      return 0;
    },
    count: () => all,
  };
}
