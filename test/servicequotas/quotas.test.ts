import { CreateKeyCommand } from "@aws-sdk/client-kms";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ListAWSDefaultServiceQuotasCommand,
  ListServiceQuotasCommand,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUCKETS } from "#domain/quota-file";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { ACCOUNT, type Credentials, HOME, type Service, startService } from "../service.ts";

const [CREATE_KEY, KEYS] = ["L-32B67F4A", "L-C2F1777E"];
const ServiceCode = "kms";

let service: Service;
let quotas: ServiceQuotasClient;
beforeAll(async () => {
  service = await startService({ quotas: QUOTA_PROFILES.current });
  quotas = clientOf(service.administrator);
});
afterAll(async () => {
  quotas.destroy();
  await service.stop();
});

const clientOf = (credentials: Credentials, region = HOME) =>
  new ServiceQuotasClient({ endpoint: service.url, region, credentials, maxAttempts: 1 });

const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    ({ name }: Error) => name,
  );

describe("GetServiceQuota", () => {
  test("tells a request quota, with AWS's code and name", async () => {
    const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode: CREATE_KEY }));
    expect(Quota).toEqual({
      ServiceCode: "kms",
      ServiceName: "AWS Key Management Service (AWS KMS)",
      QuotaArn: `arn:aws:servicequotas:${HOME}:${ACCOUNT}:kms/${CREATE_KEY}`,
      QuotaCode: CREATE_KEY,
      QuotaName: "CreateKey request rate",
      Value: 5,
      Unit: "None",
      Adjustable: true,
      GlobalQuota: false,
      Period: { PeriodValue: 1, PeriodUnit: "SECOND" },
      QuotaAppliedAtLevel: "ACCOUNT",
    });
  });

  test("tells a resource quota, and the rate of the Region that is asked", async () => {
    const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode: KEYS }));
    expect(Quota).toMatchObject({ QuotaName: "Customer Master Keys (CMKs)", Value: 100_000 });
    expect(Quota).not.toHaveProperty("Period");
    const inLondon = clientOf(service.administrator, "eu-west-2");
    const { Quota: symmetric } = await inLondon.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode: "L-6E3AF000" }));
    expect(symmetric).toMatchObject({ QuotaName: "Cryptographic operations (symmetric) request rate", Value: 20_000 });
  });

  test.each([
    ["another service", { ServiceCode: "ec2", QuotaCode: CREATE_KEY }],
    ["a quota that KMS does not have", { ServiceCode, QuotaCode: "L-00000000" }],
  ])("finds nothing of %s", async (_, input) => {
    expect(await errorOf(quotas.send(new GetServiceQuotaCommand(input)))).toBe("NoSuchResourceException");
    expect(await errorOf(quotas.send(new GetAWSDefaultServiceQuotaCommand(input)))).toBe("NoSuchResourceException");
    expect(await errorOf(quotas.send(new RequestServiceQuotaIncreaseCommand({ ...input, DesiredValue: 6 })))).toBe(
      "NoSuchResourceException",
    );
  });

  test("is refused to whom no policy allows it, and recorded", async () => {
    const nobody = await service.user("nobody");
    const refused = await clientOf(nobody)
      .send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode: KEYS }))
      .catch((cause) => cause);
    expect(refused.name).toBe("AccessDeniedException");
    const [row] = await service.records(refused.$metadata.requestId);
    expect(row?.record).toMatchObject({ s: "servicequotas", e: "GetServiceQuota", x: ["AccessDeniedException", expect.any(String)] });
  });
});

