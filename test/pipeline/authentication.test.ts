import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GLOBAL } from "#store";
import { domainKeys, macKeys } from "#store/domain-keys";
import { openSqlite } from "#store/drivers/sqlite";
import { itemsOf } from "#store/items";
import { ACCOUNT, type Credentials, HOME, type Service, startService, testRoot } from "../service.ts";
import { type Answer, call, errorOf, kmsRequest, type Sent, type Signing, send } from "./signed-request.ts";

const database = openSqlite({ memory: true });
const root = testRoot();
let service: Service;
beforeAll(async () => {
  service = await startService({ database, root, regions: ["us-east-1", "eu-west-1"] });
});
afterAll(async () => {
  await service.stop();
  await database.close();
});

const INVALID = "The security token included in the request is invalid";
const MISMATCH =
  "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

const basic = (date: Date): string => date.toISOString().replace(/[-:]|\.\d{3}/g, "");
const minutesFromNow = (minutes: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 + minutes * 60_000);
/** Everything that a call could leave behind: keys, and rows of the log. */
const traces = async () => ({
  keys: (await database.table("keys", HOME).find(1, { pk: `A#${ACCOUNT}`, limit: 1000 })).hints.length,
  rows: (await service.log()).length,
});

/** Refused with this name and text; and nothing was done, and nothing recorded. */
async function requireRefused(attempt: () => Promise<Answer>, name: string, text: string | RegExp): Promise<void> {
  const before = await traces();
  const answer = await attempt();
  const error = errorOf(answer);
  expect({ status: answer.status, name: error.name }).toEqual({ status: 400, name });
  if (typeof text === "string") expect(error.text).toBe(text);
  else expect(error.text).toMatch(text);
  expect(await traces()).toEqual(before);
}

const createKey = (signing: Signing) => () => call(service, "CreateKey", {}, signing);
const altered = (change: (sent: Sent) => Partial<Sent>) => () => {
  const sent = kmsRequest(service, "CreateKey", {});
  return send(service.url, { ...sent, ...change(sent) });
};

