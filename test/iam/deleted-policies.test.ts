/** Whoever holds a managed policy holds that one: not another of its name, and not one of another partition. */
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeletePolicyCommand,
  DetachUserPolicyCommand,
  type IAMClient,
  PutUserPermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allowing } from "./documents.ts";
import { refusal } from "./refusal.ts";

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

const arnOf = (name: string) => `arn:aws:iam::${ACCOUNT}:policy/${name}`;
const create = (PolicyName: string, ...actions: string[]) =>
  iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: allowing(...actions) }));
const attach = (UserName: string, PolicyArn: string) => refusal(iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })));

/** As after a crash between two writes: the policy is gone, its holders stay. */
async function vanish(name: string): Promise<void> {
  const { principals } = service.host.shared;
  const policy = await principals.policy(ACCOUNT, name);
  if (policy) await principals.removePolicy(policy);
}

describe("a policy that is made again under the name of one that is gone", () => {
  it("is not what was attached: its holder is refused until it is attached anew", async () => {
    const user = await service.newUser("holder");
    await create("renewed", "kms:ListKeys");
    expect(await attach("holder", arnOf("renewed"))).toEqual({ name: "none" });
    await vanish("renewed");
    await create("renewed", "*");
    const list = () => refusal(service.kms(user).send(new ListKeysCommand({})));
    expect((await list()).name).not.toBe("none");
    expect(await attach("holder", arnOf("renewed"))).toEqual({ name: "none" });
    expect(await list()).toEqual({ name: "none" });
    await iam.send(new DetachUserPolicyCommand({ UserName: "holder", PolicyArn: arnOf("renewed") }));
    expect(await list()).toMatchObject({ name: "AccessDeniedException" });
  });

  it("is not the boundary that there was", async () => {
    const user = await service.user("bounded", [JSON.parse(allowing("kms:*"))]);
    await create("bound", "kms:ListKeys");
    const bound = () => iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "bounded", PermissionsBoundary: arnOf("bound") }));
    await bound();
    await vanish("bound");
    await create("bound", "*");
    const list = () => refusal(service.kms(user).send(new ListKeysCommand({})));
    expect((await list()).name).not.toBe("none");
    await bound();
    expect(await list()).toEqual({ name: "none" });
  });

  it("is what was attached before ids were kept", async () => {
    const user = await service.newUser("old");
    await create("older", "kms:ListKeys");
    const { principals } = service.host.shared;
    const stored = await principals.user(ACCOUNT, "old");
    if (stored) await principals.replaceUser(stored, { ...stored, attached: [arnOf("older")] });
    expect(await refusal(service.kms(user).send(new ListKeysCommand({})))).toEqual({ name: "none" });
  });
});

describe("a policy that AWS manages", () => {
  it("is attached, and bounds, by its ARN of the caller's partition only", async () => {
    await iam.send(new CreateUserCommand({ UserName: "here" }));
    for (const partition of ["aws-cn", "aws-us-gov"]) {
      const there = `arn:${partition}:iam::aws:policy/AdministratorAccess`;
      const refused = { name: "NoSuchEntity", text: `Policy ${there} does not exist or is not attachable.` };
      expect(await attach("here", there)).toMatchObject(refused);
      const bound = new PutUserPermissionsBoundaryCommand({ UserName: "here", PermissionsBoundary: there });
      expect(await refusal(iam.send(bound))).toMatchObject(refused);
      const made = new CreateUserCommand({ UserName: "elsewhere", PermissionsBoundary: there });
      expect(await refusal(iam.send(made))).toMatchObject(refused);
    }
    expect(await attach("here", "arn:aws:iam::aws:policy/AdministratorAccess")).toEqual({ name: "none" });
  });
});

describe("what is deleted while somebody takes it", () => {
  it("stays, or is taken by nobody", async () => {
    const user = await service.user("racer", [JSON.parse(allowing("kms:ListKeys"))]);
    for (let n = 0; n < 5; n += 1) {
      const PolicyArn = arnOf(`race-${n}`);
      await create(`race-${n}`, "kms:ListAliases");
      await iam.send(new CreateGroupCommand({ GroupName: `race-${n}` }));
      const GroupName = `race-${n}`;
      const policy = await Promise.all([attach("racer", PolicyArn), refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))]);
      const group = await Promise.all([
        refusal(iam.send(new AddUserToGroupCommand({ GroupName, UserName: "racer" }))),
        refusal(iam.send(new DeleteGroupCommand({ GroupName }))),
      ]);
      for (const [taken, deleted] of [policy, group]) expect([taken?.name, deleted?.name]).not.toEqual(["none", "none"]);
      expect(await refusal(service.kms(user).send(new ListKeysCommand({})))).toEqual({ name: "none" });
      if (policy[0]?.name === "none") await iam.send(new DetachUserPolicyCommand({ UserName: "racer", PolicyArn }));
    }
  });
});
