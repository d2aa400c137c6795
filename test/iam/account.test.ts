import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  type IAMClient,
  ListAccountAliasesCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allowing, trusting } from "./documents.ts";
import { refusal } from "./refusal.ts";

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

describe("the alias of the account", () => {
  const aliases = async () => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases;
  const create = (AccountAlias: string) => iam.send(new CreateAccountAliasCommand({ AccountAlias }));
  const remove = (AccountAlias: string) => iam.send(new DeleteAccountAliasCommand({ AccountAlias }));

  it("is one: the newest", async () => {
    expect(await aliases()).toEqual([]);
    await create("first");
    await create("second-1");
    expect(await aliases()).toEqual(["second-1"]);
    expect(await refusal(create("second-1"))).toEqual({
      name: "EntityAlreadyExists",
      text: "The account alias second-1 already exists.",
      status: 409,
    });
    expect(await refusal(remove("first"))).toMatchObject({ name: "NoSuchEntity", status: 404 });
    await remove("second-1");
    expect(await aliases()).toEqual([]);
  });

  it.each(["ab", "Upper", "-dash", "dash-", "two--dashes"])("is not %s", async (alias) => {
    expect(await refusal(create(alias))).toMatchObject({ name: "ValidationError" });
  });
});

describe("what is in the account", () => {
  beforeAll(async () => {
    await iam.send(new CreateUserCommand({ UserName: "alice", Tags: [{ Key: "a", Value: "b" }] }));
    await iam.send(new PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument: allowing("kms:Encrypt") }));
    await iam.send(new CreateGroupCommand({ GroupName: "staff" }));
    await iam.send(new AddUserToGroupCommand({ UserName: "alice", GroupName: "staff" }));
    await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trusting({ AWS: ACCOUNT }) }));
    await iam.send(new CreatePolicyCommand({ PolicyName: "read", PolicyDocument: allowing("kms:ListKeys") }));
    await iam.send(new AttachUserPolicyCommand({ UserName: "alice", PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/read` }));
    await service.user("foreign-counted", [], "444455556666");
  });

  it("is counted, with what there may be", async () => {
    expect((await iam.send(new GetAccountSummaryCommand({}))).SummaryMap).toMatchObject({
      Users: 2,
      UsersQuota: 5000,
      Groups: 1,
      Roles: 1,
      Policies: 1,
      PolicyVersionsInUse: 1,
      Providers: 0,
      AccessKeysPerUserQuota: 2,
      PolicySizeQuota: 6144,
    });
  });

  it("is shown with all that it may", async () => {
    const details = await iam.send(new GetAccountAuthorizationDetailsCommand({}));
    expect(details.UserDetailList?.map(({ UserName }) => UserName)).toEqual(["administrator", "alice"]);
    expect(details.UserDetailList?.[1]).toMatchObject({
      UserPolicyList: [{ PolicyName: "p" }],
      GroupList: ["staff"],
      AttachedManagedPolicies: [{ PolicyName: "read", PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/read` }],
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(details.GroupDetailList?.map(({ GroupName }) => GroupName)).toEqual(["staff"]);
    expect(details.RoleDetailList).toMatchObject([{ RoleName: "deploy", InstanceProfileList: [] }]);
    expect(details.Policies?.map(({ PolicyName, AttachmentCount }) => [PolicyName, AttachmentCount])).toEqual([
      ["AdministratorAccess", 1],
      ["read", 1],
    ]);
    expect(details.IsTruncated).toBe(false);
  });

  it("is shown in parts and in pages", async () => {
    const { UserDetailList, RoleDetailList } = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ["Role"] }));
    expect([UserDetailList, RoleDetailList?.length]).toEqual([[], 1]);
    let Marker: string | undefined;
    let count = 0;
    do {
      const page = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 2, Marker }));
      const lists = [page.UserDetailList, page.GroupDetailList, page.RoleDetailList, page.Policies];
      count += lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
      Marker = page.Marker;
    } while (Marker !== undefined);
    expect(count).toBe(6);
  });
});
