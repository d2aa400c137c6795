import { describe, expect, it } from "vitest";
import { billOf, hoursOf, type Month, monthOf, type Usage } from "#domain/bill";
import { priceClassOf } from "#domain/price";

const NOVEMBER = monthOf("2026-11") as Month;
const AFTER = new Date("2027-01-01T00:00:00Z");
const on = (day: string): Date => new Date(`2026-${day}T00:00:00Z`);
const usage = (facts: Partial<Usage>): Usage => ({ region: "us-east-1", calls: {}, keyHours: 0, rotationHours: 0, ...facts });

describe("a month", () => {
  it("goes from its first instant to the first of the next", () => {
    expect(monthOf("2026-12")).toEqual({ name: "2026-12", start: on("12-01"), end: new Date("2027-01-01T00:00:00Z") });
  });
  it.each(["2026-13", "2026-00", "2026", "26-01", "2026-1", "2026-01-01", ""])("is not %j", (text) => {
    expect(monthOf(text)).toBeUndefined();
  });
});

describe("the price of a request", () => {
  it.each([
    [[], undefined, "requests"],
    [["HMAC_256"], undefined, "requests"],
    [["RSA_2048"], undefined, "rsa-2048"],
    [["RSA_4096"], undefined, "asymmetric"],
    [["ECC_NIST_P256"], undefined, "asymmetric"],
    [["RSA_2048", "RSA_3072"], undefined, "asymmetric"],
    [[], "RSA_2048", "rsa-data-key-pairs"],
    [[], "ECC_NIST_P521", "ecc-data-key-pairs"],
  ] as const)("with keys %j and KeyPairSpec %s is that of %s", (specs, pairSpec, name) => {
    expect(priceClassOf(specs, pairSpec)).toBe(name);
  });
});

describe("the hours of a key", () => {
  const key = (facts: Partial<Parameters<typeof hoursOf>[0]>) =>
    hoursOf({ created: on("10-01"), rotated: [], until: undefined, ...facts }, NOVEMBER, AFTER);

  it.each([
    ["all of the month", {}, 720],
    ["from when it was made", { created: on("11-21") }, 240],
    ["until its deletion was scheduled", { until: on("11-11") }, 240],
    ["none, when that was before the month", { until: on("10-15") }, 0],
    ["none, when it was made after the month", { created: on("12-02") }, 0],
    ["from the first day, when nobody knows when it was made", { created: undefined, until: on("11-02") }, 24],
  ])("are %s", (_, facts, hours) => {
    expect(key(facts)).toEqual({ keyHours: hours, rotationHours: 0 });
  });

  it("are those that have passed, in a month that goes on", () => {
    expect(hoursOf({ created: on("10-01"), rotated: [], until: undefined }, NOVEMBER, on("11-03")).keyHours).toBe(48);
  });

  it("count the first and the second rotation, and none after that", () => {
    expect(key({ rotated: [on("10-02"), on("11-21"), on("11-22"), on("11-23")] }).rotationHours).toBe(720 + 240);
  });
});

describe("the bill", () => {
  it("asks a dollar a month for a key, by the hour, and as much for each of two rotations", () => {
    const { lines, total } = billOf("111122223333", NOVEMBER, [usage({ keyHours: 720 * 3, rotationHours: 360 })]);
    expect(lines).toEqual([
      { item: "Customer managed keys", quantity: 3, unit: "key-months", amount: 3 },
      { item: "Rotations", quantity: 0.5, unit: "key-months", amount: 0.5 },
    ]);
    expect(total).toBe(3.5);
  });

  it("has 20,000 requests free over all Regions, of symmetric keys only", () => {
    const { lines } = billOf("111122223333", NOVEMBER, [
      usage({ calls: { requests: 15_000, "rsa-2048": 10_000 } }),
      usage({ region: "eu-west-1", calls: { requests: 15_000, asymmetric: 10_000, "rsa-data-key-pairs": 10 } }),
    ]);
    expect(lines.map(({ quantity, amount }) => [quantity, amount])).toEqual([
      [30_000, 0.03],
      [10_000, 0.03],
      [10_000, 0.15],
      [10, 0.012],
    ]);
  });

  it("says what the calls cost on AWS under Trent", () => {
    const { trent } = billOf("111122223333", NOVEMBER, [usage({ calls: { requests: 1_000_000 } })]);
    expect(trent.rest - trent["function-url"]).toBeCloseTo(3.5);
  });

  it("of nothing is nothing", () => {
    expect(billOf("111122223333", NOVEMBER, [])).toMatchObject({ lines: [], total: 0 });
  });
});