describe("a call is refused as AWS refuses it, and leaves nothing behind", () => {
  test("signed with the wrong secret", async () => {
    const credentials = { ...service.administrator, secretAccessKey: service.administrator.secretAccessKey.toLowerCase() };
    await requireRefused(createKey({ credentials }), "InvalidSignatureException", MISMATCH);
  });

  test("with another body", async () => {
    await requireRefused(
      altered(() => ({ body: Buffer.from("{ }") })),
      "InvalidSignatureException",
      MISMATCH,
    );
  });

  test.each([
    ["x-amz-target", "TrentService.GenerateRandom"],
    ["content-type", "application/x-amz-json-1.0"],
    ["host", "elsewhere"],
  ])("with another %s", async (name, value) => {
    await requireRefused(
      altered(({ headers }) => ({ headers: { ...headers, [name]: value } })),
      "InvalidSignatureException",
      MISMATCH,
    );
  });

  test("with a header of AWS's that was not signed", async () => {
    await requireRefused(
      altered(({ headers }) => ({ headers: { ...headers, "x-amz-later": "1" } })),
      "InvalidSignatureException",
      "'x-amz-later' must be a 'SignedHeader' in the AWS Authorization.",
    );
  });

  test("without the host among the signed headers", async () => {
    const unbound = (text: string) => text.replace("host;", "");
    await requireRefused(
      altered(({ headers }) => ({ headers: { ...headers, authorization: unbound(headers["authorization"] ?? "") } })),
      "InvalidSignatureException",
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
  });

  test("by another path or with a query", async () => {
    await requireRefused(
      altered(() => ({ path: "/keys" })),
      "InvalidSignatureException",
      MISMATCH,
    );
    await requireRefused(
      altered(() => ({ path: "/?a=b" })),
      "InvalidSignatureException",
      MISMATCH,
    );
  });

  test("signed too long ago", async () => {
    const date = minutesFromNow(-6);
    const text = new RegExp(`^Signature expired: ${basic(date)} is now earlier than \\d{8}T\\d{6}Z \\(\\d{8}T\\d{6}Z - 5 min\\.\\)$`);
    await requireRefused(createKey({ date }), "InvalidSignatureException", text);
  });

  test("signed in the future", async () => {
    const date = minutesFromNow(6);
    const text = new RegExp(
      `^Signature not yet current: ${basic(date)} is still later than \\d{8}T\\d{6}Z \\(\\d{8}T\\d{6}Z \\+ 5 min\\.\\)$`,
    );
    await requireRefused(createKey({ date }), "InvalidSignatureException", text);
  });

  test.each(["eu-central-1", "us-east-9", "global"])("for a Region that is not served: %s", async (region) => {
    await requireRefused(
      createKey({ region }),
      "InvalidSignatureException",
      `Credential should be scoped to a valid region, not '${region}'.`,
    );
  });

  test.each(["sts", "dynamodb", "KMS"])("for another service: %s", async (wrong) => {
    await requireRefused(
      createKey({ service: wrong }),
      "InvalidSignatureException",
      "Credential should be scoped to correct service: 'kms'.",
    );
  });

  test("by an access key that nobody has", async () => {
    const credentials = { ...service.administrator, accessKeyId: "AKIAIOSFODNN7EXAMPLE" };
    await requireRefused(createKey({ credentials }), "UnrecognizedClientException", `${INVALID}.`);
  });

  test("unsigned", async () => {
    await requireRefused(createKey({ credentials: undefined }), "MissingAuthenticationTokenException", "Missing Authentication Token");
  });

  test("with a session token", async () => {
    await requireRefused(createKey({ headers: { "x-amz-security-token": "AAAA" } }), "UnrecognizedClientException", INVALID);
  });

  test.each([
    ["Basic dXNlcjpwYXNz", "Unsupported AWS 'algorithm': 'Basic'."],
    ["AWS4-HMAC-SHA256", /^Authorization header requires 'Credential' parameter\. Authorization header requires 'Signature' parameter\./],
  ])("by another scheme: %s", async (authorization, text) => {
    await requireRefused(
      altered(({ headers }) => ({ headers: { ...headers, authorization } })),
      "IncompleteSignatureException",
      text,
    );
  });
});

describe("an access key works only as long as its user holds it", () => {
  /** The user's item as the store keeps it, changed or removed. */
  async function change(name: string, edit: (user: { accessKeys: { active: boolean }[] }) => object | undefined): Promise<void> {
    const items = itemsOf(
      database.table("principals", GLOBAL),
      "principals",
      GLOBAL,
      await macKeys(domainKeys(database, GLOBAL, root)),
      10,
    );
    const key = { pk: `A#${ACCOUNT}`, sk: `U#${name}` };
    const stored = await items.get(key, (body, version) => ({ user: JSON.parse(body), version }));
    const next = edit(stored?.user);
    if (next) await items.put({ ...key, body: JSON.stringify(next) }, stored?.version);
    else await items.delete(key, stored?.version ?? 0);
  }
  const everything = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
  const listKeys = (credentials: Credentials) => call(service, "ListKeys", {}, { credentials });

  test("and is refused at once when it is made inactive", async () => {
    const credentials = await service.user("inactive", [everything]);
    expect((await listKeys(credentials)).status).toBe(200);
    await change("inactive", (user) => ({ ...user, accessKeys: user.accessKeys.map((key) => ({ ...key, active: false })) }));
    await requireRefused(createKey({ credentials }), "UnrecognizedClientException", `${INVALID}.`);
  });

  test("and is refused at once when the user is deleted, also after somebody else took the name", async () => {
    const credentials = await service.user("gone", [everything]);
    expect((await listKeys(credentials)).status).toBe(200);
    await change("gone", () => undefined);
    await requireRefused(createKey({ credentials }), "UnrecognizedClientException", `${INVALID}.`);
    const namesake = await service.user("gone", [everything]);
    await requireRefused(createKey({ credentials }), "UnrecognizedClientException", `${INVALID}.`);
    expect((await listKeys(namesake)).status).toBe(200);
  });
});

describe("calls that nobody can be held responsible for", () => {
  interface Line {
    readonly event: string;
    readonly peer: string;
    readonly count: number;
    readonly faults: Readonly<Record<string, number>>;
  }

  test("are counted for the operator, by peer and second, and are no records", async () => {
    const quiet = await startService();
    const refused = 30;
    for (let sent = 0; sent < refused; sent += 1) {
      await call(quiet, "CreateKey", {}, sent % 3 === 0 ? { credentials: undefined } : { service: "s3" });
    }
    const lines = (): Line[] => quiet.logged.map((line) => JSON.parse(line)).filter(({ event }) => event === "unauthenticated");
    const counted = () => lines().reduce((sum, { count }) => sum + count, 0);
    await expect.poll(counted, { timeout: 4000 }).toBe(refused);
    expect(lines().length).toBeLessThan(5);
    for (const { peer } of lines()) expect(peer).toBe("127.0.0.1");
    expect(lines().reduce((sum, { faults }) => sum + (faults["MissingAuthenticationTokenException"] ?? 0), 0)).toBe(10);
    expect(await quiet.log()).toEqual([]);
    expect(quiet.logged.join("")).not.toContain(quiet.administrator.accessKeyId);
    await quiet.stop();
  });

  test("stop being looked at when one peer only sends such, until a second has passed", async () => {
    let second = 1_800_000_000_000;
    const flooded = await startService({ wallClock: () => new Date(second) });
    const good = () => call(flooded, "ListKeys", {}, { date: new Date(second) });
    expect((await good()).status).toBe(200);
    const bad = () => call(flooded, "ListKeys", {}, { credentials: undefined });
    for (let sent = 0; sent < 20; sent += 1) await Promise.all(Array.from({ length: 50 }, bad));
    expect(await good()).toMatchObject({ status: 400, error: { name: "ThrottlingException", text: "Rate exceeded" } });
    second += 1000;
    expect((await good()).status).toBe(200);
    await flooded.stop();
  });
});
