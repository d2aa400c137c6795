import { expect, test } from "vitest";
import { bucketOf, cryptographic, dataKeyPair, memoryQuotas, own, promotion, replication, throttled } from "#domain/quota";
import { QUOTA_PROFILES } from "#domain/quota-profiles";

const SYMMETRIC = "Cryptographic operations (symmetric)";
const RSA = "Cryptographic operations (RSA)";
const ECC = "Cryptographic operations (ECC)";
const [HERE, THERE, MINE, YOURS] = ["us-east-1", "eu-central-1", "111122223333", "444455556666"];

// "HMAC keys count as symmetric. [The] bucket is chosen by the key's type, not by [the] operation."
// biome-ignore format: one row a line
test.each<[string, string]>([
  ["SYMMETRIC_DEFAULT", SYMMETRIC], ["HMAC_224", SYMMETRIC], ["HMAC_256", SYMMETRIC], ["HMAC_384", SYMMETRIC], ["HMAC_512", SYMMETRIC],
  ["RSA_2048", RSA], ["RSA_3072", RSA], ["RSA_4096", RSA],
  ["ECC_NIST_P256", ECC], ["ECC_NIST_P384", ECC], ["ECC_NIST_P521", ECC], ["ECC_SECG_P256K1", ECC], ["ECC_NIST_EDWARDS25519", ECC], ["SM2", ECC],
  ["ML_DSA_44", "Cryptographic operations (ML-DSA)"], ["ML_DSA_65", "Cryptographic operations (ML-DSA)"], ["ML_DSA_87", "Cryptographic operations (ML-DSA)"],
  ["ML_KEM_512", "Cryptographic operations (ML-KEM)"], ["ML_KEM_768", "Cryptographic operations (ML-KEM)"], ["ML_KEM_1024", "Cryptographic operations (ML-KEM)"],
])("a key of spec %s draws on %s", (spec, bucket) => expect(bucketOf(spec)).toBe(bucket));

test("a spec that nobody knows is a mistake, not a free ride", () => {
  expect(() => bucketOf("DES_56")).toThrow("no quota");
});

test("the rules name the buckets of a call, each once", () => {
  expect(cryptographic({ operation: "Encrypt", specs: ["SYMMETRIC_DEFAULT"] })).toEqual([SYMMETRIC]);
  expect(cryptographic({ operation: "GenerateRandom", specs: [] })).toEqual([SYMMETRIC]);
  expect(cryptographic({ operation: "ReEncrypt", specs: ["SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"] })).toEqual([SYMMETRIC]);
  expect(cryptographic({ operation: "ReEncrypt", specs: ["SYMMETRIC_DEFAULT", "RSA_2048"] })).toEqual([SYMMETRIC, RSA]);
  expect(own({ operation: "CreateKey", specs: [] })).toEqual(["CreateKey"]);
  expect(own({ operation: "DescribeKey", specs: ["RSA_2048"] })).toEqual(["DescribeKey"]);
  const pair = { operation: "GenerateDataKeyPairWithoutPlaintext", specs: ["SYMMETRIC_DEFAULT"], input: { KeyPairSpec: "RSA_4096" } };
  expect(dataKeyPair(pair)).toEqual(["GenerateDataKeyPair (RSA_4096)"]);
});

// "ReplicateKey [is] 1 ReplicateKey in the primary Region + 2 CreateKey in the replica Region; UpdatePrimaryRegion [is] 1 in each of the two Regions."
test("calls about two Regions are charged in both", () => {
  const replicate = replication({ operation: "ReplicateKey", specs: ["SYMMETRIC_DEFAULT"], input: { ReplicaRegion: THERE } });
  const quotas = memoryQuotas(QUOTA_PROFILES.current);
  expect([0, 0, 0].map((now) => quotas.take(MINE, HERE, replicate, now))).toEqual([true, true, false]);
  expect(admitted(quotas, "CreateKey", 5, 0, MINE, THERE)).toBe(1);
  expect(admitted(quotas, "CreateKey", 5, 0)).toBe(5);
  expect(admitted(quotas, "ReplicateKey", 5, 0)).toBe(3);

  const promote = promotion({ operation: "UpdatePrimaryRegion", specs: [], input: { PrimaryRegion: THERE } });
  expect(quotas.take(MINE, HERE, promote, 0)).toBe(true);
  expect([HERE, THERE].map((region) => admitted(quotas, "UpdatePrimaryRegion", 9, 0, MINE, region))).toEqual([4, 4]);
});

