import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Key, newKey, scheduleDeletion } from "#domain/key";
import {
  isRotationDue,
  rotatedAsDue,
  rotatedOnDemand,
  rotationDateOf,
  told,
  untoldOf,
  withoutSchedule,
  withSchedule,
} from "#domain/rotation";

const DAY = 86_400_000;
const BORN = new Date("2026-01-01T00:00:00.000Z");
const material = (id: string) => ({ id, wrapped: "", domainKey: 1, created: BORN });
const key: Key = newKey({
  ...{ id: "1", account: "111122223333", region: "us-east-1", description: "", spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT" },
  ...{ created: BORN, policy: "{}", principals: {}, tags: new Map(), materials: [material("first")] },
});
const instant = (ms: number): Date => new Date(BORN.getTime() + ms);

describe("the next date of a key that is rotated however late", () => {
  it("is to come, at most a period away, and one of its first schedule", () => {
    const late = fc.date({ min: instant(90 * DAY), max: instant(40_000 * DAY), noInvalidDate: true });
    fc.assert(
      fc.property(fc.integer({ min: 90, max: 2560 }), late, (days, now) => {
        const scheduled = withSchedule(key, days, BORN);
        const due = scheduled.rotation?.next ?? now;
        const next = rotatedAsDue(scheduled, material("second"), now).rotation?.next.getTime() ?? 0;
        expect((next - due.getTime()) % (days * DAY)).toBe(0);
        expect(next).toBeGreaterThan(due.getTime());
        if (now >= due) {
          expect(next).toBeGreaterThan(now.getTime());
          expect(next - now.getTime()).toBeLessThanOrEqual(days * DAY);
        }
      }),
    );
  });
});

describe("a rotation is due", () => {
  const scheduled = withSchedule(key, 90, BORN);
  const date = instant(90 * DAY);
  it.each<[string, Key, Date, boolean]>([
    ["on its date", scheduled, date, true],
    ["not before", scheduled, instant(90 * DAY - 1), false],
    ["not without a schedule", withoutSchedule(scheduled), date, false],
    ["not of a disabled key", { ...scheduled, enabled: false }, date, false],
    ["not of one pending deletion", scheduleDeletion(scheduled, 30, instant(80 * DAY)), date, false],
    ["not of one that is gone", scheduleDeletion(scheduled, 7, BORN), date, false],
    ["not of one that its key store keeps away", { ...scheduled, imposed: "Unavailable" }, date, false],
    ["while its primary Region changes", { ...scheduled, imposed: "Updating" }, date, true],
  ])("%s", (_, of, now, due) => {
    expect(isRotationDue(of, now)).toBe(due);
  });

  it("is found by an index in which keys that wait are not", () => {
    expect(rotationDateOf(scheduled)).toEqual(date);
    expect(rotationDateOf(key)).toBeUndefined();
    expect(rotationDateOf({ ...scheduled, enabled: false })).toBeUndefined();
    expect(rotationDateOf(scheduleDeletion(scheduled, 7, BORN))).toBeUndefined();
  });
});

it("rotations on demand are told one by one, the oldest first, of a key that waits, too", () => {
  const [one, two] = [instant(DAY), instant(2 * DAY)];
  const rotated = rotatedOnDemand(rotatedOnDemand(key, material("second"), one), material("third"), two);
  expect(rotationDateOf({ ...rotated, enabled: false })).toEqual(one);
  const first = untoldOf(rotated);
  expect(first?.id).toBe("second");
  const half = first ? told(rotated, first) : rotated;
  expect([untoldOf(half)?.id, rotationDateOf(half)]).toEqual(["third", two]);
  const last = untoldOf(half);
  expect(untoldOf(last ? told(half, last) : half)).toBeUndefined();
});
