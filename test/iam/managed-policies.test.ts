import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  PutUserPermissionsBoundaryCommand,
  SetDefaultPolicyVersionCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import { ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allowing, longPolicy } from "./documents.ts";
import { refusal } from "./refusal.ts";

const arnOf = (name: string) => `arn:aws:iam::${ACCOUNT}:policy/${name}`;

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

const create = (PolicyName: string, PolicyDocument = allowing("kms:ListKeys"), rest = {}) =>
  iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument, ...rest }));
const get = async (PolicyArn: string) => (await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy;

describe("CreatePolicy", () => {
  it("answers the policy; GetPolicy adds the description, GetPolicyVersion the text", async () => {
    const document = allowing("kms:ListKeys");
    const { Policy: made } = await create("read", document, { Path: "/team/", Description: "Reads", Tags: [{ Key: "a", Value: "b" }] });
    expect(made).toEqual({
      PolicyName: "read",
      PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
      Arn: arnOf("team/read"),
      Path: "/team/",
      DefaultVersionId: "v1",
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      CreateDate: expect.any(Date),
      UpdateDate: expect.any(Date),
      Tags: [{ Key: "a", Value: "b" }],
    });
    expect(await get(arnOf("team/read"))).toEqual({ ...made, Description: "Reads" });
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: made?.Arn, VersionId: "v1" }));
    expect(PolicyVersion).toMatchObject({ VersionId: "v1", IsDefaultVersion: true });
    expect(decodeURIComponent(PolicyVersion?.Document ?? "")).toBe(document);
  });

  it("refuses a name that is taken on whatever path, what is no policy, and one that is too large", async () => {
    await create("twin");
    expect(await refusal(create("TWIN", undefined, { Path: "/other/" }))).toEqual({
      name: "EntityAlreadyExists",
      text: "A policy called TWIN already exists. Duplicate names are not allowed.",
      status: 409,
    });
    expect(await refusal(create("none", "{}"))).toMatchObject({ name: "MalformedPolicyDocument" });
    await create("large", longPolicy(6144));
    expect(await refusal(create("larger", longPolicy(6145)))).toEqual({
      name: "LimitExceeded",
      text: "Cannot exceed quota for PolicySize: 6144",
      status: 409,
    });
  });

  it("refuses names of policies that are not there, and of another path", async () => {
    await create("placed", undefined, { Path: "/here/" });
    for (const arn of [arnOf("placed"), arnOf("nothing"), "arn:aws:iam::444455556666:policy/placed"])
      expect(await refusal(get(arn))).toEqual({ name: "NoSuchEntity", text: `Policy ${arn} was not found.`, status: 404 });
    expect(await refusal(get("arn:aws:iam::111122223333:user/alice"))).toMatchObject({ name: "InvalidInput" });
  });
});

describe("versions of a policy", () => {
  it("count for whoever has the policy at the next call", async () => {
    const user = await service.newUser("reader");
    const { Policy } = await create("versioned");
    const PolicyArn = Policy?.Arn;
    await iam.send(new AttachUserPolicyCommand({ UserName: "reader", PolicyArn }));
    const kms = service.kms(user);
    await kms.send(new ListKeysCommand({}));
    const { PolicyVersion } = await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing("kms:ListAliases"), SetAsDefault: true }),
    );
    expect(PolicyVersion).toEqual({ VersionId: "v2", IsDefaultVersion: true, CreateDate: expect.any(Date) });
    expect(await refusal(kms.send(new ListKeysCommand({})))).toMatchObject({ name: "AccessDeniedException" });
    await kms.send(new ListAliasesCommand({}));
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
    await kms.send(new ListKeysCommand({}));
    await iam.send(new DetachUserPolicyCommand({ UserName: "reader", PolicyArn }));
    expect(await refusal(kms.send(new ListKeysCommand({})))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("are five at the most, listed the newest first, and no number is given twice", async () => {
    const PolicyArn = (await create("long-lived")).Policy?.Arn;
    const next = () => iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing("kms:Encrypt") }));
    for (let version = 2; version <= 5; version += 1) await next();
    expect(await refusal(next())).toEqual({
      name: "LimitExceeded",
      text: "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
      status: 409,
    });
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v5" }));
    expect((await next()).PolicyVersion?.VersionId).toBe("v6");
    const first = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, MaxItems: 2 }));
    const rest = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, Marker: first.Marker }));
    const all = [...(first.Versions ?? []), ...(rest.Versions ?? [])];
    expect(all.map(({ VersionId }) => VersionId)).toEqual(["v6", "v4", "v3", "v2", "v1"]);
    expect(all.map(({ IsDefaultVersion }) => IsDefaultVersion)).toEqual([false, false, false, false, true]);
  });

  it("cannot be deleted while they count, and have to be there", async () => {
    const PolicyArn = (await create("kept")).Policy?.Arn;
    const remove = (VersionId: string) => refusal(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId })));
    expect(await remove("v1")).toEqual({
      name: "DeleteConflict",
      text: "Cannot delete the default version of a policy.",
      status: 409,
    });
    const missing = { name: "NoSuchEntity", text: `Policy ${PolicyArn} version v9 does not exist or is not attachable.`, status: 404 };
    expect(await remove("v9")).toEqual(missing);
    expect(await refusal(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v9" })))).toEqual(missing);
    expect(await refusal(iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v9" })))).toEqual(missing);
  });
});

