import { describe, expect, test } from "vitest";
import { memoryQuotas } from "#domain/quota";
import { SYMMETRIC } from "#domain/quota-profiles";
import { quotasOf } from "#domain/quota-sharing";

const PROFILE = { CreateKey: 10, [SYMMETRIC]: 100 };
const NOW = 1_800_000_000_000;
const REGION = "us-east-1";

describe("what is used of quotas", () => {
  test("is told of each bucket, for the account that uses most of it, and forgotten after a second", () => {
    const quotas = memoryQuotas(PROFILE);
    for (const [account, calls] of [
      ["111122223333", 3],
      ["444455556666", 5],
    ] as const)
      for (let call = 0; call < calls; call += 1) quotas.take(account, REGION, ["CreateKey"], NOW);
    quotas.take("111122223333", REGION, [SYMMETRIC, "Unlimited"], NOW);
    expect(quotas.used?.(NOW + 500)).toEqual([
      { region: REGION, bucket: "CreateKey", part: 0.5 },
      { region: REGION, bucket: SYMMETRIC, part: 0.01 },
    ]);
    expect(quotas.used?.(NOW + 1000).map(({ part }) => part)).toEqual([0, 0]);
  });

  test("is, where quotas are shared, what one of the sharers was asked for", async () => {
    const quotas = quotasOf(PROFILE, { poolOf: () => async () => true, sharers: () => 2 });
    for (let call = 0; call < 4; call += 1) await quotas.take("111122223333", REGION, ["CreateKey"], NOW);
    expect(quotas.used?.(NOW + 500)).toEqual([{ region: REGION, bucket: "CreateKey", part: 0.4 }]);
    expect(quotas.used?.(NOW + 5000)).toEqual([{ region: REGION, bucket: "CreateKey", part: 0 }]);
  });
});
