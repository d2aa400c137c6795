/** A deletion that ends at any point: what it leaves behind is finished by a later run. */
import { CreateAliasCommand, CreateKeyCommand, DescribeKeyCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { deletion, runDue } from "#timers";
import { ACCOUNT, HOME, startService } from "../service.ts";
import { mortal } from "./mortal.ts";

async function scene() {
  let now = new Date("2026-06-01T12:00:00Z");
  const store = mortal();
  const service = await startService({ clock: () => now, database: store.database });
  const client = service.kms();
  const { KeyMetadata: { KeyId = "", Arn = "" } = {} } = await client.send(new CreateKeyCommand({}));
  for (const AliasName of ["alias/one", "alias/two"]) await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
  await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  now = new Date(now.getTime() + 7 * 86_400_000);
  const keys = store.database.table("keys", HOME);
  return {
    service,
    store,
    Arn,
    later: (minutes: number) => {
      now = new Date(now.getTime() + minutes * 60_000);
    },
    run: () => runDue(deletion, service.host.timers, HOME),
    state: async () => ({
      key: (await keys.query({ pk: `K#${KeyId}`, limit: 9 })).rows.map(({ sk }) => sk),
      aliases: (await keys.query({ pk: `A#${ACCOUNT}`, prefix: "ALIAS#", limit: 9 })).rows.map(({ sk }) => sk),
    }),
    records: async () => (await service.log()).filter(({ record }) => record.y === "AwsServiceEvent").map(({ record }) => record),
    intents: async () => (await service.log()).filter(({ record }) => record.i === 1 && record.e === "DeleteKey"),
    isRefused: () =>
      client.send(new DescribeKeyCommand({ KeyId })).then(
        () => "found",
        ({ name }: Error) => name,
      ),
  };
}

const GONE = { key: [], aliases: [] };

describe("a deletion that ends before its", () => {
  // A claim, an intent with the announcement of its day and writer, the key, two aliases, the record, the end of the claim.
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("write %i is finished later, and recorded once", async (writes) => {
    const { service, store, run, later, state, records, isRefused, Arn } = await scene();
    try {
      store.dieAfter(writes);
      expect((await run()).failed).toBe(1);
      store.recover();
      expect(await isRefused()).toBe("NotFoundException");

      await run();
      later(5);
      await run();
      expect(await state()).toEqual(GONE);
      expect(await isRefused()).toBe("NotFoundException");
      expect(await records()).toMatchObject([{ e: "DeleteKey", a: { keyId: Arn }, r: [Arn] }]);
      expect(await run()).toMatchObject({ done: 0, failed: 0 });
    } finally {
      await service.stop();
      await store.database.close();
    }
  });

  it("end only leaves nothing to do", async () => {
    const { service, store, run, state, records } = await scene();
    try {
      store.dieAfter(9);
      expect(await run()).toMatchObject({ done: 1, failed: 0 });
      expect(store.survived()).toBe(true);
      expect(await state()).toEqual(GONE);
      expect(await records()).toHaveLength(1);
    } finally {
      await service.stop();
      await store.database.close();
    }
  });
});

it("a deletion that somebody has just begun is not taken over, one that was left for five minutes is", async () => {
  const { service, store, run, later, state, intents } = await scene();
  try {
    // Claim, day, writer, intent, key: the aliases are left.
    store.dieAfter(5);
    await run();
    store.recover();
    expect(await state()).toEqual({ key: ["DELETION"], aliases: ["ALIAS#alias/one", "ALIAS#alias/two"] });
    later(4);
    expect(await run()).toMatchObject({ done: 0, failed: 0 });
    later(1);
    expect(await run()).toMatchObject({ done: 1, failed: 0 });
    expect(await state()).toEqual(GONE);
    // Under the same id, so that one outcome answers both.
    expect((await intents()).map(({ id }) => id.replace(/^.*#/, ""))).toEqual(["I", "I2"]);
  } finally {
    await service.stop();
    await store.database.close();
  }
});
