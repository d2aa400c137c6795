import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteUserCommand,
  GetGroupCommand,
  type IAMClient,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allowing, denying } from "./documents.ts";
import { refusal } from "./refusal.ts";

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

const create = (GroupName: string, rest = {}) => iam.send(new CreateGroupCommand({ GroupName, ...rest }));
const add = (UserName: string, GroupName: string) => iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
const leave = (UserName: string, GroupName: string) => iam.send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
const membersOf = async (GroupName: string, input = {}) => iam.send(new GetGroupCommand({ GroupName, ...input }));

describe("a group", () => {
  it("is made, listed and renamed, and its name is nobody else's", async () => {
    const { Group } = await create("developers", { Path: "/team/" });
    expect(Group).toEqual({
      Path: "/team/",
      GroupName: "developers",
      GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${ACCOUNT}:group/team/developers`,
      CreateDate: expect.any(Date),
    });
    expect(await refusal(create("Developers"))).toMatchObject({
      name: "EntityAlreadyExists",
      text: "Group with name Developers already exists.",
    });
    expect((await iam.send(new ListGroupsCommand({ PathPrefix: "/team/" }))).Groups).toEqual([Group]);
    await iam.send(new UpdateGroupCommand({ GroupName: "developers", NewGroupName: "engineers", NewPath: "/" }));
    expect((await membersOf("engineers")).Group).toMatchObject({ GroupId: Group?.GroupId, Arn: `arn:aws:iam::${ACCOUNT}:group/engineers` });
    expect(await refusal(membersOf("developers"))).toEqual({
      name: "NoSuchEntity",
      text: "The group with name developers cannot be found.",
      status: 404,
    });
  });

  it("lends its policies to its members, from the next call on and under whatever name", async () => {
    await create("lenders");
    const user = await service.newUser("borrower");
    const list = () => refusal(service.kms(user).send(new ListKeysCommand({})));
    await iam.send(new PutGroupPolicyCommand({ GroupName: "lenders", PolicyName: "p", PolicyDocument: allowing("kms:ListKeys") }));
    expect((await list()).name).toBe("AccessDeniedException");
    await add("borrower", "lenders");
    expect((await list()).name).toBe("none");
    await iam.send(new UpdateGroupCommand({ GroupName: "lenders", NewGroupName: "givers" }));
    expect((await list()).name).toBe("none");
    await create("lenders");
    await iam.send(new PutGroupPolicyCommand({ GroupName: "lenders", PolicyName: "p", PolicyDocument: denying("kms:*") }));
    expect((await list()).name).toBe("none");
    expect((await iam.send(new ListGroupsForUserCommand({ UserName: "borrower" }))).Groups?.map(({ GroupName }) => GroupName)).toEqual([
      "givers",
    ]);
    await iam.send(new PutGroupPolicyCommand({ GroupName: "givers", PolicyName: "p", PolicyDocument: denying("kms:ListKeys") }));
    expect((await list()).text).toContain("with an explicit deny in an identity-based policy");
    await leave("borrower", "givers");
    expect((await list()).text).toContain("because no identity-based policy allows");
  });

  it("lists its members in pages", async () => {
    await create("many");
    const names = ["a", "b", "c", "d"];
    for (const UserName of [...names, "outsider"]) await iam.send(new CreateUserCommand({ UserName }));
    for (const name of names) await add(name, "many");
    await add("a", "many");
    const first = await membersOf("many", { MaxItems: 3 });
    const rest = await membersOf("many", { Marker: first.Marker });
    expect([first.IsTruncated, rest.IsTruncated]).toEqual([true, false]);
    expect([...(first.Users ?? []), ...(rest.Users ?? [])].map(({ UserName }) => UserName)).toEqual(names);
  });

  it("is deleted without members only, and its members before they are", async () => {
    await create("last");
    await iam.send(new CreateUserCommand({ UserName: "member" }));
    await add("member", "last");
    const conflict = { name: "DeleteConflict", text: "Cannot delete entity, must remove users from group first.", status: 409 };
    expect(await refusal(iam.send(new DeleteGroupCommand({ GroupName: "last" })))).toEqual(conflict);
    expect(await refusal(iam.send(new DeleteUserCommand({ UserName: "member" })))).toEqual(conflict);
    await leave("member", "last");
    await iam.send(new DeleteGroupCommand({ GroupName: "last" }));
    await iam.send(new DeleteUserCommand({ UserName: "member" }));
  });

  it("takes a user into ten groups at the most", async () => {
    await iam.send(new CreateUserCommand({ UserName: "joiner" }));
    for (let number = 0; number < 11; number += 1) await create(`club-${number}`);
    for (let number = 0; number < 10; number += 1) await add("joiner", `club-${number}`);
    expect(await refusal(add("joiner", "club-10"))).toEqual({
      name: "LimitExceeded",
      text: "Cannot exceed quota for GroupsPerUser: 10",
      status: 409,
    });
  });

  it("refuses members and groups that are not there", async () => {
    await create("lonely");
    await iam.send(new CreateUserCommand({ UserName: "loner" }));
    expect(await refusal(add("nobody", "lonely"))).toMatchObject({ text: "The user with name nobody cannot be found." });
    expect(await refusal(add("loner", "none"))).toMatchObject({ text: "The group with name none cannot be found." });
    expect(await refusal(leave("loner", "none"))).toMatchObject({ text: "The group with name none cannot be found." });
    expect(await refusal(leave("loner", "lonely"))).toMatchObject({ name: "NoSuchEntity", text: "User loner not in group lonely" });
  });

  it("that was deleted while somebody joined it refuses that user until it is left", async () => {
    const { Group } = await create("vanished");
    const user = await service.newUser("stranded");
    await add("stranded", "vanished");
    const { principals } = service.host.shared;
    const group = await principals.group(ACCOUNT, "vanished");
    expect(group?.id).toBe(Group?.GroupId);
    if (group) await principals.removeGroup(group);
    const list = () => refusal(service.kms(user).send(new ListKeysCommand({})));
    expect((await list()).name).toBe("KMSInternalException");
    await leave("stranded", "vanished");
    expect((await list()).name).toBe("AccessDeniedException");
  });
});
