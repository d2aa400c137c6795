/** What a decision costs: over policies of so many statements, and over so many grants on a key. Beside it a bare hash of the same run. */
import { hash, randomUUID } from "node:crypto";
import { randomBytes } from "@trent/crypto";
import { type Grant, permits } from "#domain/grant";
import { compilePolicy } from "#domain/policy/compile";
import { defaultKeyPolicy } from "#domain/policy/default-policy";
import { type AccessRequest, evaluate } from "#domain/policy/evaluate";
import { grantsOf, newGrantId } from "../kms/granting.ts";
import { HOME, startService } from "../service.ts";

const ACCOUNT = "111122223333";
const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const RUNS = 20_000;
const WARM = 5_000;

/** Microseconds of one call at the middle, and of the slowest but one in a hundred. */
interface Cost {
  readonly p50: number;
  readonly p99: number;
}

async function costOf(work: () => unknown): Promise<Cost> {
  const times = new Float64Array(RUNS);
  for (let run = -WARM; run < RUNS; run += 1) {
    const start = performance.now();
    await work();
    if (run >= 0) times[run] = (performance.now() - start) * 1000;
  }
  times.sort();
  return { p50: times[RUNS / 2] ?? 0, p99: times[(RUNS * 99) / 100] ?? 0 };
}

/** The default key policy, and an identity policy whose last statement is the one that allows. */
function requestOver(statements: number): AccessRequest {
  const condition = { Condition: { Bool: { "aws:SecureTransport": "true" } } };
  const others = Array.from({ length: statements - 1 }, (_, index) => ({
    ...{ Effect: "Allow", Action: ["kms:Encrypt", "kms:Decrypt"], Resource: `arn:aws:kms:*:${ACCOUNT}:key/${index}-*` },
    ...condition,
  }));
  const document = { Version: "2012-10-17", Statement: [...others, { Effect: "Allow", Action: "kms:*", Resource: "*", ...condition }] };
  return {
    action: "kms:Encrypt",
    resource: KEY,
    resourceAccount: ACCOUNT,
    caller: { account: ACCOUNT, arn: ALICE, kind: "user" },
    keyPolicy: compilePolicy(defaultKeyPolicy(ACCOUNT, "aws"), "key"),
    identityPolicies: [{ name: "bench", policy: compilePolicy(JSON.stringify(document), "identity") }],
    context: (key) => (key === "aws:securetransport" ? "true" : undefined),
  };
}

/** Looks up the caller's grants on a key that has so many of others, and decides by the one that is the caller's. */
async function costOverGrants(count: number): Promise<Cost> {
  const service = await startService();
  try {
    const { grants: reader } = await service.host.region(HOME);
    const grants = await grantsOf(service);
    const keyId = randomUUID();
    const grantTo = (principal: string): Grant => ({
      ...{ id: newGrantId(), keyId, account: ACCOUNT, name: "", grantee: { principal }, operations: ["Encrypt"] },
      ...{ issuer: ACCOUNT, creator: ACCOUNT, created: new Date(), version: 0 },
    });
    for (let made = 0; made < count; made += 500)
      await Promise.all(Array.from({ length: Math.min(500, count - made) }, (_, n) => grants.create(grantTo(`${ALICE}-${made + n}`))));
    if (count > 0) await grants.create(grantTo(ALICE));
    const request = { ...requestOver(1), identityPolicies: [] };
    return await costOf(async () => {
      const found = (await reader.ofGrantee(keyId, ALICE)).filter((grant) => permits(grant, { operation: "Encrypt" }));
      const granted = found.map(({ id, grantee }) => ({ id, to: grantee.principal }));
      if (evaluate({ ...request, granted }).allowed !== count > 0) throw new Error("The decision is wrong.");
    });
  } finally {
    await service.stop();
  }
}

/** Prints a line for each. */
export async function decisions(): Promise<void> {
  const bytes = randomBytes(400);
  const base = await costOf(() => hash("sha256", bytes));
  const line = (name: string, { p50, p99 }: Cost) =>
    console.log(
      `${name.padEnd(34)} p50 ${p50.toFixed(1)} µs, p99 ${p99.toFixed(1)} µs, ${(p50 / base.p50).toFixed(1)} hashes of 400 bytes`,
    );
  for (const statements of [1, 20, 200]) {
    const request = requestOver(statements);
    line(`decision over ${statements} statements`, await costOf(() => evaluate(request)));
  }
  for (const count of [0, 100, 50_000]) line(`decision by grant, ${count} of others`, await costOverGrants(count));
}
