import { CreateKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operatorAccess } from "#operator";
import type { AdministratorKey } from "#operator/administrator";
import { createAccount } from "#operator/create-account";
import { init } from "#operator/init";
import type { AccountPage } from "#operator/list-accounts";
import { recoverAccount } from "#operator/recover";
import { rootFromEnvironment } from "#roots/env";
import { openShared } from "#store";
import { closing, TIMER_FUNCTIONS } from "#timers";
import { requestId } from "#wire/request-id";
import { timerOf } from "../../lambdas/timer.ts";
import { testRoot } from "../service.ts";
import { mortal } from "../timers/mortal.ts";
import { ACCOUNT, type Deployed, deploy, HOME, REPLICA } from "./deployed.ts";

const UNKNOWN = "UnrecognizedClientException: The security token included in the request is invalid.";

let trent: Deployed;
let operator: (event: unknown) => Promise<unknown>;
const create = async (event: object = {}) => (await operator({ action: "account-create", ...event })) as AdministratorKey;
const remove = (account: string) => operator({ action: "account-delete", account });
const list = async (event: object = {}) => (await operator({ action: "account-list", ...event })) as AccountPage;
const found = async (account: string) => (await list()).accounts.find((one) => one.account === account);
const outcome = (key: AdministratorKey, region?: string) =>
  trent
    .kms(key, region)
    .send(new ListKeysCommand({}))
    .then(
      () => "answered",
      ({ name, message }: Error) => `${name}: ${message}`,
    );

beforeAll(async () => {
  trent = await deploy();
  operator = trent.operator();
  expect(await create()).toEqual({ refused: "It is not initialised: there is no account yet." });
  for (const region of [HOME, REPLICA]) await trent.operator(region)({ action: "init" });
});
afterAll(() => trent.stop());

describe("account-create", () => {
  it("makes an account with an administrator, whose key works in every Region", async () => {
    const key = await create({ account: "222233334444", name: "Payments" });
    expect(key).toEqual({
      account: "222233334444",
      userArn: "arn:aws:iam::222233334444:user/administrator",
      accessKeyId: expect.stringMatching(/^AKIA/),
      secretAccessKey: expect.any(String),
    });
    expect((await trent.kms(key).send(new CreateKeyCommand({}))).KeyMetadata?.AWSAccountId).toBe("222233334444");
    expect(await outcome(key, REPLICA)).toBe("answered");
    expect(await found("222233334444")).toMatchObject({ name: "Payments", state: "active" });
  });

  it("gives a number of its own to whom names none", async () => {
    const [one, other] = [await create(), await create()];
    expect(one.account).toMatch(/^[1-9]\d{11}$/);
    expect(other.account).not.toBe(one.account);
    expect((await found(one.account))?.name).toBe(one.account);
  });

  it("is written down before and after, in the account, and the secret nowhere", async () => {
    const { account, userArn, secretAccessKey } = await create({ ttlSeconds: 60 });
    const rows = (await trent.log(account)).filter(({ record }) => record.e === "CreateAccount");
    expect(rows.map(({ id }) => id.endsWith("#I")).sort()).toEqual([false, true]);
    const { record } = rows.find(({ id }) => !id.endsWith("#I")) ?? {};
    expect(record).toMatchObject({ s: "trent", r: [userArn], d: { accountId: account, expires: expect.any(String) } });
    expect(record.w.map(({ pk, sk }: { pk: string; sk: string }) => `${pk}/${sk}`)).toEqual([
      `A#${account}/ACCOUNT`,
      `A#${account}/U#administrator`,
    ]);
    expect(JSON.stringify([rows, trent.logged])).not.toContain(secretAccessKey);
  });

  it("of any number at once, makes one", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => create({ account: "333344445555" })));
    const made = answers.filter(({ accessKeyId }) => accessKeyId !== undefined);
    expect(made).toHaveLength(1);
    expect(await outcome(made[0] as AdministratorKey)).toBe("answered");
    expect(answers.filter((answer) => answer !== made[0])).toEqual(
      Array.from({ length: 7 }, () => ({ refused: "There is an account 333344445555 already." })),
    );
  });

  it.each([
    [{ account: ACCOUNT }, `There is an account ${ACCOUNT} already.`],
    [{ account: "12" }, "account is not 12 digits."],
    [{ name: "" }, "The name of an account has 1 to 50 characters of ASCII."],
    [{ name: "x".repeat(51) }, "The name of an account has 1 to 50 characters of ASCII."],
    [{ name: "a\nb" }, "The name of an account has 1 to 50 characters of ASCII."],
    [{ name: 7 }, "name is not a string."],
    [{ ttlSeconds: 0 }, "An account lives for at least a second, and at most ten years."],
    [{ ttlSeconds: 1.5 }, "An account lives for at least a second, and at most ten years."],
    [{ ttlSeconds: 1e9 }, "An account lives for at least a second, and at most ten years."],
    [{ ttlSeconds: "24h" }, "ttlSeconds is not a number."],
  ])("refuses %j", async (event, refused) => {
    expect(await create(event)).toEqual({ refused });
  });
});

