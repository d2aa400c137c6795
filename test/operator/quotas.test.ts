/** Quotas of a deployment: set by the operator, asked for by accounts, shared by instances. */
import { CreateKeyCommand, DescribeKeyCommand } from "@aws-sdk/client-kms";
import { GetServiceQuotaCommand, RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FACES } from "#faces";
import { dispatchHandlerOf } from "#lambda";
import type { AdministratorKey } from "#operator/administrator";
import type { QuotaList } from "#operator/quota-list";
import { through } from "../infra/function-url.ts";
import { ACCOUNT, type Deployed, deploy, HOME, REPLICA } from "./deployed.ts";

const CREATE_KEY = { ServiceCode: "kms", QuotaCode: "L-32B67F4A" };

let trent: Deployed;
let administrator: AdministratorKey;
beforeAll(async () => {
  trent = await deploy();
  const answer = (await trent.operator()({ action: "init" })) as { administrator: AdministratorKey };
  administrator = answer.administrator;
  await trent.operator(REPLICA)({ action: "init" });
});
afterAll(() => trent.stop());

function quotasClient(region = HOME): ServiceQuotasClient {
  const handler = dispatchHandlerOf(FACES, { version: "0", environment: trent.environmentOf(region) });
  const options = { endpoint: "https://trent.example", credentials: administrator, maxAttempts: 1 };
  return new ServiceQuotasClient({ ...options, region, requestHandler: through(handler) });
}

const outcome = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    ({ name }: Error) => name,
  );

describe("the operator's function", () => {
  it("sets a quota, which functions take up, and takes it back", async () => {
    const kms = trent.kms(administrator);
    expect(await trent.operator()({ action: "quota-set", name: "CreateKey", value: 1 })).toEqual({
      ...{ account: ACCOUNT, name: "CreateKey", value: 1, region: "*" },
    });
    await expect
      .poll(async () => (await quotasClient().send(new GetServiceQuotaCommand(CREATE_KEY))).Quota?.Value, { timeout: 5000 })
      .toBe(1);
    const made = await Promise.all([1, 2, 3, 4].map(() => outcome(kms.send(new CreateKeyCommand({})))));
    expect(made.filter((each) => each === "ThrottlingException").length).toBeGreaterThanOrEqual(2);
    expect(await trent.operator()({ action: "quota-set", name: "L-32B67F4A" })).toMatchObject({ name: "CreateKey", value: null });
    const { quotas } = (await trent.operator()({ action: "quota-list" })) as QuotaList;
    // The functions of this deployment have no quotas of their own.
    expect(quotas.find(({ name }) => name === "CreateKey")).toMatchObject({ value: null, usual: null, code: "L-32B67F4A" });
  });

  it("sets one for a Region alone", async () => {
    const set = { action: "quota-set", name: "AliasesPerKey", value: 3, where: REPLICA };
    expect(await trent.operator()(set)).toMatchObject({ region: REPLICA, value: 3 });
    const valueIn = async (region: string) => {
      const { quotas } = (await trent.operator(region)({ action: "quota-list" })) as QuotaList;
      return quotas.find(({ name }) => name === "AliasesPerKey")?.value;
    };
    expect([await valueIn(HOME), await valueIn(REPLICA)]).toEqual([50, 3]);
    expect(await trent.operator()({ action: "quota-set", name: "AliasesPerKey", where: REPLICA })).toMatchObject({ value: null });
    expect(await valueIn(REPLICA)).toBe(50);
  });

  it("sees what an account asks for, until it has it", async () => {
    await trent.operator()({ action: "quota-set", name: "CreateKey", value: 5 });
    const client = quotasClient(REPLICA);
    const { RequestedQuota } = await client.send(new RequestServiceQuotaIncreaseCommand({ ...CREATE_KEY, DesiredValue: 30 }));
    expect(RequestedQuota?.Status).toBe("PENDING");
    const asked = () => trent.operator(REPLICA)({ action: "quota-requests" });
    expect(await asked()).toEqual({
      region: REPLICA,
      requests: [
        {
          ...{ account: ACCOUNT, name: "CreateKey", value: 5, desired: 30, requester: administrator.userArn },
          created: expect.stringMatching(/^\d{4}-/),
        },
      ],
    });
    expect(await trent.operator(HOME)({ action: "quota-requests" })).toMatchObject({ requests: [] });
    await trent.operator()({ action: "quota-set", name: "CreateKey", value: 30, account: ACCOUNT });
    expect(await asked()).toMatchObject({ requests: [] });
    expect((await quotasClient(REPLICA).send(new GetServiceQuotaCommand(CREATE_KEY))).Quota?.Value).toBe(30);
  });

  it("records what it sets", async () => {
    await trent.operator()({ action: "quota-set", name: "TagsPerKey", value: 7 });
    const records = (await trent.log()).map(({ record }) => record).filter(({ e }) => e === "SetQuota");
    expect(records.map(({ d }) => d)).toContainEqual({ accountId: ACCOUNT, quota: "TagsPerKey", region: "*", value: 7 });
  });

  it.each([
    ["a quota that there is not", { name: "MakeKey", value: 1 }, 'There is no quota "MakeKey"'],
    ["a rate that is none", { name: "CreateKey", value: -1 }, "CreateKey is not a number from 0 to"],
    ["half a thing", { name: "TagsPerKey", value: 0.5 }, "TagsPerKey is not a number of things."],
    ["a Region that there is not", { name: "CreateKey", value: 1, where: "eu-wset-1" }, '"eu-wset-1" is not the name of a Region.'],
    ["an account that there is not", { name: "CreateKey", value: 1, account: "999999999999" }, "There is no account 999999999999."],
  ])("refuses %s", async (_, asked, why) => {
    expect(await trent.operator()({ action: "quota-set", ...asked })).toEqual({ refused: expect.stringContaining(why) });
  });

  it("sets quotas in the home Region only", async () => {
    expect(await trent.operator(REPLICA)({ action: "quota-set", name: "CreateKey", value: 1 })).toEqual({
      refused: expect.stringContaining(`do it in ${HOME}`),
    });
  });
});

describe("functions that share a quota", () => {
  it("lease it by adding to one counter, and admit together what one would", async () => {
    await trent.operator()({ action: "quota-set", name: "DescribeKey", value: 10 });
    const { KeyMetadata } = await trent.kms(administrator).send(new CreateKeyCommand({}));
    const instances = Array.from({ length: 4 }, () => trent.kms(administrator));
    const describe = (n: number) =>
      outcome((instances[n % 4] as (typeof instances)[0]).send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId })));
    await Promise.all([0, 1, 2, 3].map(describe));
    // What is asked within a second falls into two seconds of the clock at most.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    trent.touches.length = 0;
    const begun = Date.now();
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, n) => describe(n)));
    const seconds = 1 + Math.ceil((Date.now() - begun) / 1000);
    const admitted = outcomes.filter((each) => each === "answered").length;
    // What was admitted in one second of the clock still counts in the next.
    expect(admitted).toBeGreaterThanOrEqual(5);
    expect(admitted).toBeLessThanOrEqual(10 * seconds);
    expect(outcomes.every((each) => each === "answered" || each === "ThrottlingException")).toBe(true);
    const onQuotas = trent.touches.filter(({ table }) => table === "quotas").map(({ action }) => action);
    expect(new Set(onQuotas)).toEqual(new Set(["UpdateItem"]));
  });
});
