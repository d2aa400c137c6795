import { CreateKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdministratorKey } from "#operator/administrator";
import { init } from "#operator/init";
import { recoverAccount } from "#operator/recover";
import { openShared } from "#store";
import { requestId } from "#wire/request-id";
import { testRoot } from "../service.ts";
import { mortal } from "../timers/mortal.ts";
import { ACCOUNT, type Deployed, deploy, HOME, REPLICA } from "./deployed.ts";

describe("account-recover", () => {
  let trent: Deployed;
  let first: AdministratorKey;
  const recover = async (event: object = {}, region: string = HOME) =>
    (await trent.operator(region)({ action: "account-recover", ...event })) as AdministratorKey;

  beforeAll(async () => {
    trent = await deploy();
    expect(await recover()).toEqual({ refused: "It is not initialised: there is no account yet." });
    first = ((await trent.operator()({ action: "init" })) as { administrator: AdministratorKey }).administrator;
  });
  afterAll(() => trent.stop());

  it("makes another administrator, whose key works; those of others still do", async () => {
    const key = await recover();
    expect(key).toEqual({
      account: ACCOUNT,
      userArn: `arn:aws:iam::${ACCOUNT}:user/administrator-2`,
      accessKeyId: expect.stringMatching(/^AKIA/),
      secretAccessKey: expect.any(String),
    });
    await trent.kms(key).send(new CreateKeyCommand({}));
    await trent.kms(first).send(new ListKeysCommand({}));
    expect((await recover({ account: ACCOUNT })).userArn).toBe(`arn:aws:iam::${ACCOUNT}:user/administrator-3`);
  });

  it("is written down before and after, and the secret nowhere", async () => {
    const { userArn, secretAccessKey } = await recover();
    const rows = (await trent.log()).filter(({ record }) => record.e === "RecoverAccount" && record.r.includes(userArn));
    expect(rows.map(({ id }) => id.endsWith("#I")).sort()).toEqual([false, true]);
    expect(rows.find(({ id }) => !id.endsWith("#I"))?.record).toMatchObject({ s: "trent", y: "AwsServiceEvent", r: [userArn] });
    expect(JSON.stringify([rows, trent.logged])).not.toContain(secretAccessKey);
  });

  it("makes as many as are asked for at once", async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => recover()));
    expect(new Set(keys.map(({ userArn }) => userArn)).size).toBe(8);
    for (const key of keys) await trent.kms(key).send(new ListKeysCommand({}));
  });

  it("refuses an account that is not there, and a Region that is not home", async () => {
    expect(await recover({ account: "999988887777" })).toEqual({ refused: "There is no account 999988887777." });
    expect(await recover({}, REPLICA)).toEqual({ refused: `Principals are made in the home Region: do it in ${HOME}.` });
  });
});

describe("an init that ends before its", () => {
  it.each(Array.from({ length: 16 }, (_, n) => n))("write %i is finished by the next, or its lost answer recovered", async (writes) => {
    const store = mortal();
    const lines: string[] = [];
    const log = (event: string) => lines.push(event);
    const deps = {
      ...{ database: store.database, roots: testRoot(), region: HOME, home: HOME, shards: 1 },
      ...{ now: () => new Date(), newId: () => requestId(new Date()), operator: { error: log, warn: log, debug: log } },
    };
    store.dieAfter(writes);
    // What it answered is lost, if it answered.
    await init(deps, ACCOUNT).catch(() => undefined);
    store.recover();

    const again = await init(deps, ACCOUNT).catch((cause: Error) => {
      if (cause.name !== "Refusal") throw cause;
      return { administrator: undefined };
    });
    const { accessKeyId, secretAccessKey, userArn } = again.administrator ?? (await recoverAccount(deps));
    const { principals } = await openShared(store.database, deps.roots);
    const accessKey = await principals.accessKey(accessKeyId);
    if (!accessKey) throw new Error("The key is not there.");
    expect((await principals.secretOf(accessKey)).export().toString()).toBe(secretAccessKey);
    const user = await principals.user(ACCOUNT, accessKey.user);
    expect(user).toMatchObject({ arn: userArn, accessKeys: [{ id: accessKeyId, active: true }] });
    expect(await principals.arnOf(user?.id ?? "")).toBe(userArn);
    await store.database.close();
  });
});
