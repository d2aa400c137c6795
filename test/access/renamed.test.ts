/** What key and trust policies say goes with whom they mean: to another name, and not to the next who takes a name. */
import {
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  type EntityType,
  GetAccountAuthorizationDetailsCommand,
  GetRoleCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, DescribeKeyCommand, EncryptCommand, GetKeyPolicyCommand } from "@aws-sdk/client-kms";
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Credentials, type Service, startService } from "../service.ts";
import { allow, credentialsIn } from "../sts/sessions.ts";

let service: Service;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const document = (...Statement: readonly object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const says = (Effect: "Allow" | "Deny", AWS: string | readonly string[], Action = "kms:Encrypt") => ({
  ...{ Effect, Principal: { AWS }, Action, Resource: "*" },
});

async function keyWith(...statements: readonly object[]): Promise<string> {
  const Policy = document(...statements);
  const { KeyMetadata } = await service.kms().send(new CreateKeyCommand({ Policy }));
  return KeyMetadata?.Arn ?? "";
}

const mayEncrypt = async (who: Credentials, KeyId: string): Promise<boolean> => {
  const { name } = await refusal(service.kms(who).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("text") })));
  if (name !== "none" && name !== "AccessDeniedException") throw new Error(name);
  return name === "none";
};

const rename = (UserName: string, to: { readonly NewUserName?: string; readonly NewPath?: string }) =>
  service.iam().send(new UpdateUserCommand({ UserName, ...to }));

describe("a user whom a key policy names", () => {
  it.each([
    ["name", { NewUserName: "eve-by-name" }],
    ["path", { NewPath: "/elsewhere/" }],
  ])("escapes no Deny by another %s", async (what, to) => {
    const name = `eve-${what}`;
    const eve = await service.user(name, [allow("kms:*")]);
    const key = await keyWith(says("Allow", ROOT, "kms:*"), says("Deny", eve.arn));
    expect(await mayEncrypt(eve, key)).toBe(false);
    await rename(name, to);
    expect(await mayEncrypt(eve, key)).toBe(false);
    await service.kms(eve).send(new DescribeKeyCommand({ KeyId: key }));
  });

  it("keeps under another name what an Allow gives, and leaves none of it to who takes the old name", async () => {
    const eve = await service.user("given");
    const key = await keyWith(says("Allow", ROOT, "kms:*"), says("Allow", eve.arn));
    await rename("given", { NewUserName: "given-still" });
    await service.iam().send(new CreateUserCommand({ UserName: "given-next" }));
    const next = await service.user("given");
    expect([await mayEncrypt(eve, key), await mayEncrypt(next, key)]).toEqual([true, false]);
  });

  it("is spared under another name by NotPrincipal, and who takes the old name is not", async () => {
    const eve = await service.user("spared", [allow("kms:*")]);
    const spared = { Effect: "Deny", NotPrincipal: { AWS: [ROOT, eve.arn] }, Action: "kms:Encrypt", Resource: "*" };
    const key = await keyWith(says("Allow", ROOT, "kms:*"), spared);
    await rename("spared", { NewUserName: "spared-still" });
    const next = await service.user("spared", [allow("kms:*")]);
    expect([await mayEncrypt(eve, key), await mayEncrypt(next, key)]).toEqual([true, false]);
  });

  it("is meant in its sessions too", async () => {
    const eve = await service.user("in-sessions", [allow("kms:*", "sts:*")]);
    const key = await keyWith(says("Allow", ROOT, "kms:*"), says("Deny", eve.arn));
    await rename("in-sessions", { NewUserName: "in-sessions-still" });
    const own = await service.sts(eve).send(new GetSessionTokenCommand({}));
    const Policy = JSON.stringify(allow("kms:*"));
    const federated = await service.sts(eve).send(new GetFederationTokenCommand({ Name: "somebody", Policy }));
    for (const { Credentials } of [own, federated]) {
      const session = credentialsIn(Credentials);
      expect(await mayEncrypt(session, key)).toBe(false);
      await service.kms(session).send(new DescribeKeyCommand({ KeyId: key }));
    }
  });
});