describe("DeletePolicy", () => {
  it("wants the policy attached to nobody, nobody's boundary, and with one version", async () => {
    const PolicyArn = (await create("used")).Policy?.Arn;
    const remove = () => refusal(iam.send(new DeletePolicyCommand({ PolicyArn })));
    await iam.send(new CreateUserCommand({ UserName: "user" }));
    await iam.send(new AttachUserPolicyCommand({ UserName: "user", PolicyArn }));
    const attached = { name: "DeleteConflict", text: "Cannot delete a policy attached to entities.", status: 409 };
    expect(await remove()).toEqual(attached);
    await iam.send(new DetachUserPolicyCommand({ UserName: "user", PolicyArn }));
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing("kms:Encrypt") }));
    expect((await remove()).text).toBe(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
    expect(await remove()).toEqual({ name: "none" });
    expect(await remove()).toMatchObject({ name: "NoSuchEntity" });
  });
});

describe("policies that AWS manages", () => {
  it("are there from the start, as AWS publishes them", async () => {
    const { Policies } = await iam.send(new ListPoliciesCommand({ Scope: "AWS" }));
    expect(Policies?.map(({ PolicyName }) => PolicyName)).toEqual([
      "AWSKeyManagementServicePowerUser",
      "AdministratorAccess",
      "ReadOnlyAccess",
    ]);
    for (const { Arn, DefaultVersionId } of Policies ?? []) {
      const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: Arn, VersionId: DefaultVersionId }));
      expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ""))).toMatchObject({ Version: "2012-10-17" });
    }
  });

  it("cannot be changed by anybody", async () => {
    const PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    const calls = [
      iam.send(new DeletePolicyCommand({ PolicyArn })),
      iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing("*"), SetAsDefault: true })),
      iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: "a", Value: "b" }] })),
    ];
    for (const refused of await Promise.all(calls.map((call) => refusal(call))))
      expect(refused).toMatchObject({ name: "AccessDenied", status: 403 });
  });
});

describe("lists", () => {
  it("tell who has a policy, and whom it bounds", async () => {
    const PolicyArn = (await create("shared", undefined, { Path: "/lists/" })).Policy?.Arn;
    await create("unused", undefined, { Path: "/lists/" });
    for (const UserName of ["one", "two"]) await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new AttachUserPolicyCommand({ UserName: "one", PolicyArn }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "two", PermissionsBoundary: PolicyArn }));
    const entities = async (input = {}) => {
      const { PolicyUsers } = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, ...input }));
      return PolicyUsers?.map(({ UserName }) => UserName);
    };
    expect(await entities()).toEqual(["one", "two"]);
    expect(await entities({ PolicyUsageFilter: "PermissionsPolicy" })).toEqual(["one"]);
    expect(await entities({ PolicyUsageFilter: "PermissionsBoundary" })).toEqual(["two"]);
    expect(await entities({ EntityFilter: "Role" })).toEqual([]);
    expect(await get(PolicyArn ?? "")).toMatchObject({ AttachmentCount: 1, PermissionsBoundaryUsageCount: 1 });
    const listed = async (input = {}) =>
      (await iam.send(new ListPoliciesCommand({ PathPrefix: "/lists/", ...input }))).Policies?.map(({ PolicyName }) => PolicyName);
    expect(await listed()).toEqual(["shared", "unused"]);
    expect(await listed({ OnlyAttached: true })).toEqual(["shared"]);
    expect(await listed({ PolicyUsageFilter: "PermissionsBoundary" })).toEqual(["shared"]);
    expect(await listed({ Scope: "AWS" })).toEqual([]);
  });

  it("show a policy's tags", async () => {
    const PolicyArn = (await create("labelled")).Policy?.Arn;
    await iam.send(
      new TagPolicyCommand({
        PolicyArn,
        Tags: [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ],
      }),
    );
    await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ["a"] }));
    expect((await iam.send(new ListPolicyTagsCommand({ PolicyArn }))).Tags).toEqual([{ Key: "b", Value: "2" }]);
  });
});
