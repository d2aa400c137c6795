import {
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  GetRoleCommand,
  type IAMClient,
  ListInstanceProfilesForRoleCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { trusting } from "./documents.ts";
import { refusal } from "./refusal.ts";

const TRUST = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` });

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

const create = (RoleName: string, rest: { AssumeRolePolicyDocument?: string; [member: string]: unknown } = {}) =>
  iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST, ...rest }));
const get = async (RoleName: string) => (await iam.send(new GetRoleCommand({ RoleName }))).Role;

describe("CreateRole", () => {
  it("answers the role, as GetRole does", async () => {
    const { Role: made } = await create("deploy", {
      Path: "/ci/",
      Description: "Deploys",
      MaxSessionDuration: 7200,
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(made).toEqual({
      Path: "/ci/",
      RoleName: "deploy",
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${ACCOUNT}:role/ci/deploy`,
      CreateDate: expect.any(Date),
      AssumeRolePolicyDocument: expect.stringMatching(/^%7B%22Version%22/),
      Description: "Deploys",
      MaxSessionDuration: 7200,
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(decodeURIComponent(made?.AssumeRolePolicyDocument ?? "")).toBe(TRUST);
    expect(await get("deploy")).toEqual({ ...made, RoleLastUsed: {} });
    expect((await create("plain")).Role?.MaxSessionDuration).toBe(3600);
  });

  it("is found by its name and its unique id", async () => {
    const { Role } = await create("found");
    const { principals } = service.host.shared;
    expect((await principals.role(ACCOUNT, "FOUND"))?.id).toBe(Role?.RoleId);
    expect((await principals.roleById(Role?.RoleId ?? ""))?.arn).toBe(Role?.Arn);
    expect(await principals.idOf(Role?.Arn ?? "")).toBe(Role?.RoleId);
    expect(await principals.arnOf(Role?.RoleId ?? "")).toBe(Role?.Arn);
    expect(await principals.userById(Role?.RoleId ?? "")).toBeUndefined();
  });

  it("refuses a name that is taken, and a session longer than twelve hours", async () => {
    await create("twin");
    expect(await refusal(create("Twin"))).toEqual({
      name: "EntityAlreadyExists",
      text: "Role with name Twin already exists.",
      status: 409,
    });
    expect(await refusal(create("long", { MaxSessionDuration: 43_201 }))).toMatchObject({ name: "ValidationError" });
  });

  it("keeps whom a trust policy names by unique id, so that another of that name is not meant", async () => {
    const { User } = await iam.send(new CreateUserCommand({ UserName: "trusted" }));
    const arn = User?.Arn ?? "";
    await create("by-name", { AssumeRolePolicyDocument: trusting({ AWS: arn }) });
    await iam.send(new DeleteUserCommand({ UserName: "trusted" }));
    await iam.send(new CreateUserCommand({ UserName: "trusted" }));
    expect((await service.host.shared.principals.role(ACCOUNT, "by-name"))?.trust.principals).toEqual({ [arn]: User?.UserId });
  });

  it.each([
    ["nobody", JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole" }] })],
    ["a user that is not there", trusting({ AWS: `arn:aws:iam::${ACCOUNT}:user/nobody` })],
    ["no policy", "{}"],
  ])("refuses a trust policy that names %s", async (_, AssumeRolePolicyDocument) => {
    expect(await refusal(create("untrusted", { AssumeRolePolicyDocument }))).toMatchObject({
      name: "MalformedPolicyDocument",
      status: 400,
    });
  });

  it("says which principal is none", async () => {
    const AssumeRolePolicyDocument = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/nobody` });
    expect((await refusal(create("untrusted", { AssumeRolePolicyDocument }))).text).toBe(
      `Invalid principal in policy: "AWS":"arn:aws:iam::${ACCOUNT}:role/nobody"`,
    );
  });

  it("takes trust in an OpenID Connect provider, with conditions on what it says", async () => {
    const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: provider },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" } },
        },
      ],
    });
    expect((await create("ci", { AssumeRolePolicyDocument })).Role?.RoleName).toBe("ci");
  });

  it("refuses a trust policy that is too large", async () => {
    const Statement = Array.from({ length: 40 }, () => JSON.parse(TRUST).Statement[0]);
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    expect(await refusal(create("huge", { AssumeRolePolicyDocument }))).toEqual({
      name: "LimitExceeded",
      text: "Cannot exceed quota for ACLSizePerRole: 2048",
      status: 409,
    });
  });
});

describe("changes of a role:", () => {
  it("description and longest session", async () => {
    await create("changed", { Description: "old", MaxSessionDuration: 7200 });
    await iam.send(new UpdateRoleCommand({ RoleName: "changed", Description: "new", MaxSessionDuration: 10_800 }));
    expect(await get("changed")).toMatchObject({ Description: "new", MaxSessionDuration: 10_800 });
    await iam.send(new UpdateRoleCommand({ RoleName: "changed" }));
    expect(await get("changed")).toMatchObject({ Description: "new", MaxSessionDuration: 3600 });
    const { Role } = await iam.send(new UpdateRoleDescriptionCommand({ RoleName: "changed", Description: "newer" }));
    expect(Role).toMatchObject({ Description: "newer" });
  });

  it("whom it trusts", async () => {
    await create("handed-over");
    const PolicyDocument = trusting({ AWS: "444455556666" });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "handed-over", PolicyDocument }));
    expect(decodeURIComponent((await get("handed-over"))?.AssumeRolePolicyDocument ?? "")).toBe(PolicyDocument);
    const malformed = iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "handed-over", PolicyDocument: "{}" }));
    expect(await refusal(malformed)).toMatchObject({ name: "MalformedPolicyDocument" });
  });

  it("tags", async () => {
    await create("labelled");
    await iam.send(
      new TagRoleCommand({
        RoleName: "labelled",
        Tags: [
          { Key: "b", Value: "2" },
          { Key: "a", Value: "1" },
        ],
      }),
    );
    expect((await iam.send(new ListRoleTagsCommand({ RoleName: "labelled" }))).Tags?.map(({ Key }) => Key)).toEqual(["a", "b"]);
    await iam.send(new UntagRoleCommand({ RoleName: "labelled", TagKeys: ["a"] }));
    expect((await get("labelled"))?.Tags).toEqual([{ Key: "b", Value: "2" }]);
  });

  it("of one that is not there are refused", async () => {
    const RoleName = "nobody";
    const calls = [
      iam.send(new UpdateRoleCommand({ RoleName })),
      iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: "" })),
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: TRUST })),
      iam.send(new DeleteRoleCommand({ RoleName })),
      iam.send(new ListInstanceProfilesForRoleCommand({ RoleName })),
      iam.send(new GetRoleCommand({ RoleName })),
    ];
    for (const refused of await Promise.all(calls.map((call) => refusal(call))))
      expect(refused).toEqual({ name: "NoSuchEntity", text: "The role with name nobody cannot be found.", status: 404 });
  });
});

describe("lists of roles", () => {
  it("go by path, and have no tags", async () => {
    await create("listed-1", { Path: "/listed/", Tags: [{ Key: "a", Value: "b" }] });
    await create("listed-2", { Path: "/listed/deeper/" });
    const { Roles } = await iam.send(new ListRolesCommand({ PathPrefix: "/listed/" }));
    expect(Roles?.map(({ RoleName }) => RoleName)).toEqual(["listed-1", "listed-2"]);
    expect(Roles?.[0]).not.toHaveProperty("Tags");
    expect((await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: "listed-1" }))).InstanceProfiles).toEqual([]);
  });
});

describe("DeleteRole", () => {
  it("ends the role, and its name is free for another", async () => {
    const { Role: first } = await create("gone");
    await iam.send(new DeleteRoleCommand({ RoleName: "gone" }));
    expect(await refusal(get("gone"))).toMatchObject({ name: "NoSuchEntity" });
    expect(await service.host.shared.principals.roleById(first?.RoleId ?? "")).toBeUndefined();
    expect((await create("gone")).Role?.RoleId).not.toBe(first?.RoleId);
  });
});
