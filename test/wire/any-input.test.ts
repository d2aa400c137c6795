import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FAULT_NAMES } from "#domain/fault";
import { FACES } from "#faces";
import { type Answer, call, errorOf, kmsRequest, send, sign } from "../pipeline/signed-request.ts";
import { type Service, startService } from "../service.ts";

const RUNS = 600;
const modelled: ReadonlySet<string> = new Set(FAULT_NAMES);
const OPERATIONS = Object.values(FACES.find(({ service }) => service === "kms")?.operations ?? {});

let service: Service;
let keyId: string;
let blob: string;

beforeAll(async () => {
  service = await startService();
  keyId = JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata.KeyId;
  await call(service, "CreateAlias", { AliasName: "alias/known", TargetKeyId: keyId });
  blob = JSON.parse((await call(service, "Encrypt", { KeyId: keyId, Plaintext: "YQ==" })).text).CiphertextBlob;
});
afterAll(() => service.stop());

/** A success, or a refusal by a name of AWS's: never a 500, and nothing in the operator's log. */
function requireModelled(answer: Answer): void {
  const { name } = errorOf(answer);
  expect([200, 400]).toContain(answer.status);
  if (answer.status !== 200) expect(modelled).toContain(name);
  expect(service.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

/** Values that come near to what a member takes, and values that do not. */
const anyValue = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: fc.jsonValue({ maxDepth: 4 }), weight: 3 },
    { arbitrary: fc.string({ unit: "binary", maxLength: 300 }), weight: 2 },
    { arbitrary: fc.base64String({ maxLength: 200 }), weight: 2 },
    {
      arbitrary: fc
        .constantFrom(
          "",
          ":key/",
          ":alias/known",
          "arn:aws:kms:us-east-1:111122223333:key/",
          "arn:aws:kms:::",
          "alias/",
          "mrk-",
          "alias/aws/s3",
        )
        .chain((start) => fc.constantFrom(start + keyId, `${start}known`, start)),
      weight: 2,
    },
    {
      arbitrary: fc.constantFrom(true, false, null, 0, -1, 1, 32, 2 ** 31, 1e308, -0, 1.5, "SYMMETRIC_DEFAULT", "AES_256", "default"),
      weight: 2,
    },
    { arbitrary: fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), weight: 1 },
    { arbitrary: fc.array(fc.record({ TagKey: fc.string(), TagValue: fc.string() }), { maxLength: 60 }), weight: 1 },
    { arbitrary: anyPolicy(), weight: 1 },
  );

function anyPolicy(): fc.Arbitrary<string> {
  const oneOrMany = (...values: unknown[]) => fc.oneof(fc.constantFrom(...values), fc.array(fc.constantFrom(...values), { maxLength: 3 }));
  const statement = fc.record(
    {
      Sid: fc.string(),
      Effect: fc.constantFrom("Allow", "Deny", "allow", 1),
      Principal: fc.oneof(
        oneOrMany("*"),
        fc.record({ AWS: oneOrMany("*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::1:x", 7) }),
      ),
      Action: oneOrMany("kms:*", "kms:Enc?ypt", "*", "", "s3:Get*", 3),
      Resource: oneOrMany("*", "arn:*", "", null),
      Condition: fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.string())),
    },
    { requiredKeys: ["Effect", "Action"] },
  );
  const document = fc.record(
    {
      Version: fc.constantFrom("2012-10-17", "2008-10-17", "1"),
      Id: fc.string(),
      Statement: fc.oneof(statement, fc.array(statement, { maxLength: 4 })),
    },
    { requiredKeys: ["Statement"] },
  );
  return document.map((policy) => JSON.stringify(policy));
}

/** Members that make a call valid, so that one bad member is all that is wrong with it. */
const good = (): Readonly<Record<string, unknown>> => ({
  KeyId: keyId,
  TargetKeyId: keyId,
  DestinationKeyId: keyId,
  AliasName: "alias/known",
  CiphertextBlob: blob,
  Plaintext: "YQ==",
  NumberOfBytes: 32,
  Tags: [{ TagKey: "a", TagValue: "b" }],
  TagKeys: ["a"],
  Description: "",
});

test("any JSON value for any member of any operation is a success or a modelled error", async () => {
  const anyCall = fc.constantFrom(...OPERATIONS).chain((operation) => {
    const members = Object.keys(operation.input.fields);
    return fc.tuple(
      fc.constant(operation.name),
      fc.constant(members),
      fc.dictionary(fc.constantFrom("Extra", ...members), anyValue(), { maxKeys: 3 }),
    );
  });
  await fc.assert(
    fc.asyncProperty(anyCall, async ([name, members, odd]) => {
      const usual = Object.fromEntries(Object.entries(good()).filter(([member]) => members.includes(member)));
      requireModelled(await call(service, name, { ...usual, ...odd }));
    }),
    { numRuns: RUNS },
  );
}, 60_000);

test("any bytes as a body are a success or a modelled error", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .tuple(fc.constantFrom('{"KeyId":', '{"Plaintext":"', "{"), fc.uint8Array({ maxLength: 40 }))
      .map(([start, rest]) => Buffer.concat([Buffer.from(start), rest])),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...OPERATIONS), bytes, async ({ name }, body) => {
      requireModelled(await call(service, name, body));
    }),
    { numRuns: RUNS },
  );
}, 60_000);

test("any parameters of the query protocol are a success or a modelled error", async () => {
  const text = fc.oneof(fc.webQueryParameters(), fc.string({ unit: "binary", maxLength: 100 }));
  await fc.assert(
    fc.asyncProperty(text, fc.boolean(), async (rest, known) => {
      const { headers } = kmsRequest(service, "", "");
      const body = Buffer.from(known ? `Action=GetCallerIdentity&Version=2011-06-15&${rest}` : rest);
      const sent = {
        method: "POST",
        path: "/",
        headers: { host: headers["host"] ?? "", "content-type": "application/x-www-form-urlencoded" },
        body,
      };
      const answer = await send(service.url, sign(sent, service.administrator, { service: "sts" }));
      expect([200, 400]).toContain(answer.status);
      expect(answer.text).toMatch(answer.status === 200 ? /^<GetCallerIdentityResponse / : /<Code>(InvalidAction|MalformedInput)<\/Code>/);
    }),
    { numRuns: RUNS / 2 },
  );
}, 60_000);

test("any target, method and content type are answered", async () => {
  const header = fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 40,
  });
  const method = fc.constantFrom("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "QUERY");
  const path = fc.webPath().map((text) => `/${text}`);
  await fc.assert(
    fc.asyncProperty(method, path, header, header, header, async (verb, where, target, type, authorization) => {
      const headers = {
        "x-amz-target": target,
        "content-type": type,
        authorization,
        origin: target,
        "access-control-request-headers": type,
      };
      const { status } = await send(service.url, { method: verb, path: where, headers, body: Buffer.from("{}") });
      expect([200, 400, 403, 404, 405]).toContain(status);
    }),
    { numRuns: RUNS / 2 },
  );
  expect((await call(service, "ListKeys", {})).status).toBe(200);
}, 60_000);
