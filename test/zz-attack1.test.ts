import {
  AttachUserPolicyCommand, CreateAccessKeyCommand, CreatePolicyCommand, CreatePolicyVersionCommand, CreateUserCommand, PutUserPolicyCommand, PutUserPermissionsBoundaryCommand, UpdateUserCommand,
  CreateRoleCommand, DeleteUserCommand, DeleteAccessKeyCommand, PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, EncryptCommand, DecryptCommand, PutKeyPolicyCommand, ListKeysCommand, DescribeKeyCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import { AssumeRoleCommand, GetSessionTokenCommand, GetFederationTokenCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "./service.ts";
import { refusal } from "./iam/refusal.ts";

let service: Service;
beforeAll(async () => { service = await startService(); });
afterAll(() => service.stop());
const doc = (...s: object[]) => ({ Version: "2012-10-17", Statement: s });
const allow = (Action: unknown, Resource: unknown = "*", Condition?: object) => ({ Effect: "Allow", Action, Resource, ...(Condition && { Condition }) });
const deny = (Action: unknown, Resource: unknown = "*", Condition?: object) => ({ Effect: "Deny", Action, Resource, ...(Condition && { Condition }) });

describe("T1 other partition's managed policy", () => {
  it("bypasses a Deny on iam:PolicyARN", async () => {
    const eve = await service.user("eve1", [doc(
      allow(["iam:AttachUserPolicy"], `arn:aws:iam::${ACCOUNT}:user/eve1`),
      deny(["iam:AttachUserPolicy"], "*", { ArnLike: { "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess" } }),
    )]);
    const iam = service.iam(eve);
    for (const p of ["aws", "aws-cn", "aws-us-gov"])
      console.log("T1", p, await refusal(iam.send(new AttachUserPolicyCommand({ UserName: "eve1", PolicyArn: `arn:${p}:iam::aws:policy/AdministratorAccess` }))));
    console.log("T1 now lists keys:", await refusal(service.kms(eve).send(new ListKeysCommand({}))));
  });
});

describe("T2 rename escapes a Deny of the key policy", () => {
  it("x", async () => {
    const eve = await service.user("eve2", [doc(allow("kms:*"), allow("iam:UpdateUser", `arn:aws:iam::${ACCOUNT}:user/eve2*`))]);
    const kms = service.kms();
    const policy = { Version: "2012-10-17", Statement: [
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" },
      { Effect: "Deny", Principal: { AWS: eve.arn }, Action: "kms:Encrypt", Resource: "*" } ] };
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: JSON.stringify(policy) }));
    const enc = () => refusal(service.kms(eve).send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from("a") })));
    console.log("T2 before", await enc());
    console.log("T2 rename", await refusal(service.iam(eve).send(new UpdateUserCommand({ UserName: "eve2", NewUserName: "eve2b" }))));
    console.log("T2 after rename", await enc());
    console.log("T2 path", await refusal(service.iam(eve).send(new UpdateUserCommand({ UserName: "eve2b", NewUserName: "eve2", NewPath: "/" }))));
    console.log("T2 back", await enc());
  });
});

describe("T5 Principal * and session policy", () => {
  it("x", async () => {
    const iam = service.iam();
    const eve = await service.user("eve5", [doc(allow("sts:AssumeRole"))]);
    await iam.send(new CreateRoleCommand({ RoleName: "r5", AssumeRolePolicyDocument: JSON.stringify(doc({ Effect: "Allow", Principal: { AWS: eve.arn }, Action: "sts:AssumeRole" })) }));
    const kms = service.kms();
    const policyOf = (p: object) => JSON.stringify({ Version: "2012-10-17", Statement: [
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" },
      { Effect: "Allow", Action: "kms:Encrypt", Resource: "*", ...p } ] });
    const star = await kms.send(new CreateKeyCommand({ Policy: policyOf({ Principal: "*", Condition: { StringEquals: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/r5` } } }) }));
    const named = await kms.send(new CreateKeyCommand({ Policy: policyOf({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/r5` } }) }));
    const { Credentials: c } = await service.sts(eve).send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/r5`, RoleSessionName: "sess", Policy: JSON.stringify(doc(allow("kms:ListKeys"))) }));
    const k = service.kms({ accessKeyId: c!.AccessKeyId!, secretAccessKey: c!.SecretAccessKey!, sessionToken: c!.SessionToken! } as never);
    for (const [n, key] of [["star", star], ["named", named]] as const)
      console.log("T5", n, await refusal(k.send(new EncryptCommand({ KeyId: key.KeyMetadata?.KeyId, Plaintext: Buffer.from("a") }))));
    // sessions of sessions
    const s = service.sts({ accessKeyId: c!.AccessKeyId!, secretAccessKey: c!.SecretAccessKey!, sessionToken: c!.SessionToken! } as never);
    console.log("T12 role->GetSessionToken", await refusal(s.send(new GetSessionTokenCommand({}))));
    const g = await service.sts(eve).send(new GetSessionTokenCommand({}));
    const s2 = service.sts({ accessKeyId: g.Credentials!.AccessKeyId!, secretAccessKey: g.Credentials!.SecretAccessKey!, sessionToken: g.Credentials!.SessionToken! } as never);
    console.log("T12 session->GetSessionToken", await refusal(s2.send(new GetSessionTokenCommand({}))));
    console.log("T12 session->GetFederationToken", await refusal(s2.send(new GetFederationTokenCommand({ Name: "abc" }))));
  });
});

describe("T3 size of records", () => {
  it("x", async () => {
    const stranger = await service.user("eve3", [], "999988887777");
    const { KeyMetadata } = await service.kms().send(new CreateKeyCommand({}));
    const big = "x".repeat(900_000);
    const kms = service.kms(stranger);
    let id: string | undefined;
    await kms.send(new EncryptCommand({ KeyId: KeyMetadata!.Arn!, Plaintext: Buffer.from("a"), EncryptionContext: { a: big } })).catch((e) => { id = e.$metadata.requestId; console.log("T3", e.name, e.message.slice(0, 100)); });
    const rows = await service.records(id, "us-east-1", "999988887777");
    console.log("T3 record bytes", rows.map((r) => JSON.stringify(r.record).length));
    for (const [op, input] of [["validation", { KeyId: KeyMetadata!.Arn!, Plaintext: Buffer.from("a"), GrantTokens: Array(20).fill("t") }]] as const)
      console.log("T3", op, await refusal(kms.send(new EncryptCommand(input as never))));
  });
});
