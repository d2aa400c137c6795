/** A rotation that ends at any point: nothing is lost, and a later run does what is left. */
import { CreateKeyCommand, DecryptCommand, EnableKeyRotationCommand, EncryptCommand, ListKeyRotationsCommand } from "@aws-sdk/client-kms";
import { expect, it } from "vitest";
import { reconciling, rotation, runDue } from "#timers";
import { HOME, startService } from "../service.ts";
import { mortal } from "./mortal.ts";

const DAY = 86_400_000;

// An intent with the announcement of its day and writer, the key, the record.
it.each([0, 1, 2, 3, 4, 5])("a rotation that ends before its write %i is done once, and told", async (writes) => {
  let now = new Date("2026-06-01T12:00:00Z");
  const store = mortal();
  const service = await startService({ clock: () => now, database: store.database });
  try {
    const kms = service.kms();
    const run = () => runDue(rotation, service.host.timers, HOME);
    const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("before") }));
    now = new Date(now.getTime() + 90 * DAY);

    store.dieAfter(writes);
    const { failed } = await run();
    expect(failed).toBe(store.survived() ? 0 : 1);
    store.recover();
    expect(await run()).toMatchObject({ failed: 0 });
    expect(await run()).toMatchObject({ done: 0, failed: 0 });

    const { Rotations = [] } = await kms.send(new ListKeyRotationsCommand({ KeyId }));
    expect(Rotations.map(({ RotationDate, KeyMaterialState }) => [RotationDate, KeyMaterialState])).toEqual([[now, "CURRENT"]]);
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? []).toString()).toBe("before");

    // An intent that nobody closed is told by what the key became.
    const later = new Date(Date.now() + 6 * 60_000);
    await runDue(reconciling, { ...service.host.timers, now: () => later }, HOME);
    const told = (await service.log()).map(({ record }) => record).filter(({ e, i, x }) => e === "RotateKey" && !i && !x);
    expect(told).toHaveLength(1);
  } finally {
    await service.stop();
    await store.database.close();
  }
});
