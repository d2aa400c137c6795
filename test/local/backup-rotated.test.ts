import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { requireUnrotated } from "#local/backup";
import { newCanary } from "#local/canary";
import type { OperatorDeps } from "#operator/act";
import { fingerprintOf } from "#operator/init";
import { operatorLog } from "#pipeline/operator-log";
import type { Root } from "#roots/root";
import { beginDomainKey, endDomainKey, ensureDomainKeys, GLOBAL, rewrap } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { HOME, testRoot } from "../service.ts";

/** A store, and what the manifest of a backup of it says that has just been begun. */
async function begun() {
  const database = openSqlite({ memory: true });
  onTestFinished(() => database.close());
  const roots = testRoot();
  for (const scope of [GLOBAL, HOME]) await ensureDomainKeys(database, scope, roots, new Date());
  const parts = { now: () => new Date(), newId: () => randomBytes(8).toString("hex"), operator: operatorLog("error") };
  const deps: OperatorDeps = { database, roots, region: HOME, home: HOME, shards: 1, ...parts };
  return { deps, roots, manifest: { root: await fingerprintOf(deps), canary: await newCanary(database, HOME, roots) } };
}

const as = (deps: OperatorDeps, roots: OperatorDeps["roots"]): OperatorDeps => ({ ...deps, roots });

test("a backup during which domain keys were rotated is refused, because what it says does not open in its copy", async () => {
  const { deps, roots, manifest } = await begun();
  const { database } = deps;
  await requireUnrotated(deps, manifest);
  await beginDomainKey(database, HOME, roots, new Date());
  // The former one is there still, and in the copy.
  await requireUnrotated(deps, manifest);
  await rewrap(database, HOME, roots, [], async (_, make) => void (await make()));
  await endDomainKey(database, HOME);
  await expect(requireUnrotated(deps, manifest)).rejects.toThrow("Root or domain keys were rotated meanwhile: make the backup again.");
});

test("so is one during which a rotation of the root was begun, or ended", async () => {
  const { deps, roots, manifest } = await begun();
  const another: Root = testRoot();
  const rotating = { ...roots, former: async () => another };
  await expect(requireUnrotated(as(deps, rotating), manifest)).rejects.toThrow(/were rotated meanwhile/);
  await expect(requireUnrotated(as(deps, another), manifest)).rejects.toThrow(/were rotated meanwhile/);
});
