/** Servers that stand still between wrapping something and writing it, for as long as a whole rotation of domain keys takes. */
import { CreateKeyCommand, DecryptCommand, EncryptCommand, ImportKeyMaterialCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { expect, onTestFinished, test } from "vitest";
import { rotateDomainKeys } from "#operator/domain-rotate";
import { operatorLog } from "#pipeline/operator-log";
import { type Database, ensureMeta, GLOBAL } from "#store";
import { ensureAuditKey } from "#store/audit-keys";
import { domainKeys } from "#store/domain-keys";
import { openSqlite } from "#store/drivers/sqlite";
import type { Row } from "#store/port";
import { requestId } from "#wire/request-id";
import { EXTERNAL, FOR_EVER, importInto, newMaterial, parametersFor, wrapped } from "../kms/imported.ts";
import { ACCOUNT, HOME, startService, testRoot } from "../service.ts";
import { anotherServer } from "./another-server.ts";

const MESSAGE = Buffer.from("kept");
type Wrote = (row: Row) => boolean;

/** A server, and a way to let a rotation run from beginning to end just before the next row of a kind is written; and servers that start later. */
async function made() {
  const database = openSqlite({ memory: true });
  const root = testRoot();
  await ensureMeta(database, root, { home: HOME, account: ACCOUNT }, new Date());
  let awaited: Wrote | undefined;
  let rotations = 0;
  const late = async (row: Row) => {
    if (!awaited?.(row)) return;
    awaited = undefined;
    await rotate();
    rotations += 1;
  };
  const standing: Database = {
    table(name, region) {
      const table = database.table(name, region);
      return {
        ...table,
        put: async (row, replacing) => late(row).then(() => table.put(row, replacing)),
        append: async (rows) => {
          for (const row of rows) await late(row);
          await table.append(rows);
        },
      };
    },
    close: () => database.close(),
  };
  const service = await startService({ database: standing, root });
  onTestFinished(async () => {
    await service.stop();
    await database.close();
  });

  function rotate() {
    const now = () => new Date();
    const parts = { now, newId: () => requestId(now()), operator: operatorLog("error", () => undefined) };
    const deps = { database, roots: root, region: HOME, home: HOME, shards: 1, ...parts };
    return rotateDomainKeys(deps, { settle: async () => undefined, regions: () => [HOME] });
  }

  async function standingStill<T>(before: Wrote, action: () => Promise<T>): Promise<T> {
    awaited = before;
    const done = await action();
    expect(rotations).toBe(1);
    return done;
  }

  const later = () => anotherServer({ database, roots: root, regions: [HOME], administrator: service.administrator });
  return { database, standing, root, service, kms: service.kms(), standingStill, later };
}

const isKey = ({ sk }: Row) => sk === "KEY";

test("a key that is made meanwhile can be used by all servers", async () => {
  const { kms, standingStill, later } = await made();
  const { KeyMetadata: { KeyId = "" } = {} } = await standingStill(isKey, () => kms.send(new CreateKeyCommand({})));
  for (const client of [kms, (await later()).kms(HOME)]) await client.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
});

test("so can one that is rotated, and its former material", async () => {
  const { kms, standingStill, later } = await made();
  const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand({}));
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
  await standingStill(isKey, () => kms.send(new RotateKeyOnDemandCommand({ KeyId })));
  const client = (await later()).kms(HOME);
  await client.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
  await client.send(new DecryptCommand({ CiphertextBlob }));
});

test("so can one that somebody imports material into", async () => {
  const { kms, standingStill, later } = await made();
  const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand(EXTERNAL));
  await standingStill(isKey, () => importInto(kms, KeyId, newMaterial("SYMMETRIC_DEFAULT")));
  await (await later()).kms(HOME).send(new EncryptCommand({ KeyId, Plaintext: MESSAGE }));
});

test("an import that is begun meanwhile can be ended", async () => {
  const { kms, standingStill, later } = await made();
  const { KeyMetadata: { KeyId = "" } = {} } = await kms.send(new CreateKeyCommand(EXTERNAL));
  const parameters = await standingStill(
    ({ pk }) => pk.startsWith("IMPORT#"),
    () => parametersFor(kms, KeyId),
  );
  const EncryptedKeyMaterial = wrapped(parameters, "RSAES_OAEP_SHA_256", newMaterial("SYMMETRIC_DEFAULT"));
  const input = { KeyId, ImportToken: parameters.ImportToken, EncryptedKeyMaterial, ...FOR_EVER };
  await (await later()).kms(HOME).send(new ImportKeyMaterialCommand(input));
});

test("an access key that is made meanwhile is believed", async () => {
  const { service, standingStill, later } = await made();
  const user = await standingStill(
    ({ sk }) => sk === "AK",
    () => service.user("somebody"),
  );
  await (await later()).sts(user).send(new GetCallerIdentityCommand({}));
});

test("a key of the log that is made meanwhile signs", async () => {
  const { database, standing, root, standingStill } = await made();
  const make = (on: Database) => ensureAuditKey(on.table("log", "eu-west-1"), "eu-west-1", domainKeys(database, GLOBAL, root));
  const { publicKey } = await standingStill(
    ({ pk }) => pk === "AUDIT",
    () => make(standing),
  );
  expect((await make(database)).publicKey).toBe(publicKey);
});
