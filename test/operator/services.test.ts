import { DescribeKeyCommand, ListRetirableGrantsCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdministratorKey } from "#operator/administrator";
import type { ServiceList } from "#operator/list-services";
import type { RegisteredService } from "#operator/register-service";
import { ACCOUNT, type Deployed, deploy, HOME, REPLICA } from "./deployed.ts";

const S3 = "s3.amazonaws.com";

let trent: Deployed;
let operator: (event: unknown) => Promise<unknown>;
const register = async (principal: unknown = S3) => (await operator({ action: "service-register", principal })) as RegisteredService;
const list = async () => ((await operator({ action: "service-list" })) as ServiceList).services;
const remove = (principal: string = S3) => operator({ action: "service-remove", principal });
/** What a service may ask whoever lets it: which grants it may retire. */
const outcome = (key: RegisteredService, region?: string) =>
  trent
    .kms(key as unknown as AdministratorKey, region)
    .send(new ListRetirableGrantsCommand({ RetiringServicePrincipal: key.principal }))
    .then(
      () => "answered",
      ({ name, message }: Error) => `${name}: ${message}`,
    );
const UNKNOWN = "UnrecognizedClientException: The security token included in the request is invalid.";

beforeAll(async () => {
  trent = await deploy();
  operator = trent.operator();
  expect(await register()).toEqual({ refused: "It is not initialised: there is no account yet." });
  for (const region of [HOME, REPLICA]) await trent.operator(region)({ action: "init" });
});
afterAll(() => trent.stop());

describe("service-register", () => {
  it("lets a service call in every Region, by a key that is shown once", async () => {
    const key = await register();
    expect(key).toEqual({ principal: S3, accessKeyId: expect.stringMatching(/^AKIA/), secretAccessKey: expect.any(String) });
    expect([await outcome(key), await outcome(key, REPLICA)]).toEqual(["answered", "answered"]);
    expect(await list()).toEqual([{ principal: S3, accessKeyId: key.accessKeyId, created: expect.any(String) }]);
    expect(JSON.stringify([await trent.log(), trent.logged])).not.toContain(key.secretAccessKey);
  });

  it("gives another key when it is done again, and the one before stops", async () => {
    const [first, second] = [await register(), await register()];
    expect([await outcome(first), await outcome(second)]).toEqual([UNKNOWN, "answered"]);
    expect(await list()).toHaveLength(1);
  });

  it("is written down before and after, in the account that the store was made with", async () => {
    const { accessKeyId } = await register("sqs.amazonaws.com");
    const rows = (await trent.log(ACCOUNT)).filter(({ record }) => record.d?.accessKeyId === accessKeyId);
    expect(rows.map(({ id }) => id.endsWith("#I")).sort()).toEqual([false, true]);
    const { record } = rows.find(({ id }) => !id.endsWith("#I")) ?? {};
    expect(record).toMatchObject({ s: "trent", e: "RegisterService", d: { servicePrincipal: "sqs.amazonaws.com" } });
    expect(record.w).toMatchObject([{ pk: `A#${ACCOUNT}`, sk: "SERVICE#sqs.amazonaws.com" }]);
    await remove("sqs.amazonaws.com");
  });

  it.each(["logs.us-east-1.amazonaws.com", "vault.corp.example"])("takes %s", async (principal) => {
    expect(await outcome(await register(principal))).toBe("answered");
    await remove(principal);
  });

  it.each(["S3.amazonaws.com", "s3", "amazonaws.com", "a..b.c", "-a.b.c", "s3.amazonaws.com/x", `${"a".repeat(130)}.b.c`])(
    "refuses %s",
    async (principal) => {
      expect(await register(principal)).toEqual({ refused: expect.stringContaining("is not the name of a service") });
    },
  );

  it("is for the home Region", async () => {
    const elsewhere = trent.operator(REPLICA);
    expect(await elsewhere({ action: "service-register", principal: S3 })).toEqual({ refused: expect.stringContaining(HOME) });
  });

  it("of any number at once, leaves one key that works", async () => {
    const keys = (await Promise.all(Array.from({ length: 6 }, () => register("sns.amazonaws.com")))).filter((key) => key.accessKeyId);
    const outcomes = await Promise.all(keys.map((key) => outcome(key)));
    expect(outcomes.filter((said) => said === "answered")).toHaveLength(1);
    await remove("sns.amazonaws.com");
  });
});

describe("the key of a service", () => {
  it("is one, whichever function made it first, and is written down once", async () => {
    const administrator = (await operator({ action: "account-create", account: "777788889999" })) as AdministratorKey;
    await register("sqs.amazonaws.com");
    const described = Array.from({ length: 8 }, () => trent.kms(administrator).send(new DescribeKeyCommand({ KeyId: "alias/aws/sqs" })));
    const keys = (await Promise.all(described)).map(({ KeyMetadata }) => KeyMetadata?.Arn);
    expect(new Set(keys).size).toBe(1);
    const records = (await trent.log("777788889999")).filter(({ record }) => record.e === "CreateKey");
    const changed = records.flatMap(({ record }) => record.w ?? []).map(({ sk }: { sk: string }) => sk);
    expect(changed.sort()).toEqual(["ALIAS#alias/aws/sqs", "KEY"]);
    expect(records.filter(({ record }) => record.i).length).toBe(records.filter(({ record }) => !record.i).length);
    await remove("sqs.amazonaws.com");
  });
});

describe("service-remove", () => {
  it("stops a service at once, and it can be registered again", async () => {
    const key = await register();
    expect(await remove()).toEqual({ principal: S3, removed: true });
    expect([await outcome(key), await list()]).toEqual([UNKNOWN, []]);
    expect(await remove()).toEqual({ refused: `There is no service ${S3}.` });
    expect(await outcome(await register())).toBe("answered");
  });
});
