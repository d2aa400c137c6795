/** Who may administer whom: identity policies on the ARN of what is administered. */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetUserCommand,
  type IAMClient,
  ListRolesCommand,
  ListUsersCommand,
  TagUserCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { trusting } from "./documents.ts";
import { refusal } from "./refusal.ts";

const ARN = `arn:aws:iam::${ACCOUNT}`;

let service: Service;
let iam: IAMClient;
let number = 0;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

/** Somebody with one statement. */
async function somebody(statement: object, ...more: readonly object[]) {
  number += 1;
  const Statement = [{ Effect: "Allow", ...statement }, ...more.map((other) => ({ Effect: "Allow", ...other }))];
  const user = await service.user(`somebody-${number}`, [{ Version: "2012-10-17", Statement }]);
  return { ...user, iam: service.iam(user), name: `somebody-${number}` };
}
const create = (UserName: string, rest = {}) => iam.send(new CreateUserCommand({ UserName, ...rest }));

describe("a call to IAM", () => {
  it("is refused to whom no policy allows it, in AWS's words", async () => {
    const { iam: theirs, arn } = await somebody({ Action: "kms:*", Resource: "*" });
    const refused = (call: Promise<unknown>) => refusal(call);
    expect(await refused(theirs.send(new DeleteUserCommand({ UserName: "administrator" })))).toEqual({
      name: "AccessDenied",
      text: `User: ${arn} is not authorized to perform: iam:DeleteUser on resource: user administrator because no identity-based policy allows the iam:DeleteUser action`,
      status: 403,
    });
    expect((await refused(theirs.send(new CreateUserCommand({ UserName: "x" })))).text).toContain(`on resource: ${ARN}:user/x because`);
    expect((await refused(theirs.send(new ListUsersCommand({})))).text).toContain(`on resource: ${ARN}:user/ because`);
    expect((await refused(theirs.send(new ListRolesCommand({ PathPrefix: "/a/" })))).text).toContain(`on resource: ${ARN}:role/a/ because`);
  });

  it("is refused the same whether the user is there or not", async () => {
    await create("there");
    const { iam: theirs } = await somebody({ Action: "kms:*", Resource: "*" });
    const text = async (UserName: string) =>
      (await refusal(theirs.send(new GetUserCommand({ UserName })))).text?.replaceAll(UserName, "…").replaceAll(/somebody-\d+/g, "…");
    expect(await text("there")).toBe(await text("not-there"));
  });

  it("may be allowed below a path, whatever way the name is written", async () => {
    await create("insider", { Path: "/team/" });
    await create("outsider");
    const { iam: theirs } = await somebody({ Action: ["iam:GetUser", "iam:CreateUser"], Resource: `${ARN}:user/team/*` });
    const get = (UserName: string) => refusal(theirs.send(new GetUserCommand({ UserName })));
    expect((await get("insider")).name).toBe("none");
    expect((await get("INSIDER")).name).toBe("none");
    expect((await get("outsider")).name).toBe("AccessDenied");
    expect((await get("OUTSIDER")).name).toBe("AccessDenied");
    const made = (UserName: string, Path: string) => refusal(theirs.send(new CreateUserCommand({ UserName, Path })));
    expect((await made("new-insider", "/team/")).name).toBe("none");
    expect((await made("new-outsider", "/")).name).toBe("AccessDenied");
  });

  it("that renames needs the permission on both names", async () => {
    await create("mine", { Path: "/mine/" });
    const { iam: theirs } = await somebody({ Action: "iam:UpdateUser", Resource: `${ARN}:user/mine/*` });
    const rename = (NewPath: string) =>
      refusal(theirs.send(new UpdateUserCommand({ UserName: "mine", NewUserName: "still-mine", NewPath })));
    expect((await rename("/theirs/")).text).toContain(`on resource: ${ARN}:user/theirs/still-mine because`);
    expect((await rename("/mine/")).name).toBe("none");
  });

  it("about oneself may be allowed by a variable", async () => {
    const self = await somebody({ Action: "iam:*AccessKey*", Resource: `${ARN}:user/\${aws:username}` });
    expect((await refusal(self.iam.send(new CreateAccessKeyCommand({})))).name).toBe("none");
    expect((await refusal(self.iam.send(new CreateAccessKeyCommand({ UserName: "administrator" })))).name).toBe("AccessDenied");
  });

  it("may be allowed for some policies only", async () => {
    const arn = (await iam.send(new CreatePolicyCommand({ PolicyName: "harmless", PolicyDocument: ALLOW })))?.Policy?.Arn;
    await create("subject");
    const { iam: theirs } = await somebody({
      Action: "iam:AttachUserPolicy",
      Resource: "*",
      Condition: { ArnEquals: { "iam:PolicyARN": arn } },
    });
    const attach = (PolicyArn: string | undefined) => refusal(theirs.send(new AttachUserPolicyCommand({ UserName: "subject", PolicyArn })));
    expect((await attach(arn)).name).toBe("none");
    expect((await attach("arn:aws:iam::aws:policy/AdministratorAccess")).name).toBe("AccessDenied");
  });

  it("may be allowed by tags: those of the user, and those that are asked for", async () => {
    await create("red", { Tags: [{ Key: "team", Value: "red" }] });
    await create("blue", { Tags: [{ Key: "team", Value: "blue" }] });
    const { iam: theirs } = await somebody(
      { Action: "iam:GetUser", Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/team": "red" } } },
      {
        Action: "iam:TagUser",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestTag/stage": "test" }, "ForAllValues:StringEquals": { "aws:TagKeys": ["stage"] } },
      },
    );
    const get = (UserName: string) => refusal(theirs.send(new GetUserCommand({ UserName })));
    expect([(await get("red")).name, (await get("blue")).name]).toEqual(["none", "AccessDenied"]);
    const tag = (Key: string, Value: string) => refusal(theirs.send(new TagUserCommand({ UserName: "red", Tags: [{ Key, Value }] })));
    expect((await tag("stage", "test")).name).toBe("none");
    expect((await tag("stage", "live")).name).toBe("AccessDenied");
    expect((await tag("team", "blue")).name).toBe("AccessDenied");
  });

  it("that makes something with tags needs the permission to tag", async () => {
    const { iam: theirs } = await somebody({ Action: ["iam:CreateUser", "iam:CreateRole"], Resource: "*" });
    const Tags = [{ Key: "a", Value: "b" }];
    expect((await refusal(theirs.send(new CreateUserCommand({ UserName: "untagged" })))).name).toBe("none");
    expect((await refusal(theirs.send(new CreateUserCommand({ UserName: "tagged", Tags })))).text).toContain("iam:TagUser");
    const role = new CreateRoleCommand({ RoleName: "tagged", AssumeRolePolicyDocument: trusting({ AWS: ACCOUNT }), Tags });
    expect((await refusal(theirs.send(role))).text).toContain("iam:TagRole");
  });

  it("is recorded when it is refused, with who asked for what", async () => {
    const { iam: theirs, arn } = await somebody({ Action: "kms:*", Resource: "*" });
    const refused = await theirs.send(new DeleteUserCommand({ UserName: "administrator" })).catch((error) => error);
    const [row] = await service.records(refused.$metadata.requestId);
    expect(row?.record).toMatchObject({
      s: "iam",
      e: "DeleteUser",
      c: { a: arn },
      q: { userName: "administrator" },
      x: ["AccessDeniedException", expect.stringContaining("iam:DeleteUser")],
    });
  });
});

const ALLOW = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:ListKeys", Resource: "*" }] });