describe("account-delete", () => {
  it("lets nobody in the account call any more, in any Region, and leaves others alone", async () => {
    const [doomed, other] = [await create(), await create()];
    await trent.kms(doomed).send(new CreateKeyCommand({}));
    expect(await remove(doomed.account)).toEqual({ account: doomed.account, state: "deleted", pendingWindowInDays: 30 });
    expect([await outcome(doomed), await outcome(doomed, REPLICA)]).toEqual([UNKNOWN, UNKNOWN]);
    expect(await outcome(other)).toBe("answered");
    expect(await found(doomed.account)).toMatchObject({ state: "deleted", deleted: expect.any(String) });
    const [record] = (await trent.log(doomed.account)).filter(({ id, record }) => record.e === "DeleteAccount" && !id.endsWith("#I"));
    expect(record?.record).toMatchObject({ d: { pendingWindowInDays: 30 }, w: [{ sk: "ACCOUNT", version: 2 }] });
  });

  it("refuses a second time, an account that is not there, and the one that the store was made with", async () => {
    const { account } = await create();
    await remove(account);
    expect(await remove(account)).toEqual({ refused: `The account ${account} is deleted already.` });
    expect(await create({ account })).toEqual({ refused: `There is an account ${account} already.` });
    expect(await remove("999988887777")).toEqual({ refused: "There is no account 999988887777." });
    expect(await remove(ACCOUNT)).toEqual({ refused: `${ACCOUNT} is the account that this store was made with: it stays.` });
    expect(await operator({ action: "account-delete" })).toEqual({ refused: "account is missing." });
  });

  it("can be taken back by account-recover: old keys work again, and there is another administrator", async () => {
    const old = await create({ ttlSeconds: 3600 });
    await remove(old.account);
    const recovered = (await operator({ action: "account-recover", account: old.account })) as AdministratorKey;
    expect(recovered).toMatchObject({ reopened: true, userArn: `arn:aws:iam::${old.account}:user/administrator-2` });
    expect([await outcome(old), await outcome(recovered)]).toEqual(["answered", "answered"]);
    expect(await found(old.account)).toEqual({
      account: old.account,
      name: old.account,
      state: "active",
      created: expect.any(String),
    });
  });
});

