import {
  CreateUserCommand,
  DeleteUserCommand,
  GetUserCommand,
  type IAMClient,
  ListUsersCommand,
  ListUserTagsCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { refusal } from "./refusal.ts";

const ARN = `arn:aws:iam::${ACCOUNT}:user`;

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

const create = (UserName: string, rest = {}) => iam.send(new CreateUserCommand({ UserName, ...rest }));
const get = async (UserName: string) => (await iam.send(new GetUserCommand({ UserName }))).User;

describe("CreateUser", () => {
  it("answers the user, as GetUser does", async () => {
    const { User: made } = await create("alice", { Path: "/team/", Tags: [{ Key: "stage", Value: "test" }] });
    expect(made).toEqual({
      Path: "/team/",
      UserName: "alice",
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: `${ARN}/team/alice`,
      CreateDate: expect.any(Date),
      Tags: [{ Key: "stage", Value: "test" }],
    });
    expect(await get("alice")).toEqual(made);
  });

  it("refuses a name that is taken, in whatever letter case", async () => {
    await create("taken");
    for (const name of ["taken", "TAKEN"]) {
      expect(await refusal(create(name))).toEqual({
        name: "EntityAlreadyExists",
        text: `User with name ${name} already exists.`,
        status: 409,
      });
    }
  });

  it("lets one of many at the same time have a name", async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => refusal(create("wanted"))));
    expect(results.map(({ name }) => name).sort()).toEqual([...Array(7).fill("EntityAlreadyExists"), "none"]);
  });

  it.each([
    ["b b", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"],
    [
      "x".repeat(65),
      `1 validation error detected: Value '${"x".repeat(65)}' at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
  ])("refuses the name %s", async (name, text) => {
    expect(await refusal(create(name))).toEqual({ name: "ValidationError", text, status: 400 });
  });

  it("refuses a path that is none", async () => {
    expect(await refusal(create("lost", { Path: "team" }))).toMatchObject({
      name: "ValidationError",
      text: "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    });
  });

  it("refuses tags that differ in letter case only, reserved ones, and a boundary that is not there", async () => {
    const twins = [
      { Key: "a", Value: "1" },
      { Key: "A", Value: "2" },
    ];
    expect(await refusal(create("tagged", { Tags: twins }))).toMatchObject({
      name: "InvalidInput",
      text: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    });
    expect(await refusal(create("tagged", { Tags: [{ Key: "aws:x", Value: "1" }] }))).toMatchObject({ name: "InvalidInput" });
    const PermissionsBoundary = `arn:aws:iam::${ACCOUNT}:policy/none`;
    expect(await refusal(create("bounded", { PermissionsBoundary }))).toMatchObject({
      name: "NoSuchEntity",
      text: `Policy ${PermissionsBoundary} does not exist or is not attachable.`,
    });
  });

  it("leaves its intent and its record", async () => {
    const { $metadata } = await create("recorded");
    const rows = await service.records($metadata.requestId);
    expect(rows.map(({ record }) => record)).toMatchObject([
      { i: 1, s: "iam", e: "CreateUser", m: { table: "principals", sk: "U#recorded", version: 1 } },
      { s: "iam", e: "CreateUser", q: { userName: "recorded", path: "/" }, a: { user: { userName: "recorded" } } },
    ]);
  });

  it("makes users of a Region's name no difference: they are the same everywhere", async () => {
    await create("everywhere");
    const other = service.iam(service.administrator, "eu-west-1");
    expect((await other.send(new GetUserCommand({ UserName: "everywhere" }))).User?.Arn).toBe(`${ARN}/everywhere`);
  });
});

describe("GetUser", () => {
  it("tells the caller about itself when it names nobody", async () => {
    expect((await iam.send(new GetUserCommand({}))).User).toMatchObject({ UserName: "administrator", Arn: `${ARN}/administrator` });
  });

  it("refuses a name that nobody has", async () => {
    expect(await refusal(get("nobody"))).toEqual({
      name: "NoSuchEntity",
      text: "The user with name nobody cannot be found.",
      status: 404,
    });
  });

  it("does not find users of another account", async () => {
    await service.user("foreign-named", [], "444455556666");
    expect(await refusal(get("foreign-named"))).toMatchObject({ name: "NoSuchEntity" });
  });
});

describe("ListUsers", () => {
  it("lists what is below a path, in pages that neither miss nor repeat anybody", async () => {
    const names = Array.from({ length: 7 }, (_, number) => `paged-${number}`);
    for (const name of names) await create(name, { Path: "/paged/" });
    const found: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await iam.send(new ListUsersCommand({ PathPrefix: "/paged/", MaxItems: 3, Marker }));
      expect(page.IsTruncated).toBe(page.Marker !== undefined);
      found.push(...(page.Users ?? []).map(({ UserName }) => UserName));
      Marker = page.Marker;
    } while (Marker !== undefined);
    expect(found).toEqual(names);
  });

  it("refuses a marker that it has not answered", async () => {
    expect(await refusal(iam.send(new ListUsersCommand({ Marker: "made-up" })))).toMatchObject({ name: "ValidationError", status: 400 });
  });
});

describe("UpdateUser", () => {
  it("renames: the unique id, the keys and the policies stay, and the old name is free", async () => {
    const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:ListKeys", Resource: "*" }] };
    const user = await service.user("before", [document]);
    await iam.send(new UpdateUserCommand({ UserName: "before", NewUserName: "after", NewPath: "/moved/" }));
    expect(await refusal(get("before"))).toMatchObject({ name: "NoSuchEntity" });
    expect(await get("after")).toMatchObject({ UserId: user.id, Arn: `${ARN}/moved/after` });
    await service.kms(user).send(new ListKeysCommand({}));
    const { User: other } = await create("before");
    expect(other?.UserId).not.toBe(user.id);
    await iam.send(new UpdateUserCommand({ UserName: "after", NewUserName: "AFTER" }));
    await iam.send(new UpdateUserCommand({ UserName: "AFTER", NewUserName: "later" }));
    await iam.send(new UpdateUserCommand({ UserName: "later", NewUserName: "after" }));
    expect(await get("after")).toMatchObject({ UserId: user.id, UserName: "after" });
  });

  it("lets a key that was made by the API work after its user is renamed", async () => {
    const user = await service.newUser("renamed");
    await iam.send(new UpdateUserCommand({ UserName: "renamed", NewUserName: "renamed-2" }));
    expect((await service.sts(user).send(new GetCallerIdentityCommand())).Arn).toBe(`${ARN}/renamed-2`);
  });

  it("refuses a name that is taken, and a user that is not there", async () => {
    await create("one");
    await create("two");
    expect(await refusal(iam.send(new UpdateUserCommand({ UserName: "one", NewUserName: "Two" })))).toMatchObject({
      name: "EntityAlreadyExists",
      text: "User with name Two already exists.",
    });
    expect(await refusal(iam.send(new UpdateUserCommand({ UserName: "three", NewUserName: "four" })))).toMatchObject({
      name: "NoSuchEntity",
    });
  });
});

describe("DeleteUser", () => {
  it("deletes, and whoever takes the name next is somebody else", async () => {
    const { User: first } = await create("short-lived");
    await iam.send(new DeleteUserCommand({ UserName: "short-lived" }));
    expect(await refusal(get("short-lived"))).toMatchObject({ name: "NoSuchEntity" });
    const { User: second } = await create("short-lived");
    expect(second?.UserId).not.toBe(first?.UserId);
  });

  it("refuses a user that is not there", async () => {
    expect(await refusal(iam.send(new DeleteUserCommand({ UserName: "nobody" })))).toMatchObject({ name: "NoSuchEntity" });
  });
});

describe("tags of a user", () => {
  it("are added, replaced whatever their letter case, listed and taken away", async () => {
    await create("labelled");
    const Tags = [
      { Key: "team", Value: "red" },
      { Key: "Größe", Value: "" },
    ];
    await iam.send(new TagUserCommand({ UserName: "labelled", Tags }));
    await iam.send(new TagUserCommand({ UserName: "labelled", Tags: [{ Key: "TEAM", Value: "blue" }] }));
    const listed = await iam.send(new ListUserTagsCommand({ UserName: "labelled", MaxItems: 1 }));
    const rest = await iam.send(new ListUserTagsCommand({ UserName: "labelled", Marker: listed.Marker }));
    expect([...(listed.Tags ?? []), ...(rest.Tags ?? [])]).toEqual([
      { Key: "Größe", Value: "" },
      { Key: "TEAM", Value: "blue" },
    ]);
    await iam.send(new UntagUserCommand({ UserName: "labelled", TagKeys: ["team", "none"] }));
    expect((await get("labelled"))?.Tags).toEqual([{ Key: "Größe", Value: "" }]);
  });

  it("are 50 at the most", async () => {
    await create("crowded");
    const tags = (from: number, count: number) => Array.from({ length: count }, (_, n) => ({ Key: `k${from + n}`, Value: "" }));
    await iam.send(new TagUserCommand({ UserName: "crowded", Tags: tags(0, 50) }));
    expect(await refusal(iam.send(new TagUserCommand({ UserName: "crowded", Tags: tags(50, 1) })))).toMatchObject({
      name: "LimitExceeded",
      status: 409,
    });
  });
});