describe("ListServiceQuotas", () => {
  test("lists all of KMS, page by page, each code once", async () => {
    const { Quotas: all = [] } = await quotas.send(new ListServiceQuotasCommand({ ServiceCode }));
    const codes = all.map(({ QuotaCode }) => QuotaCode);
    expect(new Set(codes).size).toBe(codes.length);
    expect(all.filter(({ Period }) => Period)).toHaveLength(BUCKETS.length - 1);
    const paged: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await quotas.send(new ListServiceQuotasCommand({ ServiceCode, MaxResults: 7, NextToken }));
      paged.push(...(page.Quotas ?? []).map(({ QuotaCode }) => QuotaCode));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(paged).toEqual(codes);
  });

  test("takes only the tokens that it has given", async () => {
    const { NextToken } = await quotas.send(new ListServiceQuotasCommand({ ServiceCode, MaxResults: 1 }));
    expect(await errorOf(quotas.send(new ListServiceQuotasCommand({ ServiceCode, NextToken: "bm90aGluZw==" })))).toBe(
      "InvalidPaginationTokenException",
    );
    expect(await errorOf(quotas.send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode, NextToken })))).toBe(
      "InvalidPaginationTokenException",
    );
  });

  test("lists one by its code, and none of single resources or of another service", async () => {
    const { Quotas } = await quotas.send(new ListServiceQuotasCommand({ ServiceCode, QuotaCode: KEYS }));
    expect(Quotas?.map(({ Value }) => Value)).toEqual([100_000]);
    const { Quotas: none } = await quotas.send(new ListServiceQuotasCommand({ ServiceCode, QuotaAppliedAtLevel: "RESOURCE" }));
    expect(none).toEqual([]);
    expect(await errorOf(quotas.send(new ListServiceQuotasCommand({ ServiceCode: "s3" })))).toBe("NoSuchResourceException");
  });
});

describe("RequestServiceQuotaIncrease", () => {
  const request = (QuotaCode: string, DesiredValue: number) =>
    quotas.send(new RequestServiceQuotaIncreaseCommand({ ServiceCode, QuotaCode, DesiredValue }));

  test("is pending, and changes nothing by itself", async () => {
    const { RequestedQuota } = await request(CREATE_KEY, 12.5);
    expect(RequestedQuota).toMatchObject({
      Id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ServiceCode: "kms",
      QuotaCode: CREATE_KEY,
      DesiredValue: 12.5,
      Status: "PENDING",
      Created: expect.any(Date),
      QuotaRequestedAtLevel: "ACCOUNT",
    });
    expect(JSON.parse(RequestedQuota?.Requester ?? "")).toMatchObject({ accountId: ACCOUNT, callerArn: expect.stringContaining(":user/") });
    const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode: CREATE_KEY }));
    expect(Quota?.Value).toBe(5);
    expect(await errorOf(request(CREATE_KEY, 20))).toBe("ResourceAlreadyExistsException");
  });

  test("is refused for what is no increase, or no number that there can be", async () => {
    expect(await errorOf(request(KEYS, 100_000))).toBe("IllegalArgumentException");
    expect(await errorOf(request(KEYS, -1))).toBe("ValidationException");
  });
});

test("what the operator has set for an account is what is told and enforced, and what is usual stays", async () => {
  const { host } = service;
  const credentials = await service.user(
    "tenant",
    [{ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } }],
    "444455556666",
  );
  await host.shared.principals.createAccount({
    ...{ id: "444455556666", name: "tenant", created: new Date(), version: 0 },
    quotas: { CreateKey: { [HOME]: 1, "*": 50 }, KeysPerAccount: 1 },
  });
  const tenant = clientOf(credentials);
  const input = { ServiceCode, QuotaCode: CREATE_KEY };
  expect((await tenant.send(new GetServiceQuotaCommand(input))).Quota?.Value).toBe(1);
  expect((await tenant.send(new GetAWSDefaultServiceQuotaCommand(input))).Quota?.Value).toBe(5);
  const { Quotas = [] } = await tenant.send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode }));
  expect(Quotas.find(({ QuotaCode }) => QuotaCode === CREATE_KEY)?.Value).toBe(5);
  expect((await clientOf(credentials, "eu-west-1").send(new GetServiceQuotaCommand(input))).Quota?.Value).toBe(50);

  const kms = service.kms(credentials);
  const abroad = service.kms(credentials, "eu-west-1");
  const made = await Promise.all([1, 2, 3].map(() => errorOf(kms.send(new CreateKeyCommand({})))));
  expect(made.filter((outcome) => outcome === "answered")).toHaveLength(1);
  expect(made.filter((outcome) => outcome === "ThrottlingException")).toHaveLength(2);
  expect(await errorOf(abroad.send(new CreateKeyCommand({})))).toBe("answered");
  expect(await errorOf(abroad.send(new CreateKeyCommand({})))).toBe("LimitExceededException");
});
