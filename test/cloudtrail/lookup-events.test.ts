import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import * as cloudtrailSdk from "@aws-sdk/client-cloudtrail";
import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateRandomCommand,
  ListKeysCommand,
  TagResourceCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lookupEvents } from "#cloudtrail";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import type { StructureShape } from "#wire/shape";
import { differencesFromSdk } from "../model/compare.ts";
import { sdkErrors, sdkOperation } from "../model/sdk.ts";
import { ACCOUNT, type Credentials, HOME, ownAccount, type Service, startService } from "../service.ts";

const OTHER = ownAccount("444455556666");
const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };

let service: Service;
let alice: Credentials & { readonly arn: string };
let keyArn: string;
let keyId: string;
const clients: CloudTrailClient[] = [];

function trail(credentials: Credentials = service.administrator, region: string = HOME, url: string = service.url): CloudTrailClient {
  const client = new CloudTrailClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

const lookUp = (input: LookupEventsCommandInput = {}, client = trail()) => client.send(new LookupEventsCommand(input));
const by = (AttributeKey: string, AttributeValue: string, rest: LookupEventsCommandInput = {}) =>
  lookUp({ LookupAttributes: [{ AttributeKey: AttributeKey as "EventId", AttributeValue }], ...rest });
const namesBy = async (key: string, value: string) => (await by(key, value)).Events?.map(({ EventName }) => EventName);
const shown = (event: { readonly CloudTrailEvent?: string | undefined } | undefined) => JSON.parse(event?.CloudTrailEvent ?? "{}");

beforeAll(async () => {
  service = await startService();
  alice = await service.user("alice", [everything]);
  const kms = service.kms(alice);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: "looked up" }));
  keyArn = KeyMetadata?.Arn ?? "";
  keyId = KeyMetadata?.KeyId ?? "";
  await kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from("a"), EncryptionContext: { tenant: "mine" } }));
  await kms.send(new TagResourceCommand({ KeyId: keyId, Tags: [{ TagKey: "a", TagValue: "b" }] }));
  await service.kms().send(new GenerateRandomCommand({ NumberOfBytes: 8 }));
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await service.stop();
});

test("has the members of AWS's own model", () => {
  const { input, output } = sdkOperation(cloudtrailSdk, "LookupEvents");
  expect(input && differencesFromSdk(lookupEvents.input, input, "input", "input")).toEqual([]);
  expect(output && differencesFromSdk(lookupEvents.output as StructureShape, output, "output", "output")).toEqual([]);
  expect(sdkErrors(cloudtrailSdk)).toEqual(expect.arrayContaining(lookupEvents.errors.map((name) => name)));
});

test("answers the events of the account, the newest first, each as a whole", async () => {
  const { Events = [] } = await lookUp();
  expect(Events.map(({ EventName }) => EventName)).toEqual(["GenerateRandom", "TagResource", "Encrypt", "CreateKey"]);
  expect(Events[2]).toEqual({
    EventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/),
    EventName: "Encrypt",
    ReadOnly: "true",
    AccessKeyId: alice.accessKeyId,
    EventTime: expect.any(Date),
    EventSource: "kms.amazonaws.com",
    Username: "alice",
    Resources: [{ ResourceType: "AWS::KMS::Key", ResourceName: keyArn }],
    CloudTrailEvent: expect.any(String),
  });
  const event = shown(Events[2]);
  expect(event).toMatchObject({
    eventName: "Encrypt",
    eventID: Events[2]?.EventId,
    requestParameters: { keyId, encryptionContext: { tenant: "mine" }, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
    recipientAccountId: ACCOUNT,
  });
  expect(Events[2]?.EventTime?.toISOString().replace(".000", "")).toBe(event.eventTime);
});

describe("finds events by", () => {
  test("each attribute", async () => {
    expect(await namesBy("EventName", "Encrypt")).toEqual(["Encrypt"]);
    expect(await namesBy("AccessKeyId", alice.accessKeyId)).toEqual(["TagResource", "Encrypt", "CreateKey"]);
    expect(await namesBy("Username", "alice")).toEqual(["TagResource", "Encrypt", "CreateKey"]);
    expect(await namesBy("ResourceName", keyArn)).toEqual(["TagResource", "Encrypt", "CreateKey"]);
    expect(await namesBy("ResourceName", keyId)).toEqual(["TagResource", "Encrypt", "CreateKey"]);
    expect(await namesBy("ResourceType", "AWS::KMS::Key")).toEqual(["TagResource", "Encrypt", "CreateKey"]);
    expect(await namesBy("EventSource", "sts.amazonaws.com")).toEqual([]);
    expect(await namesBy("ReadOnly", "false")).toEqual(["TagResource", "CreateKey"]);
  });

  test("its id, one", async () => {
    const [event] = (await by("EventName", "Encrypt")).Events ?? [];
    expect((await by("EventId", event?.EventId ?? "")).Events).toEqual([event]);
    expect((await by("EventId", "0190b0a0-0000-7000-8000-000000000000")).Events).toEqual([]);
    expect((await by("EventId", "none")).Events).toEqual([]);
  });

  test("time, to the second and inclusive", async () => {
    const [event] = (await by("EventName", "CreateKey")).Events ?? [];
    const at = event?.EventTime ?? new Date(0);
    const found = async (StartTime: Date, EndTime: Date) => (await by("EventName", "CreateKey", { StartTime, EndTime })).Events?.length;
    expect(await found(at, at)).toBe(1);
    expect(await found(new Date(at.getTime() + 1000), new Date(at.getTime() + 9000))).toBe(0);
    expect(await found(new Date(at.getTime() - 9000), new Date(at.getTime() - 1000))).toBe(0);
  });
});

