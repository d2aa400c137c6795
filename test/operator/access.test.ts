import { CreateKeyCommand, EncryptCommand, type KMSClient, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operatorAccess } from "#operator";
import type { AdministratorKey } from "#operator/administrator";
import { ACCOUNT, type Deployed, deploy, HOME, REPLICA } from "./deployed.ts";

let trent: Deployed;
let administrator: AdministratorKey;
beforeAll(async () => {
  trent = await deploy();
  const answer = (await trent.operator()({ action: "init" })) as { administrator: AdministratorKey };
  administrator = answer.administrator;
  await trent.operator(REPLICA)({ action: "init" });
});
afterAll(() => trent.stop());

/** A key that names another account only, and the id of a call that was refused for it. */
async function lockedKey(kms: KMSClient) {
  const { KeyMetadata: { KeyId = "", Arn = "" } = {} } = await kms.send(new CreateKeyCommand({}));
  const Statement = [{ Effect: "Allow", Principal: { AWS: "444455556666" }, Action: "kms:*", Resource: "*" }];
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }));
  const { $metadata } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") })).catch((cause) => cause);
  return { KeyId, Arn, requestId: String($metadata.requestId) };
}

describe.each([HOME, REPLICA])("the operator's function in %s", (region) => {
  it("explains a call, lists who may, and unlocks a key", async () => {
    const kms = trent.kms(administrator, region);
    const { KeyId, Arn, requestId } = await lockedKey(kms);
    const ask = (event: object) => trent.operator(region)(event);
    expect(await ask({ action: "explain", requestId })).toMatchObject({
      ...{ requestId, region, account: ACCOUNT, operation: "Encrypt", differs: false },
      permissions: [{ permission: "kms:Encrypt", resource: Arn, allowed: false }],
    });
    expect(await ask({ action: "who-can", permission: "kms:Encrypt", key: Arn })).toMatchObject({
      principals: [{ principal: "444455556666" }],
    });
    expect(await ask({ action: "key-unlock", key: KeyId })).toMatchObject({ key: Arn, changed: true });
    // Functions that run believe what they read for a second.
    await trent.kms(administrator, region).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }));
    expect(await ask({ action: "explain", requestId, account: ACCOUNT })).toMatchObject({ differs: true });
    const able = await ask({ action: "who-can", permission: "kms:Encrypt", key: KeyId });
    expect(able).toMatchObject({ principals: [{ principal: `arn:aws:iam::${ACCOUNT}:root` }, { principal: administrator.userArn }] });
  });

  it("records an unlocking in the key's own Region", async () => {
    const { Arn } = await lockedKey(trent.kms(administrator, region));
    await trent.operator(region)({ action: "key-unlock", key: Arn });
    const log = trent.database.table("log", region);
    const { rows: days } = await log.query({ pk: `${ACCOUNT}#DAYS`, limit: 10 });
    const pages = await Promise.all(
      days.flatMap(({ sk }) => Array.from({ length: 16 }, (_, shard) => log.query({ pk: `${ACCOUNT}#${sk}#${shard}`, limit: 1000 }))),
    );
    const records = pages
      .flatMap(({ rows }) => rows.map(({ body }) => JSON.parse(body).r))
      .filter(({ e, r }) => e === "UnlockKey" && r[0] === Arn);
    expect(records.map(({ i }) => i).sort()).toEqual([1, undefined]);
  });

  it("touches no table beyond its own", async () => {
    const { Arn, requestId } = await lockedKey(trent.kms(administrator, region));
    trent.touches.length = 0;
    for (const event of [
      { action: "explain", requestId },
      { action: "who-can", permission: "kms:Encrypt", key: Arn },
      { action: "key-unlock", key: Arn },
    ])
      await trent.operator(region)(event);
    const declared = Object.keys(operatorAccess(region === HOME).tables);
    expect([...new Set(trent.touches.map(({ table }) => table))].filter((table) => !declared.includes(table))).toEqual([]);
    const written = trent.touches.filter(({ action }) => /Put|Update|Delete|Execute/.test(action)).map(({ table }) => table);
    expect([...new Set(written)].sort()).toEqual(["keys", "log"]);
  });
});

describe("the operator's function refuses", () => {
  it.each([
    [{ action: "explain" }, "requestId is missing."],
    [{ action: "explain", requestId: 7 }, "requestId is missing."],
    [{ action: "explain", requestId: "x" }, "x is not a request id: it is what answers have as x-amzn-RequestId."],
    [{ action: "who-can", key: "x" }, "permission is missing."],
    [{ action: "who-can", permission: "kms:Encrypt" }, "key is missing."],
    [{ action: "key-unlock" }, "key is missing."],
    [{ action: "key-unlock", key: "nonsense" }, `There is no key nonsense in ${HOME}.`],
  ])("%j", async (event, refused) => {
    expect(await trent.operator()(event)).toEqual({ refused });
  });

  it("an explanation of what is not a call", async () => {
    const init = (await trent.log()).find(({ id, record }) => record.e === "Init" && !id.endsWith("#I"));
    expect(await trent.operator()({ action: "explain", requestId: init?.id })).toEqual({
      refused: `${init?.id} is not a call: it is something that Trent did by itself (Init).`,
    });
  });
});
