import { CreateKeyCommand, DecryptCommand, EncryptCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { operatorAccess, operatorHandlerOf } from "#operator";
import type { AdministratorKey } from "#operator/administrator";
import type { Initialised } from "#operator/init";
import { rootFromEnvironment } from "#roots/env";
import { ACCOUNT, type Deployed, deploy, HOME, REPLICA } from "./deployed.ts";

let trent: Deployed;
beforeEach(async () => {
  trent = await deploy();
});
afterEach(() => trent.stop());

const init = async (region: string = HOME, event: object = {}): Promise<Initialised> =>
  (await trent.operator(region)({ action: "init", ...event })) as Initialised;

const refusals = (answers: readonly object[]) => answers.filter((answer) => "refused" in answer);

describe("init in the home Region", () => {
  it("makes the domain keys, the account and its administrator, whose key it shows", async () => {
    const { administrator, ...facts } = await init();
    expect(facts).toEqual({ region: HOME, home: HOME, account: ACCOUNT, root: trent.roots.fingerprint });
    expect(administrator).toEqual({
      account: ACCOUNT,
      userArn: `arn:aws:iam::${ACCOUNT}:user/administrator`,
      accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9/+]{40}$/),
    });
    const kms = trent.kms(administrator as AdministratorKey);
    const { KeyMetadata: { KeyId } = {} } = await kms.send(new CreateKeyCommand({}));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("hi") }));
    const { Plaintext = [] } = await kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext).toString()).toBe("hi");
  });

  it("refuses a second time, and changes nothing", async () => {
    const { administrator } = await init();
    expect(await init(HOME, { account: "999988887777" })).toEqual({
      refused: `It is initialised already: the account ${ACCOUNT} has an administrator, whose access key was shown once. If it is lost, account-recover makes another.`,
    });
    await trent.kms(administrator as AdministratorKey).send(new ListKeysCommand({}));
  });

  it("takes an account of the operator's choice", async () => {
    const { account, administrator } = await init(HOME, { account: "444455556666" });
    expect([account, administrator?.userArn]).toEqual(["444455556666", "arn:aws:iam::444455556666:user/administrator"]);
  });

  it("is written down before and after, and the secret nowhere", async () => {
    const { administrator } = await init();
    const rows = (await trent.log()).sort((a, b) => (a.id < b.id ? 1 : -1));
    const identity = { k: "service", a: "AWS Internal", i: ACCOUNT };
    const r = [administrator?.userArn];
    expect(rows.map(({ record }) => record)).toEqual([
      { i: 1, s: "trent", e: "Init", c: identity, r },
      { s: "trent", e: "Init", y: "AwsServiceEvent", t: expect.any(Number), c: identity, ip: "AWS Internal", ua: "AWS Internal", r },
    ]);
    expect(trent.logged).toEqual([]);
    for (const name of ["principals", "shared-domains"] as const) {
      const table = trent.database.table(name, "global");
      for (const pk of [`A#${ACCOUNT}`, `AK#${administrator?.accessKeyId}`])
        expect(JSON.stringify(await table.query({ pk, limit: 10 }))).not.toContain(administrator?.secretAccessKey);
    }
  });

  it("shows one key however many call it at once, and that key works", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => init()));
    const shown = answers.filter(({ administrator }) => administrator !== undefined);
    expect(shown).toHaveLength(1);
    expect(refusals(answers)).toHaveLength(49);
    const kms = trent.kms(shown[0]?.administrator as AdministratorKey);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    expect(KeyMetadata?.AWSAccountId).toBe(ACCOUNT);
    // Each intent has its outcome.
    const ids = (await trent.log()).filter(({ record }) => record.e === "Init").map(({ id }) => id);
    const open = ids.filter((id) => id.endsWith("#I") && !ids.includes(id.slice(0, -2)));
    expect(open).toEqual([]);
  }, 60_000);

  it("touches what the function declares, except keys and quotas: those are for other actions", async () => {
    trent.touches.length = 0;
    await init();
    const touched = new Set(trent.touches.map(({ table }) => table));
    const { keys: _, quotas: __, ...tables } = operatorAccess(true).tables;
    expect([...touched].sort()).toEqual(Object.keys(tables).sort());
    expect(new Set(trent.touches.filter(({ table }) => table === "log").map(({ action }) => action))).toEqual(new Set(["PutItem"]));
  });
});

describe("init in another Region", () => {
  it("refuses before the home Region is initialised", async () => {
    expect(await init(REPLICA)).toEqual({
      refused: `The home Region ${HOME} is not initialised, or that has not been replicated to here yet. Begin there, then try again.`,
    });
    expect(trent.logged).toEqual([]);
  });

  it("makes that Region's domain keys, as often as one likes, and shows nothing", async () => {
    const { administrator } = await init();
    const expected = { region: REPLICA, home: HOME, account: ACCOUNT, root: trent.roots.fingerprint };
    trent.touches.length = 0;
    expect(await Promise.all([init(REPLICA), init(REPLICA), init(REPLICA)])).toEqual([expected, expected, expected]);
    const writes = trent.touches.filter(({ action }) => action !== "GetItem").map(({ table }) => table);
    expect(new Set(writes)).toEqual(new Set(["domains"]));
    const { KeyMetadata } = await trent.kms(administrator as AdministratorKey, REPLICA).send(new CreateKeyCommand({}));
    expect(KeyMetadata?.Arn).toMatch(`arn:aws:kms:${REPLICA}:${ACCOUNT}:key/`);
  });
});

describe("the function", () => {
  it.each([
    undefined,
    null,
    "init",
    7,
    {},
    { action: "drop" },
    { action: ["init"] },
    { action: "init", account: "12" },
    { action: "init", account: 5 },
  ])("refuses %j", async (event) => {
    expect(await trent.operator()(event)).toEqual({ refused: expect.any(String) });
    expect(trent.touches.filter(({ action }) => action === "PutItem")).toEqual([]);
  });

  it("refuses roots that are the same", async () => {
    const root = await trent.roots.control();
    const roots = () => ({ control: async () => root, material: async () => root });
    const handler = operatorHandlerOf({ environment: trent.environmentOf(HOME), roots });
    expect(await handler({ action: "init", account: ACCOUNT })).toEqual({
      refused: "The control root and the material root are the same: give them two values.",
    });
  });

  it.each(["AWS_REGION", "TRENT_REGION", "TRENT_ROOT_KEY", "TABLE_PRINCIPALS"] as const)(
    "fails without %s, and its log says why",
    async (name) => {
      const lines: string[] = [];
      const log = (_: string, facts: object) => lines.push(JSON.stringify(facts));
      const environment = { ...trent.environmentOf(HOME), [name]: undefined };
      const handler = operatorHandlerOf({ environment, roots: rootFromEnvironment, operator: { error: log, warn: log, debug: log } });
      await expect(handler({ action: "init", account: ACCOUNT })).rejects.toThrow("The action failed; the function's log says why.");
      expect(lines).toHaveLength(1);
      if (!name.startsWith("TABLE")) expect(lines[0]).toContain(name);
    },
  );
});
