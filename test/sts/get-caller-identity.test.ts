import { AssumeRootCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Credentials, HOME, type Service, startService } from "../service.ts";

describe("GetCallerIdentity", () => {
  let service: Service;
  const ask = (credentials?: Credentials, region?: string) => service.sts(credentials, region).send(new GetCallerIdentityCommand());
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => "none",
      (error) => ({ name: error.name, text: error.message, status: error.$metadata.httpStatusCode, requestId: error.$metadata.requestId }),
    );

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  it("tells a user its ARN, its unique id and its account, whatever it may do", async () => {
    const user = await service.user("reader");
    const { $metadata: _, ...answer } = await ask(user);
    expect(answer).toEqual({ Arn: `arn:aws:iam::${ACCOUNT}:user/reader`, UserId: user.id, Account: ACCOUNT });
  });

  it("tells the administrator too, in every Region", async () => {
    for (const region of [HOME, "eu-west-1", "ap-southeast-2"]) {
      expect(await ask(service.administrator, region)).toMatchObject({
        Arn: `arn:aws:iam::${ACCOUNT}:user/administrator`,
        Account: ACCOUNT,
      });
    }
  });

  it("tells users of another account", async () => {
    const user = await service.user("reader", [], "444455556666");
    expect(await ask(user)).toMatchObject({ Arn: "arn:aws:iam::444455556666:user/reader", Account: "444455556666", UserId: user.id });
  });

  it("does not mind an explicit deny", async () => {
    const everything = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] };
    const user = await service.user("denied", [everything]);
    expect((await ask(user)).Arn).toBe(user.arn);
  });

  it("leaves a record", async () => {
    const user = await service.user("recorded");
    const { $metadata } = await ask(user);
    const rows = await service.records($metadata.requestId);
    expect(rows.map(({ record }) => record)).toMatchObject([
      { s: "sts", e: "GetCallerIdentity", c: { k: "user", a: user.arn, i: user.id, ak: user.accessKeyId }, ro: 1, ip: "127.0.0.1" },
    ]);
    expect(rows[0]?.record).not.toHaveProperty("x");
  });

  it("answers XML as AWS does", async () => {
    const response = await fetch(await signedUrl(service, service.administrator));
    const user = await service.host.shared.principals.user(ACCOUNT, "administrator");
    expect(response.headers.get("content-type")).toBe("text/xml");
    expect(await response.text()).toBe(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
        `<GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/administrator</Arn><UserId>${user?.id}</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult>` +
        `<ResponseMetadata><RequestId>${response.headers.get("x-amzn-requestid")}</RequestId></ResponseMetadata>` +
        "</GetCallerIdentityResponse>",
    );
  });

  it("takes a signed URL, by which somebody else can ask who signed it", async () => {
    const user = await service.user("signer");
    const url = await signedUrl(service, user);
    expect(await (await fetch(url)).text()).toContain(`<Arn>${user.arn}</Arn>`);
    const changed = await fetch(url.replace("Version=2011-06-15", "Version=2011-06-16"));
    expect(changed.status).toBe(403);
    expect(await changed.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
  });

  it("refuses an access key that it does not know, without a record", async () => {
    const stranger = { accessKeyId: "AKIAUNKNOWN000000000", secretAccessKey: "secret" };
    const refused = await refusal(ask(stranger));
    expect(refused).toMatchObject({
      name: "InvalidClientTokenId",
      text: "The security token included in the request is invalid.",
      status: 403,
    });
    expect(JSON.stringify(await service.log())).not.toContain(stranger.accessKeyId);
  });

  it("refuses a wrong secret", async () => {
    const user = await service.user("forgetful");
    expect(await refusal(ask({ ...user, secretAccessKey: "wrong" }))).toMatchObject({
      name: "SignatureDoesNotMatch",
      text: "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
      status: 403,
    });
  });

  it("stands beside operations of STS that this version does not have", async () => {
    const root = service
      .sts()
      .send(new AssumeRootCommand({ TargetPrincipal: ACCOUNT, TaskPolicyArn: { arn: "arn:aws:iam::aws:policy/any" } }));
    expect(await refusal(root)).toMatchObject({ name: "InvalidAction", status: 400 });
  });

  describe("in the sandbox", () => {
    let sandbox: Service;
    beforeAll(async () => {
      sandbox = await startService({ sandbox: true });
    });
    afterAll(() => sandbox.stop());

    it.each([
      ["444455556666", "444455556666"],
      ["test", "000000000000"],
    ])("tells %s that it is the root user of %s", async (accessKeyId, account) => {
      const answer = await sandbox.sts({ accessKeyId, secretAccessKey: "any" }).send(new GetCallerIdentityCommand());
      expect(answer).toMatchObject({ Arn: `arn:aws:iam::${account}:root`, UserId: account, Account: account });
    });
  });
});

/** A presigned GetCallerIdentity, as tokens for Kubernetes clusters carry it. */
async function signedUrl(service: Service, credentials: Credentials): Promise<string> {
  const { host, hostname, port } = new URL(service.url);
  const { sha256 } = service.sts().config;
  const signer = new SignatureV4({ service: "sts", region: HOME, credentials, sha256 });
  const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
  const request = { method: "GET", protocol: "http:", hostname, port: Number(port), path: "/", headers: { host }, query };
  const signed = await signer.presign(request, { expiresIn: 60 });
  return `${service.url}/?${new URLSearchParams(signed.query as Record<string, string>)}`;
}
