/** What a session's token is worth when it is not the one that was given out, or not any more. */
import { CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { randomBytes } from "@trent/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionKeyId } from "#domain/session-key-id";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, HOME, type Service, startService } from "../service.ts";
import { allow, assume, makeRole, type SessionCredentials, storedRole, trust } from "./sessions.ts";

let service: Service;
let time = Date.now();
let session: SessionCredentials;
let KeyId: string | undefined;
const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` };

beforeAll(async () => {
  service = await startService({ clock: () => new Date(time) });
  session = await assume(service.sts(), await makeRole(service, "holder", { trust: trust(ROOT), policies: [allow("kms:*")] }));
  KeyId = (await service.kms().send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
});
afterAll(() => service.stop());

const who = (credentials: SessionCredentials, region?: string) => service.sts(credentials, region).send(new GetCallerIdentityCommand());
const use = (credentials: SessionCredentials) =>
  service.kms(credentials).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("text") }));
const with_ = (rest: Partial<SessionCredentials>): SessionCredentials => ({ ...session, ...rest });

const BAD_AT_STS = { name: "InvalidClientTokenId", text: "The security token included in the request is invalid", status: 403 };
const BAD_AT_KMS = { name: "UnrecognizedClientException", text: "The security token included in the request is invalid", status: 400 };

async function expectRefused(credentials: SessionCredentials): Promise<void> {
  expect(await refusal(who(credentials))).toEqual(BAD_AT_STS);
  expect(await refusal(use(credentials))).toEqual(BAD_AT_KMS);
}

describe("a session token", () => {
  it("is good in every Region and at every service", async () => {
    await use(session);
    for (const region of ["eu-west-1", "ap-southeast-2"]) expect((await who(session, region)).Arn).toContain("assumed-role/holder/session");
  });

  it("is refused when any character of it is changed", async () => {
    const { sessionToken } = session;
    for (let at = 0; at < sessionToken.length; at += 1 + (at % 7)) {
      const other = sessionToken[at] === "A" ? "B" : "A";
      expect(await refusal(who(with_({ sessionToken: sessionToken.slice(0, at) + other + sessionToken.slice(at + 1) })))).toEqual(
        BAD_AT_STS,
      );
    }
    await expectRefused(with_({ sessionToken: `B${sessionToken.slice(1)}` }));
  });

  it("is refused when it is cut, longer, empty of sense, or none", async () => {
    const { sessionToken } = session;
    for (const cut of [1, 2, 16, 40, sessionToken.length - 1]) await expectRefused(with_({ sessionToken: sessionToken.slice(0, cut) }));
    for (const wrong of [`${sessionToken}A`, `${sessionToken}=`, "x".repeat(4096), "A".repeat(5000), "%%%"])
      await expectRefused(with_({ sessionToken: wrong }));
    expect(
      await refusal(who({ accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey } as SessionCredentials)),
    ).toMatchObject({
      name: "InvalidClientTokenId",
    });
  });

  it("is refused with another session's access key, with another secret, and with a user's own key", async () => {
    const other = await assume(service.sts(), await makeRole(service, "other-holder", { trust: trust(ROOT) }));
    await expectRefused(with_({ sessionToken: other.sessionToken }));
    await expectRefused(with_({ accessKeyId: other.accessKeyId, secretAccessKey: other.secretAccessKey }));
    await expectRefused({ ...service.administrator, sessionToken: session.sessionToken });
    expect(await refusal(who(with_({ secretAccessKey: other.secretAccessKey })))).toMatchObject({
      name: "SignatureDoesNotMatch",
      status: 403,
    });
    expect(await refusal(use(with_({ secretAccessKey: other.secretAccessKey })))).toMatchObject({ name: "InvalidSignatureException" });
  });

  it("is refused from another store's root", async () => {
    const elsewhere = await startService();
    const foreign = await assume(elsewhere.sts(), await makeRole(elsewhere, "holder", { trust: trust(ROOT) }));
    await elsewhere.stop();
    await expectRefused(foreign);
  });

  it("is refused when it was not signed", async () => {
    const { hostname, port, host } = new URL(service.url);
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    const headers = { host, "content-type": "application/x-www-form-urlencoded" };
    const request = { method: "POST", protocol: "http:", hostname, port: Number(port), path: "/", headers, body };
    const { sha256 } = service.sts().config;
    const signer = new SignatureV4({ service: "sts", region: HOME, credentials: session, sha256 });
    const unsigned = new Set(["x-amz-security-token"]);
    for (const [unsignableHeaders, status] of [
      [new Set<string>(), 200],
      [unsigned, 403],
    ] as const) {
      const signed = await signer.sign(request, { unsignableHeaders: new Set(unsignableHeaders) });
      expect(signed.headers["x-amz-security-token"]).toBe(session.sessionToken);
      expect((await fetch(service.url, { method: "POST", headers: signed.headers, body })).status).toBe(status);
    }
  });

  it("goes with a signed URL, by which somebody else can ask whose it is", async () => {
    const { hostname, port, host } = new URL(service.url);
    const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
    const { sha256 } = service.sts().config;
    const signer = new SignatureV4({ service: "sts", region: HOME, credentials: session, sha256 });
    const request = { method: "GET", protocol: "http:", hostname, port: Number(port), path: "/", headers: { host }, query };
    const signed = new URLSearchParams((await signer.presign(request, { expiresIn: 60 })).query as Record<string, string>);
    expect(await (await fetch(`${service.url}/?${signed}`)).text()).toContain("assumed-role/holder/session</Arn>");
    const other = await assume(service.sts(), await makeRole(service, "presigner", { trust: trust(ROOT) }));
    signed.set("X-Amz-Security-Token", other.sessionToken);
    expect((await fetch(`${service.url}/?${signed}`)).status).toBe(403);
  });

  it("is over when its time is, to the second, at every service in its words", async () => {
    const short = await assume(service.sts(), await makeRole(service, "short-lived", { trust: trust(ROOT), policies: [allow("kms:*")] }), {
      DurationSeconds: 900,
    });
    const begun = time;
    time = begun + 898_000;
    await use(short);
    time = begun + 900_000;
    const text = "The security token included in the request is expired";
    expect(await refusal(who(short))).toEqual({ name: "ExpiredToken", text, status: 403 });
    expect(await refusal(use(short))).toEqual({ name: "ExpiredTokenException", text, status: 400 });
    time = begun;
  });

  it("is refused at the next call when its role is deleted, and when another role has its name", async () => {
    const role = await makeRole(service, "mortal", { trust: trust(ROOT), policies: [allow("kms:*")] });
    const of = await assume(service.sts(), role);
    await use(of);
    await service.host.shared.principals.removeRole(await storedRole(service, role));
    await expectRefused(of);
    await makeRole(service, "mortal", { trust: trust(ROOT), policies: [allow("kms:*")] });
    await expectRefused(of);
  });

  it("crashes nothing and opens nothing, 10,000 times at random", async () => {
    const { sessions } = service.host.shared;
    const real = Buffer.from(session.sessionToken, "base64url");
    for (let round = 0; round < 10_000; round += 1) {
      const bytes = round % 2 === 0 ? randomBytes(round % 600) : Buffer.from(real);
      if (round % 2 === 1) bytes[round % real.length] = ((bytes[round % real.length] ?? 0) + 1 + (round % 255)) % 256;
      // The head as it should be, so that some get further.
      if (round % 4 === 0 && bytes.length > 3) bytes.set([1, 0, 1]);
      const id = round % 3 === 0 ? session.accessKeyId : sessionKeyId(ACCOUNT, randomBytes(8));
      expect(await sessions.open(id, bytes.toString(round % 5 === 0 ? "base64" : "base64url"))).toBeUndefined();
    }
    await use(session);
  });
});
