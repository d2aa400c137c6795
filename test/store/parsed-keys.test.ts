import { CreateKeyCommand, DescribeKeyCommand, type KeySpec } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Key } from "#domain/key";
import { publicHalfOf } from "#domain/material";
import { HOME, type Service, startService } from "../service.ts";

describe("the keys of a pair", () => {
  let trent: Service;
  beforeAll(async () => {
    trent = await startService();
  });
  afterAll(() => trent.stop());

  it.each([
    ["ECC_NIST_P256", "SIGN_VERIFY"],
    ["RSA_2048", "ENCRYPT_DECRYPT"],
    ["ML_KEM_512", "ENCAPSULATE_DECAPSULATE"],
  ] as const)("are parsed once, however many calls use them: %s", async (spec, KeyUsage) => {
    const { KeyMetadata } = await trent.kms().send(new CreateKeyCommand({ KeySpec: spec as KeySpec, KeyUsage }));
    const region = await trent.host.region(HOME);
    const found = async () => (await region.keys.get(KeyMetadata?.KeyId ?? "")) as Key;
    const [first, opened] = [publicHalfOf(await found()), await region.materials.open(await found())];
    await trent.kms().send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(publicHalfOf(await found())).toBe(first);
    expect(await region.materials.open(await found())).toBe(opened);
  });
});
