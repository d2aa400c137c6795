/** What a role's session may: its role's policies, within its boundary and the policies that were passed; and what is known of it. */
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  PutKeyPolicyCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allow, assume, deny, makeRole, type SessionCredentials, storedRole, trust, when } from "./sessions.ts";

let service: Service;
let KeyId: string;
const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const TRUSTS_ALL = trust(ROOT, { actions: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] });
const Plaintext = Buffer.from("text");

beforeAll(async () => {
  service = await startService();
  KeyId = (await service.kms().send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
});
afterAll(() => service.stop());

const encrypt = (session: SessionCredentials, key = KeyId) => service.kms(session).send(new EncryptCommand({ KeyId: key, Plaintext }));
const describeKey = (session: SessionCredentials, key = KeyId) => service.kms(session).send(new DescribeKeyCommand({ KeyId: key }));
const refusedFor = (name: string, action: string, reason: string) => ({
  name: "AccessDeniedException",
  text: `User: arn:aws:sts::${ACCOUNT}:assumed-role/${name}/session is not authorized to perform: ${action} on resource: ${KeyId} ${reason}`,
  status: 400,
});
const keyWith = async (...statements: readonly object[]) => {
  const admin = { Effect: "Allow", Principal: ROOT, Action: ["kms:PutKeyPolicy", "kms:DescribeKey", "kms:CreateGrant"], Resource: "*" };
  const { KeyMetadata } = await service.kms().send(new CreateKeyCommand({}));
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [admin, ...statements] });
  await service.kms().send(new PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, Policy }));
  return KeyMetadata?.Arn ?? "";
};

