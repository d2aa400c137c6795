import { describe, expect, test, vi } from "vitest";
import type { OperatorLog } from "#pipeline";
import { roomFor } from "#pipeline/room";

describe("room for calls", () => {
  test("is given to so many at once, and again when one of them has left; the operator is told of the others once a second", () => {
    vi.useFakeTimers();
    try {
      const told: unknown[] = [];
      const operator = { warn: (...line: unknown[]) => void told.push(line) } as unknown as OperatorLog;
      const room = roomFor(operator, 2);
      expect([room.enter(), room.enter(), room.enter(), room.enter()]).toEqual([true, true, false, false]);
      room.leave();
      expect([room.enter(), room.enter()]).toEqual([true, false]);
      vi.advanceTimersByTime(1_000);
      expect(told).toEqual([["overloaded", { refused: 3, underWay: 2 }]]);
      vi.advanceTimersByTime(10_000);
      expect(told).toHaveLength(1);
      expect(room.enter()).toBe(false);
      vi.advanceTimersByTime(1_000);
      expect(told).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
