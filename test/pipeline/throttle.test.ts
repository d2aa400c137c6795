import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOME, type Service, startService } from "../service.ts";
import { call } from "./signed-request.ts";

/** AWS's quota of CreateKey: five a second. */
const QUOTA = 5;
const TEXT = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

let service: Service;
beforeAll(async () => {
  service = await startService({ quotas: QUOTA_PROFILES.current });
});
afterAll(() => service.stop());

const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1100));

test("a call over its quota is answered ThrottlingException, with AWS's text, and is recorded", async () => {
  const answers = await Promise.all(Array.from({ length: QUOTA + 3 }, () => call(service, "CreateKey", {})));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused).toHaveLength(3);
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 400, error: { name: "ThrottlingException", text: TEXT } });
    expect((await service.records(answer.requestId)).map(({ record }) => record.x)).toEqual([["ThrottlingException", TEXT]]);
  }
  await nextSecond();
});

test("other operations, and other accounts, have quotas of their own", async () => {
  const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
  const neighbour = await service.user("neighbour", [everything], "444455556666");
  for (let made = 0; made < QUOTA; made += 1) await call(service, "CreateKey", {});
  expect((await call(service, "CreateKey", {})).error.name).toBe("ThrottlingException");
  expect((await call(service, "ListKeys", {})).status).toBe(200);
  expect((await call(service, "CreateKey", {}, { credentials: neighbour })).status).toBe(200);
  await nextSecond();
});

test("another Region has a quota of its own", async () => {
  for (let made = 0; made < QUOTA; made += 1) await call(service, "CreateKey", {});
  expect((await call(service, "CreateKey", {})).error.name).toBe("ThrottlingException");
  expect((await call(service, "CreateKey", {}, { region: "eu-west-1" })).status).toBe(200);
  await nextSecond();
});

test("a call that is refused for its input is not charged", async () => {
  for (let sent = 0; sent < 2 * QUOTA; sent += 1) await call(service, "CreateKey", { KeySpec: "none" });
  expect((await call(service, "CreateKey", {})).status).toBe(200);
  await nextSecond();
});

test("the SDK's own retries succeed", async () => {
  const patient = new KMSClient({ endpoint: service.url, region: HOME, credentials: service.administrator, maxAttempts: 8 });
  const made = await Promise.all(Array.from({ length: 2 * QUOTA }, () => patient.send(new CreateKeyCommand({}))));
  expect(new Set(made.map(({ KeyMetadata }) => KeyMetadata?.KeyId)).size).toBe(2 * QUOTA);
  expect(made.some(({ $metadata }) => ($metadata.attempts ?? 0) > 1)).toBe(true);
  patient.destroy();
});