describe("a session of a role", () => {
  it("may what its role may, and nothing else", async () => {
    const session = await assume(
      service.sts(),
      await makeRole(service, "encryptor", { trust: TRUSTS_ALL, policies: [allow("kms:Encrypt")] }),
    );
    await encrypt(session);
    const reason = "because no identity-based policy allows the kms:DescribeKey action";
    expect(await refusal(describeKey(session))).toEqual(refusedFor("encryptor", "kms:DescribeKey", reason));
  });

  it("may at once what its role may now", async () => {
    const role = await makeRole(service, "changing", { trust: TRUSTS_ALL });
    const session = await assume(service.sts(), role);
    expect(await refusal(encrypt(session))).toMatchObject({ name: "AccessDeniedException" });
    const read = await storedRole(service, role);
    await service.host.shared.principals.replaceRole(read, {
      ...read,
      inline: [{ name: "new", document: JSON.stringify(allow("kms:*")) }],
    });
    await encrypt(session);
    const again = await storedRole(service, role);
    await service.host.shared.principals.replaceRole(again, {
      ...again,
      inline: [{ name: "new", document: JSON.stringify(deny("kms:*")) }],
    });
    expect(await refusal(encrypt(session))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("may no more than the policies that were passed with it, inline or managed", async () => {
    const role = await makeRole(service, "wide", { trust: TRUSTS_ALL, policies: [allow("kms:*")] });
    const inline = await assume(service.sts(), role, { Policy: JSON.stringify(allow("kms:Encrypt"), null, 2) });
    await encrypt(inline);
    const reason = "because no session policy allows the kms:DescribeKey action";
    expect(await refusal(describeKey(inline))).toEqual(refusedFor("wide", "kms:DescribeKey", reason));
    const managed = await assume(service.sts(), role, { PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }] });
    await describeKey(managed);
    expect(await refusal(encrypt(managed))).toMatchObject({ name: "AccessDeniedException" });
    const denied = await assume(service.sts(), role, {
      Policy: JSON.stringify({ Version: "2012-10-17", Statement: [...allow("kms:*").Statement, ...deny("kms:Encrypt").Statement] }),
    });
    expect(await refusal(encrypt(denied))).toEqual(refusedFor("wide", "kms:Encrypt", "with an explicit deny in a session policy"));
    const both = await assume(service.sts(), role, {
      Policy: JSON.stringify(allow("kms:Encrypt")),
      PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    });
    await encrypt(both);
    await describeKey(both);
  });

  it("gets nothing by a passed policy that its role does not have", async () => {
    const session = await assume(service.sts(), await makeRole(service, "narrow", { trust: TRUSTS_ALL }), {
      Policy: JSON.stringify(allow("*")),
    });
    expect(await refusal(encrypt(session))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("may no more than its role's boundary", async () => {
    const role = await makeRole(service, "bounded", {
      trust: TRUSTS_ALL,
      policies: [allow("kms:*")],
      boundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
    });
    const session = await assume(service.sts(), role);
    await describeKey(session);
    const reason = "because no permissions boundary allows the kms:Encrypt action";
    expect(await refusal(encrypt(session))).toEqual(refusedFor("bounded", "kms:Encrypt", reason));
  });

  it("is over when a managed policy that limits it is deleted", async () => {
    const { principals } = service.host.shared;
    const arn = `arn:aws:iam::${ACCOUNT}:policy/limits`;
    const version = { id: "v1", document: JSON.stringify(allow("kms:Encrypt")), created: new Date() };
    const facts = {
      account: ACCOUNT,
      name: "limits",
      path: "/",
      id: "ANPAAAAAAAAAAAAAAAAAA",
      arn,
      created: new Date(),
      updated: new Date(),
      tags: new Map(),
      version: 0,
    };
    await principals.createPolicy({ ...facts, current: "v1", versions: [version], made: 1 });
    const session = await assume(service.sts(), await makeRole(service, "limited", { trust: TRUSTS_ALL, policies: [allow("kms:*")] }), {
      PolicyArns: [{ arn }],
    });
    await encrypt(session);
    const policy = await principals.policy(ACCOUNT, "limits");
    if (policy) await principals.removePolicy(policy);
    expect(await refusal(encrypt(session))).toMatchObject({ name: "UnrecognizedClientException" });
  });

  it("is let in by a key policy and by a grant that name its role or itself, and not by one for a role that had its name", async () => {
    const role = await makeRole(service, "named-role", { trust: TRUSTS_ALL, path: "/some/path/" });
    const session = await assume(service.sts(), role);
    const byRole = await keyWith({ Effect: "Allow", Principal: { AWS: role.arn }, Action: "kms:Encrypt", Resource: "*" });
    await encrypt(session, byRole);
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/named-role/session`;
    const bySession = await keyWith({ Effect: "Allow", Principal: { AWS: arn }, Action: "kms:Encrypt", Resource: "*" });
    await encrypt(session, bySession);
    expect(await refusal(encrypt(await assume(service.sts(), role, { RoleSessionName: "another" }), bySession))).toMatchObject({
      name: "AccessDeniedException",
    });

    const granted = await keyWith();
    expect(await refusal(encrypt(session, granted))).toMatchObject({ name: "AccessDeniedException" });
    await service.kms().send(new CreateGrantCommand({ KeyId: granted, GranteePrincipal: role.arn, Operations: ["Encrypt"] }));
    await encrypt(session, granted);

    await service.host.shared.principals.removeRole(await storedRole(service, role));
    const next = await assume(service.sts(), await makeRole(service, "named-role", { trust: TRUSTS_ALL, path: "/some/path/" }));
    for (const key of [byRole, granted]) expect(await refusal(encrypt(next, key))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("can be a grantee itself", async () => {
    const role = await makeRole(service, "granted-session", { trust: TRUSTS_ALL });
    const session = await assume(service.sts(), role);
    const key = await keyWith();
    const grantee = `arn:aws:sts::${ACCOUNT}:assumed-role/granted-session/session`;
    await service.kms().send(new CreateGrantCommand({ KeyId: key, GranteePrincipal: grantee, Operations: ["Encrypt"] }));
    await encrypt(session, key);
    expect(await refusal(encrypt(await assume(service.sts(), role, { RoleSessionName: "another" }), key))).toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it.each([
    ["aws:PrincipalArn", `arn:aws:iam::${ACCOUNT}:role/some/known`],
    ["aws:PrincipalType", "AssumedRole"],
    ["aws:PrincipalAccount", ACCOUNT],
    ["aws:PrincipalTag/Team", "blue"],
    ["aws:PrincipalTag/Cost", "session"],
    ["aws:SourceIdentity", "alice"],
    ["aws:MultiFactorAuthPresent", "false"],
    ["aws:userid", "AROA*:session"],
  ])("says %s as AWS does", async (key, value) => {
    const operator = key === "aws:userid" ? "StringLike" : "StringEquals";
    const name = `known`;
    const role = await makeRole(service, name, {
      path: "/some/",
      trust: TRUSTS_ALL,
      policies: [when({ [operator]: { [key]: value } })],
      tags: { team: "blue", cost: "role" },
    });
    const session = await assume(service.sts(), role, { SourceIdentity: "alice", Tags: [{ Key: "Cost", Value: "session" }] });
    await encrypt(session);
    await service.host.shared.principals.removeRole(await storedRole(service, role));
  });

  it("has no user name, and tells when it was made, so that older ones can be shut out", async () => {
    const role = await makeRole(service, "revoked", {
      trust: TRUSTS_ALL,
      policies: [
        allow("kms:*"),
        {
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Action: "*", Resource: "*", Condition: { Null: { "aws:username": "false" } } }],
        },
      ],
    });
    const session = await assume(service.sts(), role);
    await encrypt(session);
    const revoke = (time: number) => ({
      name: "AWSRevokeOlderSessions",
      document: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Action: "*",
            Resource: "*",
            Condition: { DateLessThan: { "aws:TokenIssueTime": new Date(time).toISOString() } },
          },
        ],
      }),
    });
    const read = await storedRole(service, role);
    await service.host.shared.principals.replaceRole(read, { ...read, inline: [...read.inline, revoke(Date.now() - 60_000)] });
    await encrypt(session);
    const again = await storedRole(service, role);
    await service.host.shared.principals.replaceRole(again, { ...again, inline: [...again.inline, revoke(Date.now() + 60_000)] });
    expect(await refusal(encrypt(session))).toMatchObject({ name: "AccessDeniedException" });
  });

  it("is in the record with its role, its access key, its beginning and its source identity", async () => {
    const role = await makeRole(service, "in-the-log", { trust: TRUSTS_ALL, policies: [allow("kms:*")], path: "/team/" });
    const session = await assume(service.sts(), role, { SourceIdentity: "alice" });
    const { $metadata } = await encrypt(session);
    const [row] = await service.records($metadata.requestId);
    expect(row?.record.c).toEqual({
      ...{
        k: "role-session",
        a: `arn:aws:sts::${ACCOUNT}:assumed-role/in-the-log/session`,
        i: `${role.id}:session`,
        ak: session.accessKeyId,
      },
      ...{ si: ["Role", role.id, role.arn, "in-the-log"], st: expect.any(Number), so: "alice" },
    });
    expect(row?.record.c.st % 1000).toBe(0);
  });

  it("decrypts for another account's key when both sides let it", async () => {
    const other = await makeRole(service, "abroad", {
      account: "444455556666",
      trust: trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }),
      policies: [allow("kms:*")],
    });
    const session = await assume(service.sts(), other);
    const key = await keyWith({ Effect: "Allow", Principal: { AWS: other.arn }, Action: ["kms:Encrypt", "kms:Decrypt"], Resource: "*" });
    const { CiphertextBlob } = await encrypt(session, key);
    await service.kms(session).send(new DecryptCommand({ CiphertextBlob, KeyId: key }));
    expect(await refusal(encrypt(session))).toMatchObject({ name: "AccessDeniedException" });
  });
});
