import { CreateOpenIDConnectProviderCommand, DeleteRoleCommand, DeleteRolePolicyCommand } from "@aws-sdk/client-iam";
import { EncryptCommand, type KMSServiceException } from "@aws-sdk/client-kms";
import { AssumeRoleWithWebIdentityCommand, GetFederationTokenCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainCall } from "#operator/explain";
import { openIdIssuers } from "../../lambdas/issuers/open-id.ts";
import { newSigner, startProviders } from "../issuers/provider.ts";
import { ACCOUNT, type Credentials } from "../service.ts";
import { assume, credentialsIn, makeRole, trust } from "../sts/sessions.ts";
import { arnOf, claims, HOST } from "../sts/web-identity.ts";
import { allow, everything, policy, startAsked, to } from "./asked.ts";

let trent: Awaited<ReturnType<typeof startAsked>>;
let user: Awaited<ReturnType<typeof trent.user>>;
beforeAll(async () => {
  trent = await startAsked();
  user = await trent.user("dana", [policy(allow(["kms:Encrypt", "sts:*"]))]);
});
afterAll(() => trent.stop());

const SESSION = "the policies and tags of the session";
const explained = async (KeyId: string, credentials: Credentials) => {
  const sent = trent.kms(credentials).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("secret text") }));
  const { $metadata } = await sent.catch((cause: KMSServiceException) => cause);
  return explainCall(trent.deps, $metadata.requestId ?? "");
};
const roleOf = (name: string, ...statements: readonly object[]) =>
  makeRole(trent, name, { trust: trust({ AWS: user.arn }, {}), policies: [policy(...statements)], ids: { [user.arn]: user.id } });

describe("explain decides as the call did, of", () => {
  it("a role's session, by what its role may and by what the session is", async () => {
    const key = await trent.key();
    const role = await roleOf("worker", allow("kms:Encrypt", { Condition: { StringEquals: { "aws:SourceIdentity": "dana" } } }));
    const named = await trent.key(everything, allow("kms:Encrypt", to(`arn:aws:sts::${ACCOUNT}:assumed-role/worker/session`)));
    const trusting = trust({ AWS: user.arn }, { actions: ["sts:AssumeRole", "sts:SetSourceIdentity"] });
    const identified = await makeRole(trent, "identified", {
      ...{ trust: trusting, ids: { [user.arn]: user.id } },
      policies: [policy(allow("kms:Encrypt", { Condition: { StringEquals: { "aws:SourceIdentity": "dana" } } }))],
    });
    const session = await assume(trent.sts(user), role);
    const [was, is] = ["was", "is"] as const;
    for (const [id, credentials, decision] of [
      [key.id, session, "refused"],
      [named.id, session, "allowed"],
      [key.id, await assume(trent.sts(user), identified, { SourceIdentity: "dana" }), "allowed"],
    ] as const) {
      const call = await explained(id, credentials);
      expect([call[was].decision, call[is].decision, call.differs, call.caller.standing]).toEqual([decision, decision, false, "there"]);
      expect(call.unknown).toContain(SESSION);
    }
  });

  it("a user's session, which is the user", async () => {
    const key = await trent.key();
    const { Credentials: issued } = await trent.sts(user).send(new GetSessionTokenCommand({}));
    expect(await explained(key.id, credentialsIn(issued))).toMatchObject({
      ...{ was: { decision: "allowed" }, is: { decision: "allowed" }, differs: false },
      caller: { kind: "user", arn: user.arn, standing: "there" },
    });
  });

  it("a session by web identity, with what its role may and the provider vouched for", async () => {
    const [providers, signer] = [await startProviders(), await newSigner()];
    const own = await startAsked(undefined, { issuers: openIdIssuers({ fetch: providers.fetch }) });
    try {
      const vouched = { StringEquals: { "aws:FederatedProvider": arnOf(HOST) } };
      providers.keys.set(HOST, [signer.jwk]);
      await own.iam().send(new CreateOpenIDConnectProviderCommand({ Url: `https://${HOST}`, ClientIDList: ["sts.amazonaws.com"] }));
      const ci = await makeRole(own, "ci", {
        trust: trust({ Federated: arnOf(HOST) }, { actions: ["sts:AssumeRoleWithWebIdentity"] }),
        policies: [policy(allow("kms:Encrypt", { Condition: vouched }))],
      });
      const asked = { RoleArn: ci.arn, RoleSessionName: "run-1", WebIdentityToken: await signer.sign(claims()) };
      const { Credentials: issued } = await own.sts().send(new AssumeRoleWithWebIdentityCommand(asked));
      const key = await own.key();
      const requestId = await own.encrypt(key.id, credentialsIn(issued));
      expect(await explainCall(own.deps, requestId)).toMatchObject({
        ...{ was: { decision: "allowed" }, is: { decision: "allowed" }, differs: false },
        caller: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci/run-1`, standing: "there" },
      });
    } finally {
      await own.stop();
      await providers.stop();
    }
  });

  it("a federated user, with what the user behind it may", async () => {
    const key = await trent.key();
    const Policy = JSON.stringify(policy(allow("kms:Encrypt")));
    const { Credentials: issued } = await trent.sts(user).send(new GetFederationTokenCommand({ Name: "visitor", Policy }));
    expect(await explained(key.id, credentialsIn(issued))).toMatchObject({
      ...{ was: { decision: "allowed" }, is: { decision: "allowed" }, differs: false },
      caller: { kind: "federated-user", arn: `arn:aws:sts::${ACCOUNT}:federated-user/visitor`, standing: "there" },
      unknown: expect.arrayContaining([SESSION]),
    });
  });
});

describe("explain says that it cannot be told any more", () => {
  it("when the policies of the session decided", async () => {
    const key = await trent.key();
    const role = await roleOf("bound", allow("kms:*"));
    for (const Policy of [policy(allow("kms:Decrypt")), policy(allow("kms:*"), { ...allow("kms:Encrypt"), Effect: "Deny" })]) {
      const session = await assume(trent.sts(user), role, { Policy: JSON.stringify(Policy) });
      const { was, is, differs } = await explained(key.id, session);
      expect(was.decision).toBe("refused");
      expect([is.cannot, differs]).toEqual(["The policies of the session decided, which are in no record.", false]);
    }
  });

  it("who the session of a role was that is gone", async () => {
    const key = await trent.key();
    const role = await roleOf("brief", allow("kms:*"));
    const session = await assume(trent.sts(user), role);
    const sent = await trent.kms(session).send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("secret text") }));
    await trent.iam().send(new DeleteRolePolicyCommand({ RoleName: "brief", PolicyName: "policy-1" }));
    await trent.iam().send(new DeleteRoleCommand({ RoleName: "brief" }));
    const standing = async () => (await explainCall(trent.deps, sent.$metadata.requestId ?? "")).caller.standing;
    expect(await standing()).toBe("gone");
    await roleOf("brief", allow("kms:*"));
    expect(await standing()).toBe("replaced");
  });
});
