import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, GetUserCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Service, startService } from "../service.ts";
import { trusting } from "./documents.ts";
import { refusal } from "./refusal.ts";

const ACCOUNT = "444455556666";

let service: Service;
beforeAll(async () => {
  service = await startService({ sandbox: true });
});
afterAll(() => service.stop());

const root = () => service.iam({ accessKeyId: ACCOUNT, secretAccessKey: "any" });

test("the root user of a sandbox's account makes users and roles in it, for principals that do not exist", async () => {
  const { User } = await root().send(new CreateUserCommand({ UserName: "alice" }));
  expect(User?.Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/alice`);
  const AssumeRolePolicyDocument = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:user/nobody` });
  const { Role } = await root().send(new CreateRoleCommand({ RoleName: "any", AssumeRolePolicyDocument }));
  expect(Role?.Arn).toBe(`arn:aws:iam::${ACCOUNT}:role/any`);
});

test("the root user is told about itself, and has to name the user whose keys it makes", async () => {
  expect((await root().send(new GetUserCommand({}))).User).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:root`, UserId: ACCOUNT });
  expect(await refusal(root().send(new CreateAccessKeyCommand({})))).toEqual({
    name: "ValidationError",
    text: "Must specify userName when calling with non-User credentials",
    status: 400,
  });
});
