/** Every operation arrives where it is served, and what is wrong with a request is refused in AWS's words. */
import * as sdk from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import * as kms from "#kms";
import { VERSION } from "#local/version";
import { errorOf, type Sent, send, sign } from "../pipeline/signed-request.ts";
import { doorOf, kmsAt, stsAt } from "./clients.ts";
import { deployed, REGIONS } from "./deployment.ts";

const { administrator, ingress } = deployed();
const OPERATIONS = Object.values(kms).map(({ name }) => name);

/** The SDK's command of an operation, with an input that leaves everything out. */
function commandOf(operation: string): sdk.ListKeysCommand {
  const Command = (sdk as unknown as Record<string, new (input: object) => sdk.ListKeysCommand>)[`${operation}Command`];
  if (!Command) throw new Error(`The SDK has no ${operation}Command.`);
  return new Command({});
}

describe.each(REGIONS)("in %s", (region) => {
  // Whatever a function does not serve is unknown to it; so another answer than that is one of the operation's own function.
  test.each(OPERATIONS)("%s is served", async (operation) => {
    const outcome = await kmsAt({ region })
      .send(commandOf(operation))
      .then(
        () => "done",
        ({ name, message }: Error) => `${name}: ${message}`,
      );
    expect(outcome).toMatch(/^(done|ValidationException: .+)$/);
  });

  test("GetCallerIdentity tells who calls", async () => {
    expect(await stsAt({ region }).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: administrator.account,
      Arn: administrator.userArn,
    });
  });

  test("a signature made with another secret is refused", async () => {
    const credentials = { ...administrator, secretAccessKey: "c29tZWJvZHkgZWxzZSdz" };
    await expect(kmsAt({ region, credentials }).send(new sdk.ListKeysCommand({}))).rejects.toMatchObject({
      name: "InvalidSignatureException",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(stsAt({ region, credentials }).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      $metadata: { httpStatusCode: 403 },
    });
  });

  test("an access key that nobody has is refused", async () => {
    const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "s3cr3t" };
    await expect(kmsAt({ region, credentials }).send(new sdk.ListKeysCommand({}))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
  });

  test("a signature for another Region is refused", async () => {
    await expect(kmsAt({ region, signedFor: "us-west-2" }).send(new sdk.ListKeysCommand({}))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
  });

  const { host, pathname } = new URL(doorOf(region));
  const JSON_HEADERS = { host, "content-type": "application/x-amz-json-1.1" };
  const request = (parts: Partial<Sent>): Sent => ({
    method: "POST",
    path: pathname,
    headers: JSON_HEADERS,
    body: Buffer.from("{}"),
    ...parts,
  });
  const signed = (parts: Partial<Sent>): Sent => sign(request(parts), administrator, { region });
  const targeted = (target: string) => ({ headers: { ...JSON_HEADERS, "x-amz-target": target } });
  const presigned = `${pathname}?Action=GetCallerIdentity&Version=2011-06-15`;

  test.each<[what: string, sent: Sent, status: number, error: string]>([
    ["an operation that there is not", signed(targeted("TrentService.MakeCoffee")), 400, "UnknownOperationException"],
    ["an operation of another service", signed(targeted("DynamoDB_20120810.ListTables")), 400, "UnknownOperationException"],
    ["no operation", signed({}), 400, "UnknownOperationException"],
    ["no signature", request(targeted("TrentService.ListKeys")), 400, "MissingAuthenticationTokenException"],
    ["a body that is no JSON", signed({ ...targeted("TrentService.ListKeys"), body: Buffer.from("{") }), 400, "SerializationException"],
    [
      "a body that was changed",
      { ...signed(targeted("TrentService.ListKeys")), body: Buffer.from('{"Limit":1}') },
      400,
      "InvalidSignatureException",
    ],
    ["a body in another language", signed({ headers: { ...JSON_HEADERS, "content-type": "text/xml" } }), 403, "AccessDeniedException"],
    ["GET", request({ method: "GET", path: pathname, body: Buffer.of() }), 400, "InvalidAction"],
    ["GetCallerIdentity unsigned", request({ method: "GET", path: presigned, body: Buffer.of() }), 403, "MissingAuthenticationToken"],
  ])("refuses %s, as Trent", async (_, sent, status, error) => {
    const answer = await send(doorOf(region), sent);
    expect.soft(answer.status).toBe(status);
    expect.soft(errorOf(answer).name || answer.text).toContain(error);
    expect(answer.headers).toMatchObject({ "x-trent-version": VERSION, "x-amzn-requestid": expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  test.runIf(ingress === "rest")("another path than the door's is refused, as Trent", async () => {
    const answer = await send(new URL("elsewhere", doorOf(region)).href, signed({ path: `${pathname}elsewhere` }));
    expect(answer).toMatchObject({ status: 400, headers: { "x-trent-version": VERSION } });
  });
});