describe.each([HOME, REPLICA])("the timer's function in %s", (region) => {
  it("schedules the keys of a deleted account, with the access that it declares and no other", async () => {
    const doomed = await create();
    const { KeyMetadata: { KeyId = "" } = {} } = await trent.kms(doomed, region).send(new CreateKeyCommand({}));
    await remove(doomed.account);
    trent.touches.length = 0;
    const roots = (environment: Parameters<typeof rootFromEnvironment>[0]) => ({
      ...rootFromEnvironment(environment),
      material: () => Promise.reject(new Error("The material root was asked for.")),
    });
    expect(await timerOf(closing, { version: "0", environment: trent.environmentOf(region), roots })({})).toMatchObject({ failed: 0 });
    const row = await trent.database.table("keys", region).get({ pk: `K#${KeyId}`, sk: "KEY" });
    expect(JSON.parse(row?.body ?? "{}").deletionDate).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    const touched = new Map<string, Set<string>>();
    for (const { table, action } of trent.touches) touched.set(table, (touched.get(table) ?? new Set()).add(action));
    const declared = TIMER_FUNCTIONS.find(({ name }) => name === "closing")?.access.tables ?? {};
    expect(Object.keys(declared)).toEqual(expect.arrayContaining([...touched.keys()]));
    expect([...(touched.get("principals") ?? [])].sort()).toEqual(["GetItem", "Query"]);
  });
});

describe("account-list", () => {
  it("begins with the first account, goes on by number, and is read in parts", async () => {
    const made = await Promise.all(Array.from({ length: 105 }, () => create()));
    const accounts = [];
    const sizes = [];
    for (let after: string | undefined; ; ) {
      const page: AccountPage = await list({ after });
      accounts.push(...page.accounts.map(({ account }) => account));
      sizes.push(page.accounts.length);
      after = page.next;
      if (after === undefined) break;
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(accounts[0]).toBe(ACCOUNT);
    expect(accounts.slice(1)).toEqual([...new Set(accounts.slice(1))].sort());
    expect(accounts).toEqual(expect.arrayContaining(made.map(({ account }) => account)));
  });
});

it("accounts are for the home Region", async () => {
  for (const event of [{ action: "account-create" }, { action: "account-list" }, { action: "account-delete", account: ACCOUNT }])
    expect(await trent.operator(REPLICA)(event)).toEqual({ refused: `Principals are made in the home Region: do it in ${HOME}.` });
});

it("the operator's function touches no table beyond its own for it", async () => {
  trent.touches.length = 0;
  const { account } = await create();
  await list();
  await remove(account);
  await operator({ action: "account-recover", account });
  const declared = Object.keys(operatorAccess(true).tables);
  expect([...new Set(trent.touches.map(({ table }) => table))].filter((table) => !declared.includes(table))).toEqual([]);
  const written = trent.touches.filter(({ action }) => /Put|Update|Delete|Execute/.test(action)).map(({ table }) => table);
  expect([...new Set(written)].sort()).toEqual(["log", "principals"]);
});

describe("an account-create that ends before its", () => {
  it.each(Array.from({ length: 12 }, (_, n) => n))(
    "write %i leaves nothing in the way, or what account-recover completes",
    async (writes) => {
      const store = mortal();
      const ignore = () => undefined;
      const deps = {
        ...{ database: store.database, roots: testRoot(), region: HOME, home: HOME, shards: 1 },
        ...{ now: () => new Date(), newId: () => requestId(new Date()), operator: { error: ignore, warn: ignore, debug: ignore } },
      };
      await init(deps, ACCOUNT);
      const wanted = { id: "222233334444", ttlSeconds: 60 };
      store.dieAfter(writes);
      await createAccount(deps, wanted).catch(ignore);
      store.recover();

      const key = await createAccount(deps, wanted).catch((cause: Error) => {
        expect(cause.message).toBe("There is an account 222233334444 already.");
        return recoverAccount(deps, wanted.id);
      });
      const { principals, accounts } = await openShared(store.database, deps.roots);
      const accessKey = await principals.accessKey(key.accessKeyId);
      expect((await principals.userOf(accessKey as NonNullable<typeof accessKey>))?.arn).toBe(key.userArn);
      expect((await accounts.list({ limit: 10 })).accounts.map(({ id }) => id)).toEqual([ACCOUNT, wanted.id]);
      expect((await accounts.closings(new Date(Date.now() + 61_000), { limit: 10 })).closings.length).toBeGreaterThan(0);
      await store.database.close();
    },
  );
});
