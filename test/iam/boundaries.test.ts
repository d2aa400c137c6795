import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserPermissionsBoundaryCommand,
  GetRoleCommand,
  GetUserCommand,
  type IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allowing, trusting } from "./documents.ts";
import { refusal } from "./refusal.ts";

let service: Service;
let iam: IAMClient;
let boundary: string;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
  boundary = await policy("boundary", allowing("kms:ListKeys"));
});
afterAll(() => service.stop());

async function policy(PolicyName: string, PolicyDocument: string): Promise<string> {
  return (await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))).Policy?.Arn ?? "";
}

describe("a permissions boundary", () => {
  it("lets a user do what both it and the user's policies allow", async () => {
    const user = await service.newUser("bounded");
    const kms = service.kms(user);
    await iam.send(new PutUserPolicyCommand({ UserName: "bounded", PolicyName: "p", PolicyDocument: allowing("kms:*") }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "bounded", PermissionsBoundary: boundary }));
    await kms.send(new ListKeysCommand({}));
    expect(await refusal(kms.send(new ListAliasesCommand({})))).toMatchObject({
      text: `User: arn:aws:iam::${ACCOUNT}:user/bounded is not authorized to perform: kms:ListAliases on resource: * because no permissions boundary allows the kms:ListAliases action`,
    });
    expect((await iam.send(new GetUserCommand({ UserName: "bounded" }))).User?.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: "PermissionsBoundaryPolicy",
      PermissionsBoundaryArn: boundary,
    });
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: "bounded" }));
    await kms.send(new ListAliasesCommand({}));
    expect(await refusal(iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: "bounded" })))).toMatchObject({
      name: "NoSuchEntity",
    });
  });

  it("is given with a user or a role, or later", async () => {
    await iam.send(new CreateUserCommand({ UserName: "born-bounded", PermissionsBoundary: boundary }));
    expect((await iam.send(new GetUserCommand({ UserName: "born-bounded" }))).User?.PermissionsBoundary).toBeDefined();
    const AssumeRolePolicyDocument = trusting({ AWS: ACCOUNT });
    const RoleName = "bounded";
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, PermissionsBoundary: boundary }));
    const found = async () => (await iam.send(new GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary?.PermissionsBoundaryArn;
    expect(await found()).toBe(boundary);
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    expect(await found()).toBeUndefined();
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundary }));
    expect(await found()).toBe(boundary);
  });

  it("has to be a managed policy that there is", async () => {
    await iam.send(new CreateUserCommand({ UserName: "free" }));
    const put = (PermissionsBoundary: string) =>
      refusal(iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "free", PermissionsBoundary })));
    const missing = `arn:aws:iam::${ACCOUNT}:policy/missing`;
    expect(await put(missing)).toMatchObject({ name: "NoSuchEntity", text: `Policy ${missing} does not exist or is not attachable.` });
    expect(await put(`arn:aws:iam::${ACCOUNT}:user/free`)).toMatchObject({ name: "InvalidInput" });
  });

  it("is what a delegated administrator can be held to: new users, and only bounded ones", async () => {
    const user = await service.newUser("delegate");
    const Condition = { StringEquals: { "iam:PermissionsBoundary": boundary } };
    const Action = ["iam:CreateUser", "iam:AttachUserPolicy", "iam:PutUserPermissionsBoundary"];
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action, Resource: "*", Condition }],
    });
    await iam.send(new PutUserPolicyCommand({ UserName: "delegate", PolicyName: "p", PolicyDocument }));
    const delegate = service.iam(user);
    const create = (UserName: string, rest = {}) => refusal(delegate.send(new CreateUserCommand({ UserName, ...rest })));
    const other = await policy("other-boundary", allowing("*"));
    expect(await create("unbounded")).toMatchObject({ name: "AccessDenied" });
    expect(await create("wrongly-bounded", { PermissionsBoundary: other })).toMatchObject({ name: "AccessDenied" });
    expect(await create("rightly-bounded", { PermissionsBoundary: boundary })).toEqual({ name: "none" });
    const attach = (UserName: string) =>
      refusal(delegate.send(new AttachUserPolicyCommand({ UserName, PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" })));
    expect(await attach("rightly-bounded")).toEqual({ name: "none" });
    expect(await attach("delegate")).toMatchObject({ name: "AccessDenied" });
    const widen = delegate.send(new PutUserPermissionsBoundaryCommand({ UserName: "rightly-bounded", PermissionsBoundary: other }));
    expect(await refusal(widen)).toMatchObject({ name: "AccessDenied" });
  });
});