describe("a policy is shown with whom it means", () => {
  const shown = async (KeyId: string) =>
    JSON.parse((await service.kms().send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? "").Statement[1];

  it("by the present ARN, and by the unique id when that is gone", async () => {
    const eve = await service.user("shown");
    const key = await keyWith(says("Allow", ROOT, "kms:*"), says("Allow", [eve.arn, ROOT]));
    expect((await shown(key)).Principal.AWS).toEqual([eve.arn, ROOT]);
    await rename("shown", { NewUserName: "shown-still" });
    expect((await shown(key)).Principal.AWS).toEqual([eve.arn.replace("shown", "shown-still"), ROOT]);
    await service.user("shown");
    expect((await shown(key)).Principal.AWS).toEqual([eve.arn.replace("shown", "shown-still"), ROOT]);
  });

  it("a role by its unique id when it was deleted, though another has its name", async () => {
    const trust = document({ Effect: "Allow", Principal: { AWS: ROOT }, Action: "sts:AssumeRole" });
    const make = async () => (await service.iam().send(new CreateRoleCommand({ RoleName: "shown", AssumeRolePolicyDocument: trust }))).Role;
    const role = await make();
    const key = await keyWith(says("Allow", ROOT, "kms:*"), {
      ...says("Deny", ROOT),
      Principal: undefined,
      NotPrincipal: { AWS: role?.Arn ?? "" },
    });
    await service.iam().send(new DeleteRoleCommand({ RoleName: "shown" }));
    await make();
    expect((await shown(key)).NotPrincipal).toEqual({ AWS: role?.RoleId });
  });

  it("and so is whom a role trusts", async () => {
    const eve = await service.user("shown-trusted");
    const trust = document({ Effect: "Allow", Principal: { AWS: eve.arn }, Action: "sts:AssumeRole" });
    await service.iam().send(new CreateRoleCommand({ RoleName: "showing", AssumeRolePolicyDocument: trust }));
    await rename("shown-trusted", { NewUserName: "shown-trusted-still" });
    const { Role } = await service.iam().send(new GetRoleCommand({ RoleName: "showing" }));
    const { Roles = [] } = await service.iam().send(new ListRolesCommand({}));
    const Filter: EntityType[] = ["Role"];
    const { RoleDetailList = [] } = await service.iam().send(new GetAccountAuthorizationDetailsCommand({ Filter }));
    for (const found of [Role, ...[...Roles, ...RoleDetailList].filter(({ RoleName }) => RoleName === "showing")]) {
      const { Statement } = JSON.parse(decodeURIComponent(found?.AssumeRolePolicyDocument ?? ""));
      expect(Statement[0].Principal.AWS).toBe(`${eve.arn}-still`);
    }
    expect([Roles, RoleDetailList].map((all) => all.some(({ RoleName }) => RoleName === "showing"))).toEqual([true, true]);
  });
});

describe("a user whom a role trusts", () => {
  it("is trusted, or not, under another name too", async () => {
    const eve = await service.user("trusted", [allow("sts:AssumeRole")]);
    const bob = await service.user("distrusted", [allow("sts:AssumeRole")]);
    const trust = { Effect: "Allow", Principal: { AWS: eve.arn }, Action: "sts:AssumeRole" };
    const everybody = { ...trust, Principal: { AWS: ROOT } };
    const made = (RoleName: string, ...statements: readonly object[]) =>
      service.iam().send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document(...statements) }));
    await made("trusting", trust);
    await made("distrusting", everybody, { ...trust, Effect: "Deny", Principal: { AWS: bob.arn } });
    await rename("trusted", { NewUserName: "trusted-still" });
    await rename("distrusted", { NewUserName: "distrusted-still" });
    const next = await service.user("trusted");
    const assumes = async (who: Credentials, role: string) => {
      const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
      return (await refusal(service.sts(who).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "session" })))).name;
    };
    expect([await assumes(eve, "trusting"), await assumes(next, "trusting")]).toEqual(["none", "AccessDenied"]);
    expect([await assumes(eve, "distrusting"), await assumes(bob, "distrusting")]).toEqual(["none", "AccessDenied"]);
  });
});

describe("a role's session that a key policy names", () => {
  const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role`;

  /** The role, anew, and its session of this name. */
  async function sessionOf(RoleName: string, RoleSessionName = "session", may: object = allow("kms:Decrypt")) {
    const AssumeRolePolicyDocument = document({ Effect: "Allow", Principal: { AWS: ROOT }, Action: "sts:AssumeRole" });
    await service.iam().send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await service.iam().send(new PutRolePolicyCommand({ RoleName, PolicyName: "may", PolicyDocument: JSON.stringify(may) }));
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
    return credentialsIn((await service.sts().send(new AssumeRoleCommand({ RoleArn, RoleSessionName }))).Credentials);
  }

  async function remove(RoleName: string) {
    await service.iam().send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "may" }));
    await service.iam().send(new DeleteRoleCommand({ RoleName }));
  }

  it("is let in, and the session of that name of a later role is not", async () => {
    const first = await sessionOf("worker");
    const key = await keyWith(says("Allow", ROOT, "kms:*"), says("Allow", `${SESSION}/worker/session`));
    expect(await mayEncrypt(first, key)).toBe(true);
    await remove("worker");
    expect(await mayEncrypt(await sessionOf("worker"), key)).toBe(false);
  });

  it("is the only one of its role", async () => {
    const other = await sessionOf("pair", "other");
    const key = await keyWith(says("Allow", ROOT, "kms:*"), says("Allow", `${SESSION}/pair/session`));
    expect(await mayEncrypt(other, key)).toBe(false);
  });

  it("may be one of a role that is yet to come", async () => {
    const key = await keyWith(says("Allow", ROOT, "kms:*"), says("Allow", `${SESSION}/future/session`));
    expect(await mayEncrypt(await sessionOf("future"), key)).toBe(true);
  });
});
