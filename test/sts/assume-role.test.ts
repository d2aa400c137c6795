import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allow, assume, deny, makeRole, trust } from "./sessions.ts";

const OTHER = "444455556666";
let service: Service;
const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const notAuthorized = (caller: string, role: string, action = "sts:AssumeRole") => ({
  name: "AccessDenied",
  text: `User: ${caller} is not authorized to perform: ${action} on resource: ${role}`,
  status: 403,
});

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe("AssumeRole", () => {
  it("gives credentials that act as the role's session", async () => {
    const role = await makeRole(service, "Worker", { trust: trust(ROOT), path: "/team/" });
    const command = new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "night-shift" });
    const { Credentials, AssumedRoleUser, PackedPolicySize, SourceIdentity, SessionTokenSize } = await service.sts().send(command);
    const Arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Worker/night-shift`;
    expect(AssumedRoleUser).toEqual({ AssumedRoleId: `${role.id}:night-shift`, Arn });
    expect([PackedPolicySize, SourceIdentity, SessionTokenSize]).toEqual([undefined, undefined, Credentials?.SessionToken?.length]);
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(Credentials?.SecretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    const lasts = (Credentials?.Expiration?.getTime() ?? 0) - Date.now();
    expect(lasts).toBeGreaterThan(3590_000);
    expect(lasts).toBeLessThanOrEqual(3600_000);
    const { $metadata: _, ...identity } = await service.sts(await assume(service.sts(), role)).send(new GetCallerIdentityCommand());
    expect(identity).toEqual({ Account: ACCOUNT, Arn: Arn.replace("night-shift", "session"), UserId: `${role.id}:session` });
  });

  it("asks nothing of a user whom the role names, and an identity policy of one whose account it names", async () => {
    const named = await service.user("named");
    const unnamed = await service.user("unnamed");
    const allowed = await service.user("allowed", [allow("sts:AssumeRole")]);
    const forUser = await makeRole(service, "for-user", { trust: trust({ AWS: named.arn }), ids: { [named.arn]: named.id } });
    const forAccount = await makeRole(service, "for-account", { trust: trust(ROOT) });
    await assume(service.sts(named), forUser);
    await assume(service.sts(allowed), forAccount);
    expect(await refusal(assume(service.sts(allowed), forUser))).toEqual(notAuthorized(allowed.arn, forUser.arn));
    expect(await refusal(assume(service.sts(unnamed), forAccount))).toEqual(notAuthorized(unnamed.arn, forAccount.arn));
  });

  it("refuses a user that has the name of one that was trusted", async () => {
    const user = await service.user("again");
    const role = await makeRole(service, "for-the-first", {
      trust: trust({ AWS: user.arn }),
      ids: { [user.arn]: "AIDAANOTHERUSERBEFORE" },
    });
    expect(await refusal(assume(service.sts(user), role))).toEqual(notAuthorized(user.arn, role.arn));
  });

  it("asks both accounts across accounts", async () => {
    const allowed = await service.user("foreign-allowed", [allow("sts:AssumeRole")], OTHER);
    const bare = await service.user("foreign-bare", [], OTHER);
    const role = await makeRole(service, "for-others", { trust: trust({ AWS: [allowed.arn, bare.arn] }) });
    const closed = await makeRole(service, "not-for-others", { trust: trust(ROOT) });
    const identity = await service.sts(await assume(service.sts(allowed), role)).send(new GetCallerIdentityCommand());
    expect(identity.Account).toBe(ACCOUNT);
    expect(await refusal(assume(service.sts(bare), role))).toEqual(notAuthorized(bare.arn, role.arn));
    expect(await refusal(assume(service.sts(allowed), closed))).toEqual(notAuthorized(allowed.arn, closed.arn));
  });

  it("answers for a role that is not there as for one that does not trust the caller", async () => {
    const administrator = `arn:aws:iam::${ACCOUNT}:user/administrator`;
    for (const arn of [
      `arn:aws:iam::${ACCOUNT}:role/none`,
      `arn:aws:iam::${OTHER}:role/none`,
      `arn:aws:iam::${ACCOUNT}:role/path/Worker`,
    ]) {
      const call = service.sts().send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "session" }));
      expect(await refusal(call)).toEqual(notAuthorized(administrator, arn));
    }
  });

  it.each(["arn:aws:iam::111122223333:user/somebody", "arn:aws:iam::111122223333:root", "no-arn-at-all-but-long-enough"])(
    "refuses %s, which is no role",
    async (RoleArn) => {
      const call = service.sts().send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "session" }));
      expect(await refusal(call)).toEqual({ name: "ValidationError", text: `${RoleArn} is invalid`, status: 400 });
    },
  );

  it("lets an explicit deny win", async () => {
    const user = await service.user("denied-assume", [allow("*"), deny("sts:AssumeRole")]);
    const role = await makeRole(service, "for-everybody", { trust: trust("*") });
    expect(await refusal(assume(service.sts(user), role))).toEqual(notAuthorized(user.arn, role.arn));
  });

  it.each([
    ["sts:ExternalId", "secret-handshake", { ExternalId: "secret-handshake" }, { ExternalId: "guess" }],
    ["sts:RoleSessionName", "alice", { RoleSessionName: "alice" }, { RoleSessionName: "bob" }],
    ["aws:RequestTag/team", "blue", { Tags: [{ Key: "team", Value: "blue" }] }, { Tags: [{ Key: "team", Value: "red" }] }],
    ["sts:SourceIdentity", "alice", { SourceIdentity: "alice" }, { SourceIdentity: "bob" }],
  ])("holds a trust policy's condition on %s", async (key, value, right, wrong) => {
    const actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    const role = await makeRole(service, `conditional-${key.replace(/\W/g, "-")}`, {
      trust: trust(ROOT, { actions, condition: { StringEquals: { [key]: value } } }),
    });
    await assume(service.sts(), role, right);
    expect(await refusal(assume(service.sts(), role, wrong))).toMatchObject({ name: "AccessDenied" });
    expect(await refusal(assume(service.sts(), role))).toMatchObject({ name: "AccessDenied" });
  });

  it("asks for the permission to pass tags, and a source identity", async () => {
    const role = await makeRole(service, "plain", { trust: trust(ROOT) });
    const administrator = `arn:aws:iam::${ACCOUNT}:user/administrator`;
    const refused = (action: string) => notAuthorized(administrator, role.arn, action);
    expect(await refusal(assume(service.sts(), role, { Tags: [{ Key: "a", Value: "b" }] }))).toEqual(refused("sts:TagSession"));
    expect(await refusal(assume(service.sts(), role, { SourceIdentity: "alice" }))).toEqual(refused("sts:SetSourceIdentity"));
  });

  it("lasts as long as the role lets it", async () => {
    const short = await makeRole(service, "short", { trust: trust(ROOT) });
    const long = await makeRole(service, "long", { trust: trust(ROOT), longestSession: 43_200 });
    await assume(service.sts(), long, { DurationSeconds: 43_200 });
    expect(await refusal(assume(service.sts(), short, { DurationSeconds: 3601 }))).toEqual({
      name: "ValidationError",
      text: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      status: 400,
    });
    for (const DurationSeconds of [899, 43_201])
      expect(await refusal(assume(service.sts(), long, { DurationSeconds }))).toMatchObject({ name: "ValidationError", status: 400 });
  });

  it("refuses an MFA code, since no device is anybody's", async () => {
    const role = await makeRole(service, "with-mfa", { trust: trust(ROOT) });
    const call = assume(service.sts(), role, { SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/phone`, TokenCode: "123456" });
    expect(await refusal(call)).toMatchObject({ name: "AccessDenied", status: 403 });
  });

  it("refuses policies that are none, that are not there, or that are too large together with tags", async () => {
    const role = await makeRole(service, "packed", { trust: trust(ROOT, { actions: ["sts:AssumeRole", "sts:TagSession"] }) });
    const of = (rest: object) => refusal(assume(service.sts(), role, rest));
    expect(await of({ Policy: "{" })).toMatchObject({ name: "MalformedPolicyDocument", status: 400 });
    expect(await of({ PolicyArns: [{ arn: `arn:aws:iam::${ACCOUNT}:policy/none` }] })).toMatchObject({ name: "MalformedPolicyDocument" });
    const wide = JSON.stringify(allow(...Array.from({ length: 200 }, (_, number) => `kms:Action${number}`)));
    expect(await of({ Policy: wide })).toMatchObject({ name: "PackedPolicyTooLarge", status: 400 });
    expect((await of({ Policy: wide })).text).toMatch(/^Packed policy consumes 1\d\d% of allotted space, please use smaller policy\.$/);
    expect(await of({ Policy: `{${" ".repeat(30_000)}}` })).toMatchObject({ name: "PackedPolicyTooLarge" });
    const Tags = Array.from({ length: 50 }, (_, number) => ({ Key: `tag-${number}`, Value: "x".repeat(200) }));
    expect((await of({ Tags })).text).toMatch(/^Packed size of session tags consumes \d+% of allotted space\.$/);
  });

  it("tells how much of the room is taken, and keeps within 4,096 characters", async () => {
    const role = await makeRole(service, "roomy", { trust: trust(ROOT, { actions: ["sts:*"] }) });
    const Policy = JSON.stringify(allow(...Array.from({ length: 120 }, (_, number) => `kms:Action${number}`)));
    const command = { RoleArn: role.arn, RoleSessionName: "s".repeat(64), SourceIdentity: "i".repeat(64), Policy };
    const answer = await service.sts().send(new AssumeRoleCommand(command));
    expect(answer.PackedPolicySize).toBeGreaterThan(60);
    expect(answer.PackedPolicySize).toBeLessThanOrEqual(100);
    expect(answer.Credentials?.SessionToken?.length).toBeLessThanOrEqual(4096);
    expect(answer.SourceIdentity).toBe("i".repeat(64));
    const padded = await service.sts().send(new AssumeRoleCommand({ ...command, Policy: undefined, MinimumSessionTokenSize: 4096 }));
    expect([padded.SessionTokenSize, padded.SessionTokenUtilization]).toEqual([4096, 100]);
    await service.sts({ ...(await assume(service.sts(), role, { MinimumSessionTokenSize: 4096 })) }).send(new GetCallerIdentityCommand());
  });

  it("leaves a record with the key it gave out, and neither secret nor token", async () => {
    const role = await makeRole(service, "recorded", { trust: trust(ROOT) });
    const { $metadata, Credentials } = await service.sts().send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "session" }));
    const [row, ...more] = await service.records($metadata.requestId);
    expect(more).toEqual([]);
    expect(row?.record).toMatchObject({
      ...{ s: "sts", e: "AssumeRole", ro: 1, q: { roleArn: role.arn, roleSessionName: "session", durationSeconds: 3600 } },
      a: { credentials: { accessKeyId: Credentials?.AccessKeyId }, assumedRoleUser: { assumedRoleId: `${role.id}:session` } },
    });
    const text = JSON.stringify(row);
    expect(text).not.toContain(Credentials?.SessionToken);
    expect(text).not.toContain(Credentials?.SecretAccessKey);
  });

  describe("in the sandbox", () => {
    it("lets the root user, which everybody is there, act as any role of its account", async () => {
      const sandbox = await startService({ sandbox: true });
      const root = { accessKeyId: ACCOUNT, secretAccessKey: "any" };
      const role = await makeRole(sandbox, "any", { trust: trust({ AWS: "arn:aws:iam::444455556666:root" }) });
      const session = await assume(sandbox.sts(root), role);
      expect((await sandbox.sts(session).send(new GetCallerIdentityCommand())).Arn).toBe(
        `arn:aws:sts::${ACCOUNT}:assumed-role/any/session`,
      );
      expect(await refusal(assume(sandbox.sts({ ...root, accessKeyId: "444455556666" }), role))).toMatchObject({ name: "AccessDenied" });
      await sandbox.stop();
    });
  });
});
