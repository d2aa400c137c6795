import { DeleteOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { base64url, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { newSigner } from "../issuers/provider.ts";
import { ACCOUNT } from "../service.ts";
import { allow, credentialsIn, makeRole, trust } from "./sessions.ts";
import { arnOf, claims, HOST, rejected, SUBJECT, seconds, startWebIdentity, type WebIdentityWorld } from "./web-identity.ts";

const NO_TOKEN = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
const DENIED = { name: "AccessDenied", text: "Not authorized to perform sts:AssumeRoleWithWebIdentity", status: 403 };

let world: WebIdentityWorld;
let providers: WebIdentityWorld["providers"];
let service: WebIdentityWorld["service"];
let signer: WebIdentityWorld["signer"];
let role: WebIdentityWorld["role"];
let register: WebIdentityWorld["register"];
let call: WebIdentityWorld["call"];
let roleFor: WebIdentityWorld["roleFor"];

beforeAll(async () => {
  world = await startWebIdentity();
  ({ providers, service, signer, role, register, call, roleFor } = world);
});
afterAll(() => world.stop());

describe("AssumeRoleWithWebIdentity", () => {
  it("is refused for a role of a closed account, whose sessions end at once", async () => {
    const { principals } = service.host.shared;
    const stored = async () => {
      const account = await principals.account(ACCOUNT);
      if (!account) throw new Error("There is no account.");
      return account;
    };
    const session = credentialsIn((await call(await signer.sign(claims()))).Credentials);
    const open = await stored();
    await principals.replaceAccount(open, { ...open, deleted: new Date() });
    const bad = { name: "InvalidClientTokenId", status: 403 };
    expect(await refusal(call(await signer.sign(claims())))).toMatchObject(bad);
    expect(await refusal(service.sts(session).send(new GetCallerIdentityCommand()))).toMatchObject(bad);
    await principals.replaceAccount(await stored(), open);
    expect((await service.sts(session).send(new GetCallerIdentityCommand())).Account).toBe(ACCOUNT);
  });

  it("gives credentials of a role to whom a registered provider vouches for", async () => {
    const { $metadata, Credentials, ...answer } = await call(await signer.sign(claims()), { DurationSeconds: 7200 });
    const Arn = `arn:aws:sts::${ACCOUNT}:assumed-role/ci/run-1`;
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: SUBJECT,
      Audience: "sts.amazonaws.com",
      Provider: arnOf(HOST),
      AssumedRoleUser: { Arn, AssumedRoleId: `${role.id}:run-1` },
    });
    const session = credentialsIn(Credentials);
    expect((await service.sts(session).send(new GetCallerIdentityCommand())).Arn).toBe(Arn);
    const { $metadata: used } = await service.kms(session).send(new ListKeysCommand({}));
    expect((await service.records(used.requestId))[0]?.record.c).toMatchObject({ k: "role-session", fp: arnOf(HOST) });
    const [row] = await service.records($metadata.requestId);
    expect(row?.record).toMatchObject({
      s: "sts",
      e: "AssumeRoleWithWebIdentity",
      c: { k: "provider", a: arnOf(HOST), i: `${arnOf(HOST)}:sts.amazonaws.com:${SUBJECT}` },
    });
    expect(JSON.stringify(row)).not.toContain(Credentials?.SessionToken);
    expect(JSON.stringify(row)).not.toContain("webIdentityToken");
  });

  it("needs no signature", async () => {
    const body = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: role.arn,
      RoleSessionName: "plain",
      WebIdentityToken: await signer.sign(claims()),
    });
    const response = await fetch(service.url, { method: "POST", body });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("<SessionToken>")]);
  });

  it.each(["RS384", "RS512", "ES256", "ES384", "ES512"])("believes %s", async (alg) => {
    const host = `${alg.toLowerCase()}.example.com`;
    const own = await newSigner(alg);
    await register(host, [own.jwk]);
    await call(await own.sign(claims({ iss: `https://${host}` })), { RoleArn: (await roleFor(alg, host)).arn });
  });

  it("takes a provider with a path, such as a cluster's", async () => {
    const url = "oidc.example.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    await register(url, [signer.jwk]);
    await call(await signer.sign(claims({ iss: `https://${url}` })), { RoleArn: (await roleFor("cluster", url)).arn });
  });

  it("refuses whom the trust policy does not mean: another subject, another provider, no role at all", async () => {
    expect(await refusal(call(await signer.sign(claims({ sub: "repo:evil/fork:ref:refs/heads/main" }))))).toEqual(DENIED);
    const elsewhere = "elsewhere.example.com";
    await register(elsewhere, [signer.jwk]);
    expect(await refusal(call(await signer.sign(claims({ iss: `https://${elsewhere}` }))))).toEqual(DENIED);
    expect(await refusal(call(await signer.sign(claims()), { RoleArn: `arn:aws:iam::${ACCOUNT}:role/none` }))).toEqual(DENIED);
    const forUsers = await makeRole(service, "for-users", { trust: trust({ AWS: "*" }) });
    expect(await refusal(call(await signer.sign(claims()), { RoleArn: forUsers.arn }))).toEqual(DENIED);
  });

  it("holds conditions on other claims, and on the session's name", async () => {
    const conditional = await makeRole(service, "conditional", {
      trust: trust(
        { Federated: arnOf(HOST) },
        {
          actions: ["sts:AssumeRoleWithWebIdentity"],
          condition: {
            StringLike: { [`${HOST}:repository`]: "octo-org/*", "sts:RoleSessionName": "run-*" },
            "ForAnyValue:StringEquals": { [`${HOST}:amr`]: "authenticated" },
            StringEquals: { "aws:FederatedProvider": arnOf(HOST) },
          },
        },
      ),
    });
    const RoleArn = conditional.arn;
    const right = { repository: "octo-org/octo-repo", amr: ["authenticated", "other"] };
    await call(await signer.sign(claims(right)), { RoleArn });
    for (const wrong of [{ ...right, repository: "evil/repo" }, { ...right, amr: ["unauthenticated"] }, { amr: right.amr }])
      expect(await refusal(call(await signer.sign(claims(wrong)), { RoleArn }))).toEqual(DENIED);
    expect(await refusal(call(await signer.sign(claims(right)), { RoleArn, RoleSessionName: "other" }))).toEqual(DENIED);
  });

  it("refuses a token of a provider that is not registered, or not in the role's account, or not any more", async () => {
    const strange = await signer.sign(claims({ iss: "https://strange.example.com" }));
    expect(await refusal(call(strange))).toEqual(
      rejected("No OpenIDConnect provider found in your account for https://strange.example.com"),
    );
    const other = await makeRole(service, "ci", {
      account: "444455556666",
      trust: trust({ Federated: arnOf(HOST, "444455556666") }, { actions: ["sts:AssumeRoleWithWebIdentity"] }),
    });
    expect(await refusal(call(await signer.sign(claims()), { RoleArn: other.arn }))).toEqual(
      rejected(`No OpenIDConnect provider found in your account for https://${HOST}`),
    );
    await register("gone.example.com", [signer.jwk]);
    const gone = await roleFor("gone", "gone.example.com");
    const token = await signer.sign(claims({ iss: "https://gone.example.com" }));
    await call(token, { RoleArn: gone.arn });
    await service.iam().send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arnOf("gone.example.com") }));
    expect(await refusal(call(token, { RoleArn: gone.arn }))).toMatchObject({ name: "InvalidIdentityToken" });
  });

  it("refuses a token for another audience, that expired, that is of the future, or that lacks what it must say", async () => {
    expect(await refusal(call(await signer.sign(claims({ aud: "https://github.com/octo-org" }))))).toEqual(
      rejected("Incorrect token audience"),
    );
    expect(await refusal(call(await signer.sign(claims({ exp: seconds() - 1 }))))).toMatchObject({
      name: "ExpiredTokenException",
      text: expect.stringMatching(/^Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/),
      status: 400,
    });
    expect(await refusal(call(await signer.sign(claims({ exp: seconds() - 5000 }))))).toMatchObject({ name: "ExpiredTokenException" });
    expect(await refusal(call(await signer.sign(claims({ nbf: seconds() + 600 }))))).toEqual(rejected("Token is not valid yet"));
    for (const name of ["exp", "sub", "iat", "aud"]) {
      const { [name]: _, ...rest } = claims();
      expect(await refusal(call(await signer.sign(rest)))).toMatchObject({ name: "InvalidIdentityToken" });
    }
  });

  it("refuses what is no token, a signature of another key, `none`, and a shared secret, also one made of the public key", async () => {
    for (const text of ["none", "a.b.c", "....", "x".repeat(20_000)]) expect(await refusal(call(text))).toEqual(rejected(NO_TOKEN));
    const imposter = await newSigner();
    expect(await refusal(call(await imposter.sign(claims())))).toEqual(rejected("Token signature is invalid"));
    const part = (value: object) => base64url.encode(JSON.stringify(value));
    for (const alg of ["none", "None", "NONE"]) {
      const unsigned = `${part({ alg, kid: "key-1" })}.${part(claims())}.`;
      expect(await refusal(call(unsigned))).toEqual(rejected(NO_TOKEN));
    }
    for (const secret of [JSON.stringify(signer.jwk), "secret"]) {
      const shared = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "key-1" }).sign(Buffer.from(secret.padEnd(64)));
      expect(await refusal(call(shared))).toEqual(rejected(NO_TOKEN));
    }
    const token = await signer.sign(claims());
    expect(await refusal(call(`${token.slice(0, -6)}AAAAAA`))).toEqual(rejected("Token signature is invalid"));
    const [head, , tail] = token.split(".");
    expect(await refusal(call([head, part(claims({ sub: "other" })), tail].join(".")))).toEqual(rejected("Token signature is invalid"));
  });

  it("does not look where the token itself says that its keys are", async () => {
    const imposter = await newSigner();
    providers.keys.set("evil.example.com", [imposter.jwk]);
    const before = providers.asked.length;
    const token = await imposter.sign(claims(), {
      jku: "https://evil.example.com/jwks",
      jwk: imposter.jwk,
      x5u: "https://evil.example.com/x",
    });
    expect(await refusal(call(token))).toMatchObject({ name: "InvalidIdentityToken" });
    expect(providers.asked.slice(before).filter((url) => url.startsWith("evil"))).toEqual([]);
  });

  it("refuses more than the role lets, policies that are none, and what is not built", async () => {
    const token = await signer.sign(claims());
    expect(await refusal(call(token, { DurationSeconds: 7201 }))).toMatchObject({
      name: "ValidationError",
      text: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    });
    expect(await refusal(call(token, { Policy: "{" }))).toMatchObject({ name: "MalformedPolicyDocument" });
    expect(await refusal(call(token, { ProviderId: "www.amazon.com" }))).toMatchObject({ status: 400 });
    expect(await refusal(call(token, { RoleArn: `arn:aws:iam::${ACCOUNT}:user/nobody` }))).toMatchObject({ name: "ValidationError" });
    const { Credentials } = await call(token, { Policy: JSON.stringify(allow("kms:CreateKey")) });
    expect(await refusal(service.kms(credentialsIn(Credentials)).send(new ListKeysCommand({})))).toMatchObject({
      name: "AccessDeniedException",
    });
  });
});
