import { ListUsersCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, EncryptCommand, ListKeysCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type GetSessionTokenCommandInput,
} from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Credentials, type Service, startService } from "../service.ts";
import { allow, assume, credentialsIn, deny, makeRole, trust } from "./sessions.ts";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const tokenOf = async (user: Credentials, rest: GetSessionTokenCommandInput = {}) =>
  credentialsIn((await service.sts(user).send(new GetSessionTokenCommand(rest))).Credentials);

describe("GetSessionToken", () => {
  it("gives credentials that act as the user, whatever it may", async () => {
    const user = await service.user("self", [allow("kms:ListKeys"), deny("sts:GetSessionToken")]);
    const session = await tokenOf(user);
    expect(await service.sts(session).send(new GetCallerIdentityCommand())).toMatchObject({
      Arn: user.arn,
      UserId: user.id,
      Account: ACCOUNT,
    });
    await service.kms(session).send(new ListKeysCommand({}));
    expect(await refusal(service.kms(session).send(new CreateKeyCommand({})))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("lasts twelve hours unless told otherwise, from a quarter of an hour to a day and a half", async () => {
    const user = await service.user("patient");
    const lasts = async (rest: GetSessionTokenCommandInput) => {
      const { Credentials } = await service.sts(user).send(new GetSessionTokenCommand(rest));
      return Math.round(((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 10_000) * 10;
    };
    expect([await lasts({}), await lasts({ DurationSeconds: 900 }), await lasts({ DurationSeconds: 129_600 })]).toEqual([
      43_200, 900, 129_600,
    ]);
    for (const DurationSeconds of [899, 129_601])
      expect(await refusal(tokenOf(user, { DurationSeconds }))).toMatchObject({ name: "ValidationError" });
  });

  it("is let in where a key policy names the user, and has its tags and its name", async () => {
    const user = await service.user("by-key-policy");
    const { KeyMetadata } = await service.kms().send(new CreateKeyCommand({}));
    const condition = {
      StringEquals: { "aws:username": "by-key-policy" },
      Bool: { "aws:MultiFactorAuthPresent": "false" },
      Null: { "aws:TokenIssueTime": "false" },
    };
    const statements = [
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:PutKeyPolicy", Resource: "*" },
      { Effect: "Allow", Principal: { AWS: user.arn }, Action: "kms:Encrypt", Resource: "*", Condition: condition },
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await service.kms().send(new PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, Policy }));
    const encrypt = (by: Credentials) =>
      service.kms(by).send(new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: Buffer.from("text") }));
    const { $metadata } = await encrypt(await tokenOf(user));
    expect((await service.records($metadata.requestId))[0]?.record.c).toMatchObject({
      k: "user",
      a: user.arn,
      i: user.id,
      si: ["IAMUser", user.id, user.arn, "by-key-policy"],
    });
    // By its own key it has no token, and said nothing of MFA.
    expect(await refusal(encrypt(user))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("is over when the user is deleted, though another has its name", async () => {
    const user = await service.user("deleted", [allow("kms:*")]);
    const session = await tokenOf(user);
    const { principals } = service.host.shared;
    const stored = await principals.user(ACCOUNT, "deleted");
    if (stored) await principals.removeUser(stored);
    const refused = { name: "UnrecognizedClientException" };
    expect(await refusal(service.kms(session).send(new ListKeysCommand({})))).toMatchObject(refused);
    await service.user("deleted", [allow("kms:*")]);
    expect(await refusal(service.kms(session).send(new ListKeysCommand({})))).toMatchObject(refused);
  });

  it("refuses sessions, and an MFA code", async () => {
    const user = await service.user("once", [allow("*")]);
    const session = await tokenOf(user);
    const ofRole = await assume(
      service.sts(),
      await makeRole(service, "asks", { trust: trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }), policies: [allow("*")] }),
    );
    for (const by of [session, ofRole]) {
      expect(await refusal(tokenOf(by))).toEqual({
        name: "AccessDenied",
        text: "Cannot call GetSessionToken with session credentials",
        status: 403,
      });
      const federation = service.sts(by).send(new GetFederationTokenCommand({ Name: "somebody" }));
      expect(await refusal(federation)).toEqual({
        name: "AccessDenied",
        text: "Cannot call GetFederationToken with session credentials",
        status: 403,
      });
    }
    expect(await refusal(tokenOf(user, { SerialNumber: "GAHT12345678", TokenCode: "123456" }))).toMatchObject({ name: "AccessDenied" });
  });

  it("does not let the user manage identities without MFA, and lets a role's session", async () => {
    const user = await service.user("manager", [allow("*")]);
    expect(await refusal(service.iam(await tokenOf(user)).send(new ListUsersCommand({})))).toEqual({
      name: "InvalidClientTokenId",
      text: "The security token included in the request is invalid",
      status: 403,
    });
    const role = await makeRole(service, "manager", { trust: trust({ AWS: user.arn }), policies: [allow("iam:*")] });
    await service.iam(await assume(service.sts(await tokenOf(user)), role)).send(new ListUsersCommand({}));
  });
});