test("goes on where a page ended, and tells every event once", async () => {
  const kms = service.kms(alice);
  for (let made = 0; made < 7; made += 1) await kms.send(new DescribeKeyCommand({ KeyId: keyId }));
  const ids: (string | undefined)[] = [];
  let NextToken: string | undefined;
  let pages = 0;
  do {
    const page = await by("EventName", "DescribeKey", { MaxResults: 3, NextToken });
    ids.push(...(page.Events ?? []).map(({ EventId }) => EventId));
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken !== undefined);
  expect(new Set(ids).size).toBe(7);
  expect([ids.length, pages]).toEqual([7, 3]);
});

describe("shows nobody's events but the caller's account's", () => {
  test("another account, another Region", async () => {
    const stranger = await service.user("stranger", [everything], OTHER);
    expect((await lookUp({}, trail(stranger))).Events).toEqual([]);
    expect((await lookUp({}, trail(service.administrator, "eu-west-1"))).Events).toEqual([]);
  });

  test("nor to whom no policy lets in", async () => {
    await expect(lookUp({}, trail(await service.user("nobody")))).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("refuses", () => {
  test.each<[string, LookupEventsCommandInput]>([
    ["InvalidLookupAttributesException", { LookupAttributes: [{ AttributeKey: "Shoe" as "EventId", AttributeValue: "a" }] }],
    [
      "InvalidLookupAttributesException",
      {
        LookupAttributes: [
          { AttributeKey: "EventName", AttributeValue: "a" },
          { AttributeKey: "Username", AttributeValue: "b" },
        ],
      },
    ],
    ["InvalidMaxResultsException", { MaxResults: 0 }],
    ["InvalidMaxResultsException", { MaxResults: 51 }],
    ["InvalidTimeRangeException", { StartTime: new Date(2000), EndTime: new Date(1000) }],
    ["InvalidNextTokenException", { NextToken: "mine" }],
    ["InvalidEventCategoryException", { EventCategory: "none" as "insight" }],
  ])("%s", async (name, input) => {
    await expect(lookUp(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  test("a token with other filters than those it was given for", async () => {
    const { NextToken } = await by("EventName", "DescribeKey", { MaxResults: 1 });
    await expect(by("EventName", "Encrypt", { NextToken })).rejects.toMatchObject({ name: "InvalidNextTokenException" });
  });

  test("more than two calls a second", async () => {
    const strict = await startService({ quotas: QUOTA_PROFILES.current });
    const client = trail(strict.administrator, HOME, strict.url);
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => lookUp({}, client)));
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const { name, message } of refused) expect([name, message]).toEqual(["ThrottlingException", "Rate exceeded"]);
    await strict.stop();
  });
});

test("a page for what has no index may be short, and goes on where it stopped reading", { timeout: 60_000 }, async () => {
  const busy = await startService();
  const client = busy.kms();
  await client.send(new GenerateRandomCommand({ NumberOfBytes: 1 }));
  const log = busy.database.table("log", HOME);
  const [row] = await busy.log();
  const day = row?.pk ?? "";
  const body = JSON.stringify({ w: "w", n: 1, p: "", r: { ...row?.record, s: "sts", e: "GetCallerIdentity" } });
  const later = (number: number) => `ffffffff-0000-7000-8000-${String(number).padStart(12, "0")}`;
  await log.append(Array.from({ length: 6000 }, (_, number) => ({ pk: day, sk: later(number), version: 1, body })));
  const looked = trail(busy.administrator, HOME, busy.url);
  const attributes: LookupEventsCommandInput = {
    LookupAttributes: [{ AttributeKey: "EventSource", AttributeValue: "kms.amazonaws.com" }],
  };
  const first = await lookUp(attributes, looked);
  expect(first.Events).toEqual([]);
  const second = await lookUp({ ...attributes, NextToken: first.NextToken }, looked);
  expect(second.Events).toHaveLength(1);
  await busy.stop();
});

test("leaves a record of itself", async () => {
  await service.kms().send(new ListKeysCommand({}));
  await by("EventName", "Encrypt");
  const [event] = (await by("EventName", "LookupEvents", { MaxResults: 1 })).Events ?? [];
  expect(event).toMatchObject({ EventSource: "cloudtrail.amazonaws.com", ReadOnly: "true", Username: "administrator" });
  expect(shown(event).requestParameters).toMatchObject({ maxResults: 50, lookupAttributes: [{ attributeKey: "EventName" }] });
});

const hasCli = spawnSync("aws", ["--version"]).status === 0;

test.skipIf(!hasCli)("the AWS CLI reads it", { timeout: 60_000 }, async () => {
  const { accessKeyId, secretAccessKey } = service.administrator;
  const { stdout } = await promisify(execFile)(
    "aws",
    ["cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=Encrypt", "--output", "json"],
    {
      timeout: 50_000,
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_DEFAULT_REGION: HOME,
        AWS_ENDPOINT_URL: service.url,
      },
    },
  );
  expect(JSON.parse(stdout).Events).toHaveLength(1);
});
