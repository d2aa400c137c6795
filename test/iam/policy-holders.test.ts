/** Users, roles and groups hold policies in the same way: inline ones, and managed ones that are attached. */
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allowing, longPolicy, trusting } from "./documents.ts";
import { refusal } from "./refusal.ts";

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

type Named = { readonly PolicyName: string };
type Arn = { readonly PolicyArn: string };

const HOLDERS = [
  {
    kind: "user",
    most: 2048,
    quota: "PoliciesPerUser",
    create: (UserName: string) => iam.send(new CreateUserCommand({ UserName })),
    remove: (UserName: string) => iam.send(new DeleteUserCommand({ UserName })),
    put: (UserName: string, input: Named & { PolicyDocument: string }) => iam.send(new PutUserPolicyCommand({ UserName, ...input })),
    get: (UserName: string, input: Named) => iam.send(new GetUserPolicyCommand({ UserName, ...input })),
    list: (UserName: string, input = {}) => iam.send(new ListUserPoliciesCommand({ UserName, ...input })),
    delete: (UserName: string, input: Named) => iam.send(new DeleteUserPolicyCommand({ UserName, ...input })),
    attach: (UserName: string, input: Arn) => iam.send(new AttachUserPolicyCommand({ UserName, ...input })),
    detach: (UserName: string, input: Arn) => iam.send(new DetachUserPolicyCommand({ UserName, ...input })),
    attached: (UserName: string, input = {}) => iam.send(new ListAttachedUserPoliciesCommand({ UserName, ...input })),
  },
  {
    kind: "role",
    most: 10_240,
    quota: "PoliciesPerRole",
    create: (RoleName: string) =>
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` }) })),
    remove: (RoleName: string) => iam.send(new DeleteRoleCommand({ RoleName })),
    put: (RoleName: string, input: Named & { PolicyDocument: string }) => iam.send(new PutRolePolicyCommand({ RoleName, ...input })),
    get: (RoleName: string, input: Named) => iam.send(new GetRolePolicyCommand({ RoleName, ...input })),
    list: (RoleName: string, input = {}) => iam.send(new ListRolePoliciesCommand({ RoleName, ...input })),
    delete: (RoleName: string, input: Named) => iam.send(new DeleteRolePolicyCommand({ RoleName, ...input })),
    attach: (RoleName: string, input: Arn) => iam.send(new AttachRolePolicyCommand({ RoleName, ...input })),
    detach: (RoleName: string, input: Arn) => iam.send(new DetachRolePolicyCommand({ RoleName, ...input })),
    attached: (RoleName: string, input = {}) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, ...input })),
  },
  {
    kind: "group",
    most: 5120,
    quota: "PoliciesPerGroup",
    create: (GroupName: string) => iam.send(new CreateGroupCommand({ GroupName })),
    remove: (GroupName: string) => iam.send(new DeleteGroupCommand({ GroupName })),
    put: (GroupName: string, input: Named & { PolicyDocument: string }) => iam.send(new PutGroupPolicyCommand({ GroupName, ...input })),
    get: (GroupName: string, input: Named) => iam.send(new GetGroupPolicyCommand({ GroupName, ...input })),
    list: (GroupName: string, input = {}) => iam.send(new ListGroupPoliciesCommand({ GroupName, ...input })),
    delete: (GroupName: string, input: Named) => iam.send(new DeleteGroupPolicyCommand({ GroupName, ...input })),
    attach: (GroupName: string, input: Arn) => iam.send(new AttachGroupPolicyCommand({ GroupName, ...input })),
    detach: (GroupName: string, input: Arn) => iam.send(new DetachGroupPolicyCommand({ GroupName, ...input })),
    attached: (GroupName: string, input = {}) => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, ...input })),
  },
] as const;

const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";

describe.each(HOLDERS)("the policies of a $kind:", ({ kind, most, quota, ...api }) => {
  it("inline ones are put, shown as they were written, listed in pages, replaced and deleted", async () => {
    await api.create("inline");
    const document = '{ "Version": "2012-10-17",\n  "Statement": [{"Effect":"Allow","Action":"kms:*","Resource":"*"}] }';
    await api.put("inline", { PolicyName: "b", PolicyDocument: document });
    await api.put("inline", { PolicyName: "a", PolicyDocument: allowing("kms:Encrypt") });
    await api.put("inline", { PolicyName: "a", PolicyDocument: allowing("kms:Decrypt") });
    const shown = await api.get("inline", { PolicyName: "b" });
    expect(shown.PolicyDocument).toMatch(/^%7B%20%22Version%22%3A/);
    expect(decodeURIComponent(shown.PolicyDocument ?? "")).toBe(document);
    expect(decodeURIComponent((await api.get("inline", { PolicyName: "a" })).PolicyDocument ?? "")).toBe(allowing("kms:Decrypt"));
    const first = await api.list("inline", { MaxItems: 1 });
    expect([first.PolicyNames, first.IsTruncated]).toEqual([["a"], true]);
    expect((await api.list("inline", { Marker: first.Marker })).PolicyNames).toEqual(["b"]);
    await api.delete("inline", { PolicyName: "a" });
    expect((await api.list("inline")).PolicyNames).toEqual(["b"]);
  });

  it("inline ones that are not there are refused", async () => {
    await api.create("bare");
    for (const call of [api.get, api.delete]) {
      expect(await refusal(call("bare", { PolicyName: "none" }))).toEqual({
        name: "NoSuchEntity",
        text: `The ${kind} policy with name none cannot be found.`,
        status: 404,
      });
    }
    expect(await refusal(api.list("nobody"))).toMatchObject({
      name: "NoSuchEntity",
      text: `The ${kind} with name nobody cannot be found.`,
    });
  });

  it("what is no policy is refused", async () => {
    await api.create("strict");
    const put = (PolicyDocument: string) => refusal(api.put("strict", { PolicyName: "p", PolicyDocument }));
    expect(await put("{}")).toMatchObject({ name: "MalformedPolicyDocument", status: 400 });
    expect(await put("not json")).toMatchObject({ name: "MalformedPolicyDocument" });
    expect(await put(trusting({ AWS: "*" }))).toMatchObject({ name: "MalformedPolicyDocument" });
    expect(await put("\u{1f600}")).toMatchObject({
      name: "ValidationError",
      text: "The specified value for policyDocument is invalid. It must contain only printable ASCII characters.",
    });
  });

  it("inline ones have a size together, in which white space does not count", async () => {
    await api.create("full");
    const half = most / 2;
    await api.put("full", { PolicyName: "a", PolicyDocument: longPolicy(half) });
    await api.put("full", { PolicyName: "b", PolicyDocument: longPolicy(half) });
    await api.put("full", { PolicyName: "b", PolicyDocument: longPolicy(half) });
    expect(await refusal(api.put("full", { PolicyName: "b", PolicyDocument: longPolicy(half + 1) }))).toEqual({
      name: "LimitExceeded",
      text: `Maximum policy size of ${most} bytes exceeded for ${kind} full`,
      status: 409,
    });
  });

  it("managed ones are attached, listed by path and detached", async () => {
    await api.create("attached");
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `of-${kind}`, Path: "/team/", PolicyDocument: allowing("kms:Encrypt") }),
    );
    const PolicyArn = Policy?.Arn ?? "";
    await api.attach("attached", { PolicyArn });
    await api.attach("attached", { PolicyArn });
    await api.attach("attached", { PolicyArn: READ_ONLY });
    expect((await api.attached("attached")).AttachedPolicies).toEqual([
      { PolicyName: "ReadOnlyAccess", PolicyArn: READ_ONLY },
      { PolicyName: `of-${kind}`, PolicyArn },
    ]);
    expect((await api.attached("attached", { PathPrefix: "/team/" })).AttachedPolicies).toEqual([{ PolicyName: `of-${kind}`, PolicyArn }]);
    await api.detach("attached", { PolicyArn });
    expect(await refusal(api.detach("attached", { PolicyArn }))).toEqual({
      name: "NoSuchEntity",
      text: `Policy ${PolicyArn} was not found.`,
      status: 404,
    });
  });

  it("managed ones that are not there, another account's, and what is no ARN cannot be attached", async () => {
    await api.create("choosy");
    const attach = (PolicyArn: string) => refusal(api.attach("choosy", { PolicyArn }));
    for (const arn of [`arn:aws:iam::${ACCOUNT}:policy/none`, "arn:aws:iam::444455556666:policy/theirs", "arn:aws:iam::aws:policy/None"]) {
      expect(await attach(arn)).toEqual({ name: "NoSuchEntity", text: `Policy ${arn} does not exist or is not attachable.`, status: 404 });
    }
    expect(await attach("this is no name of one")).toEqual({
      name: "InvalidInput",
      text: "ARN this is no name of one is not valid.",
      status: 400,
    });
  });

  it("ten managed ones are attached at the most, and what holds any cannot be deleted", async () => {
    await api.create("loaded");
    const arns: string[] = [];
    for (let number = 0; number < 11; number += 1) {
      const PolicyName = `${kind}-${number}`;
      const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: allowing("kms:Encrypt") }));
      arns.push(Policy?.Arn ?? "");
    }
    const [eleventh = "", ...ten] = arns;
    for (const PolicyArn of ten) await api.attach("loaded", { PolicyArn });
    expect(await refusal(api.attach("loaded", { PolicyArn: eleventh }))).toEqual({
      name: "LimitExceeded",
      text: `Cannot exceed quota for ${quota}: 10`,
      status: 409,
    });
    expect(await refusal(api.remove("loaded"))).toEqual({
      name: "DeleteConflict",
      text: "Cannot delete entity, must detach all policies first.",
      status: 409,
    });
    for (const PolicyArn of ten) await api.detach("loaded", { PolicyArn });
    await api.put("loaded", { PolicyName: "p", PolicyDocument: allowing("kms:Encrypt") });
    expect(await refusal(api.remove("loaded"))).toMatchObject({ text: "Cannot delete entity, must delete policies first." });
    await api.delete("loaded", { PolicyName: "p" });
    await api.remove("loaded");
  });
});
