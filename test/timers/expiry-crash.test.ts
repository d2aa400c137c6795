/** The import of material, and its expiration, that end at any point: done or not done, and never in between. */
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { expect, it } from "vitest";
import { expiry, reconciling, runDue } from "#timers";
import { EXTERNAL, FOR_EVER, importInto, newMaterial, parametersFor, wrapped } from "../kms/imported.ts";
import { HOME, startService } from "../service.ts";
import { mortal } from "./mortal.ts";

const DAY = 86_400_000;

async function scene() {
  let now = new Date("2026-06-01T12:00:00Z");
  const store = mortal();
  const service = await startService({ clock: () => now, database: store.database });
  const kms = service.kms();
  const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand(EXTERNAL));
  return {
    store,
    service,
    kms,
    KeyId,
    bytes: newMaterial("SYMMETRIC_DEFAULT"),
    inDays: (days: number) => new Date(now.getTime() + days * DAY),
    advance(days: number): void {
      now = new Date(now.getTime() + days * DAY);
    },
    async stop(): Promise<void> {
      await service.stop();
      await store.database.close();
    },
  };
}

const stateOf = async (kms: KMSClient, KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

// An intent with the announcement of its day and writer, the key, the record.
it.each([0, 1, 2, 3, 4, 5])("an import that ends before its write %i leaves the key as it was or with its material", async (writes) => {
  const { store, kms, KeyId, bytes, stop } = await scene();
  try {
    const parameters = await parametersFor(kms, KeyId);
    const EncryptedKeyMaterial = wrapped(parameters, "RSAES_OAEP_SHA_256", bytes);
    const input = { KeyId, ImportToken: parameters.ImportToken, EncryptedKeyMaterial, ...FOR_EVER };
    store.dieAfter(writes);
    const answered = await kms.send(new ImportKeyMaterialCommand(input)).then(
      () => true,
      () => false,
    );
    store.recover();
    const state = await stateOf(kms, KeyId);
    expect(answered ? ["Enabled"] : ["Enabled", "PendingImport"]).toContain(state);
    // Whoever was not answered tries again, and with the same parameters.
    await kms.send(new ImportKeyMaterialCommand(input));
    expect(await stateOf(kms, KeyId)).toBe("Enabled");
  } finally {
    await stop();
  }
});

it.each([0, 1, 2, 3, 4, 5])("an expiration that ends before its write %i is done once, and told", async (writes) => {
  const { store, service, kms, KeyId, bytes, inDays, advance, stop } = await scene();
  try {
    await importInto(kms, KeyId, bytes, { ValidTo: inDays(10) });
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("before") }));
    advance(10);
    const run = () => runDue(expiry, service.host.timers, HOME);
    store.dieAfter(writes);
    const { failed } = await run();
    expect(failed).toBe(store.survived() ? 0 : 1);
    store.recover();
    expect(await run()).toMatchObject({ failed: 0 });
    expect(await run()).toMatchObject({ done: 0, failed: 0 });
    const { body = "{}" } = (await store.database.table("keys", HOME).get({ pk: `K#${KeyId}`, sk: "KEY" })) ?? {};
    expect(JSON.parse(body).materials[0]).not.toHaveProperty("w");

    // An intent that nobody closed is told by what the key became.
    const later = new Date(Date.now() + 6 * 60_000);
    await runDue(reconciling, { ...service.host.timers, now: () => later }, HOME);
    const told = (await service.log()).map(({ record }) => record).filter(({ e, i, x }) => e === "DeleteExpiredKeyMaterial" && !i && !x);
    // Two tries at one change are one change: each of them may be told, and of no other.
    expect(new Set(told.map(({ w }) => JSON.stringify(w))).size).toBe(1);

    await importInto(kms, KeyId, bytes);
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe("before");
  } finally {
    await stop();
  }
});
