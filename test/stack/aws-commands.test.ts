/** What accounts see of their calls and quotas where Trent is deployed, by plain `aws` commands. */
import { execFile } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { doorOf } from "./clients.ts";
import { deployed, REGIONS } from "./deployment.ts";

const { administrator, endpoint } = deployed();
const { hostname, port } = new URL(endpoint);
const run = promisify(execFile);

/** Leads the commands' connections to the stack, as `reach.ts` does those of this process: no DNS knows the name of a door. */
const proxy = createServer((asked, answer) => {
  const { method, headers, url = "/" } = asked;
  const { pathname, search } = new URL(url);
  const onward = request({ hostname, port, method, headers, path: pathname + search, setHost: false }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
  });
  onward.on("error", () => answer.writeHead(502).end());
  asked.pipe(onward);
});
beforeAll(() => new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => void proxy.close(resolve)));

/** Runs `aws` in a Region, and answers what it printed. */
async function aws(region: string, ...args: readonly string[]): Promise<string> {
  const through = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { stdout } = await run("aws", [...args, "--output", "json"], {
    timeout: 100_000,
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: administrator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: doorOf(region),
      HTTP_PROXY: through,
      http_proxy: through,
      NO_PROXY: "",
      no_proxy: "",
    },
  });
  return stdout;
}

describe.each(REGIONS)("in %s", (region) => {
  test("aws cloudtrail lookup-events finds a call, and its event tells who made it on what", async () => {
    const { KeyMetadata: key } = JSON.parse(await aws(region, "kms", "create-key", "--description", "looked up"));
    await aws(region, "kms", "describe-key", "--key-id", key.KeyId);
    const by = `AttributeKey=ResourceName,AttributeValue=${key.Arn}`;
    const { Events } = JSON.parse(await aws(region, "cloudtrail", "lookup-events", "--lookup-attributes", by));
    expect(Events.map(({ EventName }: { EventName: string }) => EventName)).toEqual(["DescribeKey", "CreateKey"]);
    expect(Events[1]).toMatchObject({ EventSource: "kms.amazonaws.com", ReadOnly: "false", AccessKeyId: administrator.accessKeyId });
    expect(JSON.parse(Events[1].CloudTrailEvent)).toMatchObject({
      eventName: "CreateKey",
      awsRegion: region,
      userIdentity: { arn: administrator.userArn, accountId: administrator.account },
      requestParameters: { description: "looked up" },
      resources: [{ ARN: key.Arn }],
    });
  });

  test("aws cloudtrail lookup-events finds a call that was refused", async () => {
    const missing = "00000000-1111-4222-8333-444444444444";
    await expect(aws(region, "kms", "describe-key", "--key-id", missing)).rejects.toThrow("NotFoundException");
    const by = "AttributeKey=EventName,AttributeValue=DescribeKey";
    const { Events } = JSON.parse(await aws(region, "cloudtrail", "lookup-events", "--lookup-attributes", by));
    const events = Events.map(({ CloudTrailEvent }: { CloudTrailEvent: string }) => JSON.parse(CloudTrailEvent));
    expect(events).toContainEqual(
      expect.objectContaining({ errorCode: "NotFoundException", requestParameters: { keyId: missing }, awsRegion: region }),
    );
  });

  test("aws service-quotas tells the quotas of KMS, and takes a request for more", async () => {
    const { Quotas } = JSON.parse(await aws(region, "service-quotas", "list-service-quotas", "--service-code", "kms"));
    expect(Quotas.length).toBeGreaterThan(Object.keys(QUOTA_PROFILES.current).length / 2);
    const keys = ["--service-code", "kms", "--quota-code", "L-C2F1777E"];
    const { Quota } = JSON.parse(await aws(region, "service-quotas", "get-service-quota", ...keys));
    expect(Quota).toMatchObject({
      QuotaArn: `arn:aws:servicequotas:${region}:${administrator.account}:kms/L-C2F1777E`,
      QuotaName: "Customer Master Keys (CMKs)",
      Value: 100_000,
    });
    const more = ["request-service-quota-increase", ...keys, "--desired-value", "100005"];
    const answer = await aws(region, "service-quotas", ...more).catch(String);
    // On a stack that is left standing, an earlier run has asked for as much, and its request is open.
    expect(answer).toMatch(/"Status": "PENDING"|ResourceAlreadyExistsException/);
    await expect(aws(region, "service-quotas", ...more)).rejects.toThrow("ResourceAlreadyExistsException");
  });
});
