import { ListUsersCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, EncryptCommand, ListKeysCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  type GetFederationTokenCommandInput,
} from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Credentials, type Service, startService } from "../service.ts";
import { allow, credentialsIn, makeRole, trust } from "./sessions.ts";

let service: Service;
let broker: Credentials & { arn: string };
beforeAll(async () => {
  service = await startService();
  broker = await service.user("broker", [allow("kms:*", "sts:GetFederationToken", "sts:TagSession")]);
});
afterAll(() => service.stop());

const federate = async (rest: Partial<GetFederationTokenCommandInput> = {}, by: Credentials = broker) =>
  credentialsIn((await service.sts(by).send(new GetFederationTokenCommand({ Name: "Jo", ...rest }))).Credentials);
const list = (by: Credentials) => service.kms(by).send(new ListKeysCommand({}));
const Policy = JSON.stringify(allow("kms:ListKeys", "iam:*", "sts:*"));
const ARN = `arn:aws:sts::${ACCOUNT}:federated-user/Jo`;

describe("GetFederationToken", () => {
  it("gives credentials that act as a federated user", async () => {
    const answer = await service.sts(broker).send(new GetFederationTokenCommand({ Name: "Jo", Policy }));
    expect(answer.FederatedUser).toEqual({ FederatedUserId: `${ACCOUNT}:Jo`, Arn: ARN });
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
    const session = credentialsIn(answer.Credentials);
    expect(await service.sts(session).send(new GetCallerIdentityCommand())).toMatchObject({
      Arn: ARN,
      UserId: `${ACCOUNT}:Jo`,
      Account: ACCOUNT,
    });
    await list(session);
    expect(await refusal(service.kms(session).send(new CreateKeyCommand({})))).toMatchObject({
      name: "AccessDeniedException",
      text: `User: ${ARN} is not authorized to perform: kms:CreateKey on resource: * because no session policy allows the kms:CreateKey action`,
    });
  });

  it("gives nothing without a policy, but what a key policy gives the federated user", async () => {
    const session = await federate();
    expect(await refusal(list(session))).toMatchObject({ name: "AccessDeniedException" });
    const { KeyMetadata } = await service.kms().send(new CreateKeyCommand({}));
    const statements = [
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:PutKeyPolicy", Resource: "*" },
      {
        Effect: "Allow",
        Principal: { AWS: ARN },
        Action: "kms:Encrypt",
        Resource: "*",
        Condition: { StringEquals: { "aws:PrincipalType": "FederatedUser", "aws:userid": `${ACCOUNT}:Jo`, "aws:PrincipalArn": ARN } },
      },
    ];
    await service
      .kms()
      .send(
        new PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, Policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) }),
      );
    await service.kms(session).send(new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: Buffer.from("text") }));
  });

  it("gives no more than the user has", async () => {
    const poor = await service.user("poor", [allow("sts:GetFederationToken")]);
    expect(await refusal(list(await federate({ Policy }, poor)))).toMatchObject({ name: "AccessDeniedException" });
    expect(await refusal(federate({ Policy }, await service.user("nobody")))).toEqual({
      name: "AccessDenied",
      text: `User: arn:aws:iam::${ACCOUNT}:user/nobody is not authorized to perform: sts:GetFederationToken on resource: ${ARN} because no identity-based policy allows the sts:GetFederationToken action`,
      status: 403,
    });
  });

  it("passes tags, for who may", async () => {
    const untagged = await service.user("untagged", [allow("sts:GetFederationToken")]);
    const Tags = [{ Key: "Team", Value: "blue" }];
    expect((await refusal(federate({ Tags }, untagged))).text).toContain("not authorized to perform: sts:TagSession on resource");
    const condition = { StringEquals: { "aws:PrincipalTag/team": "blue" } };
    const conditional = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*", Condition: condition }],
    });
    await list(await federate({ Tags, Policy: conditional }));
    expect(await refusal(list(await federate({ Policy: conditional })))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("opens neither IAM nor a role, whatever the policies say", async () => {
    const session = await federate({ Policy });
    expect(await refusal(service.iam(session).send(new ListUsersCommand({})))).toMatchObject({ name: "InvalidClientTokenId" });
    const role = await makeRole(service, "open", { trust: trust("*") });
    expect(
      await refusal(service.sts(session).send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "session" }))),
    ).toMatchObject({ name: "AccessDenied" });
  });

  it("refuses what is too long, too large, or no policy", async () => {
    expect(await refusal(federate({ Policy: "x" }))).toMatchObject({ name: "MalformedPolicyDocument" });
    expect(await refusal(federate({ Policy: "x".repeat(2049) }))).toMatchObject({ name: "ValidationError" });
    expect(await refusal(federate({ Name: "n".repeat(33) }))).toMatchObject({ name: "ValidationError" });
    expect(await refusal(federate({ DurationSeconds: 129_601 }))).toMatchObject({ name: "ValidationError" });
    const Tags = Array.from({ length: 20 }, (_, number) => ({ Key: `tag-${number}`, Value: "x".repeat(200) }));
    expect(await refusal(federate({ Tags }))).toMatchObject({ name: "PackedPolicyTooLarge", status: 400 });
  });

  it("is over when the user is gone", async () => {
    const leaving = await service.user("leaving", [allow("kms:*", "sts:*")]);
    const session = await federate({ Policy }, leaving);
    await list(session);
    const { principals } = service.host.shared;
    const stored = await principals.user(ACCOUNT, "leaving");
    if (stored) await principals.removeUser(stored);
    expect(await refusal(list(session))).toMatchObject({ name: "UnrecognizedClientException" });
  });
});