test("what was set for an account holds instead of the profile, from the next call on", () => {
  const quotas = memoryQuotas({ CreateKey: 2 });
  const take = (rate?: number) => quotas.take(MINE, HERE, ["CreateKey"], 0, rate === undefined ? {} : { CreateKey: rate });
  expect([take(), take(), take(), take(3), take(3), take()]).toEqual([true, true, false, true, false, false]);
});

/** How many of `count` calls at the time `now` are admitted. */
function admitted(
  quotas: ReturnType<typeof memoryQuotas>,
  bucket: string,
  count: number,
  now: number,
  account = MINE,
  region = HERE,
): number {
  return Array.from({ length: count }, () => quotas.take(account, region, [bucket], now)).filter(Boolean).length;
}

test("CreateKey: five a second by account and Region", () => {
  const quotas = memoryQuotas(QUOTA_PROFILES.current);
  expect(admitted(quotas, "CreateKey", 20, 0)).toBe(5);
  expect(admitted(quotas, "CreateKey", 20, 999)).toBe(0);
  expect(admitted(quotas, "CreateKey", 20, 999, YOURS)).toBe(5);
  expect(admitted(quotas, "CreateKey", 20, 999, MINE, THERE)).toBe(5);
  expect(admitted(quotas, "DisableKey", 20, 999)).toBe(5);
  expect(admitted(quotas, "CreateKey", 20, 1000)).toBe(5);
});

test("the tier of the Region counts", () => {
  const quotas = memoryQuotas(QUOTA_PROFILES["2023"]);
  expect([HERE, THERE, "sa-east-1"].map((region) => admitted(quotas, SYMMETRIC, 60_000, 0, MINE, region))).toEqual([50_000, 10_000, 5_500]);
});

test("a call that draws on two buckets takes from both or from none", () => {
  const quotas = memoryQuotas({ one: 1, three: 3 });
  const both = () => quotas.take(MINE, HERE, ["three", "one"], 0);
  expect([both(), both(), both()]).toEqual([true, false, false]);
  expect(admitted(quotas, "three", 5, 0)).toBe(2);
});

test("without a profile nothing is refused and nothing remembered", () => {
  const quotas = memoryQuotas(QUOTA_PROFILES.off);
  expect(admitted(quotas, "CreateKey", 10_000, 0)).toBe(10_000);
  expect(quotas.take(MINE, HERE, [], 0)).toBe(true);
  expect(quotas.remembered()).toBe(0);
});

test("full buckets are forgotten, used ones are not", () => {
  const quotas = memoryQuotas({ CreateKey: 1 });
  for (let account = 0; account < 100_000; account += 1) quotas.take(`${account}`, HERE, ["CreateKey"], account);
  expect(quotas.remembered()).toBeLessThan(3000);
  expect([quotas.take("99999", HERE, ["CreateKey"], 100_000), quotas.take("99000", HERE, ["CreateKey"], 100_000)]).toEqual([false, true]);
});

test("those who are refused everything leave nothing behind", () => {
  const quotas = memoryQuotas({ CreateKey: 0 });
  for (let account = 0; account < 10_000; account += 1) expect(quotas.take(`${account}`, HERE, ["CreateKey"], account)).toBe(false);
  expect(quotas.remembered()).toBeLessThan(3000);
});

// KMS Developer Guide, "Throttling AWS KMS requests".
test("the refusal is AWS's", () => {
  expect(throttled()).toMatchObject({
    name: "ThrottlingException",
    message: "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    status: 400,
  });
});
