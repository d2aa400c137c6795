import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  GetAccessKeyLastUsedCommand,
  type IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Credentials, type Service, startService } from "../service.ts";
import { allowing } from "./documents.ts";
import { refusal } from "./refusal.ts";

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

const whoIs = async (credentials: Credentials) => (await service.sts(credentials).send(new GetCallerIdentityCommand())).Arn;

async function keyOf(UserName: string) {
  const { AccessKey, $metadata } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId = "", SecretAccessKey = "" } = AccessKey ?? {};
  return { id: AccessKeyId, accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, requestId: $metadata.requestId };
}

describe("CreateAccessKey", () => {
  it("makes a key that works at once, and whose secret stands nowhere in the log or the store's records", async () => {
    await iam.send(new CreateUserCommand({ UserName: "alice", Path: "/team/" }));
    const { AccessKey, $metadata } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
    expect(AccessKey).toEqual({
      UserName: "alice",
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      Status: "Active",
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9/+]{40}$/),
      CreateDate: expect.any(Date),
    });
    const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
    expect(await whoIs({ accessKeyId, secretAccessKey })).toBe(`arn:aws:iam::${ACCOUNT}:user/team/alice`);
    const rows = await service.records($metadata.requestId);
    expect(rows.at(-1)?.record).toMatchObject({ e: "CreateAccessKey", a: { accessKey: { accessKeyId, status: "Active" } } });
    expect(JSON.stringify(await service.log())).not.toContain(secretAccessKey);
    expect(service.logged.join()).not.toContain(secretAccessKey);
  });

  it("makes one for the caller when it names nobody", async () => {
    const self = await service.user("self", [JSON.parse(allowing("iam:*AccessKey*"))]);
    const { AccessKey } = await service.iam(self).send(new CreateAccessKeyCommand({}));
    expect(AccessKey?.UserName).toBe("self");
    const { AccessKeyMetadata } = await service.iam(self).send(new ListAccessKeysCommand({}));
    expect(AccessKeyMetadata?.map(({ AccessKeyId }) => AccessKeyId).sort()).toEqual([self.accessKeyId, AccessKey?.AccessKeyId].sort());
  });

  it("refuses the third, also of many at the same time", async () => {
    await iam.send(new CreateUserCommand({ UserName: "busy" }));
    const tries = await Promise.all(Array.from({ length: 4 }, () => refusal(keyOf("busy"))));
    const refused = tries.filter(({ name }) => name !== "none");
    expect(refused).toHaveLength(2);
    for (const each of refused)
      expect(each).toEqual({ name: "LimitExceeded", text: "Cannot exceed quota for AccessKeysPerUser: 2", status: 409 });
    expect((await iam.send(new ListAccessKeysCommand({ UserName: "busy" }))).AccessKeyMetadata).toHaveLength(2);
  });

  it("refuses a user that is not there", async () => {
    expect(await refusal(keyOf("nobody"))).toMatchObject({ name: "NoSuchEntity", text: "The user with name nobody cannot be found." });
  });
});

describe("UpdateAccessKey", () => {
  it("makes a key stop working at the next call, and work again", async () => {
    await iam.send(new CreateUserCommand({ UserName: "switched" }));
    const key = await keyOf("switched");
    const set = (Status: "Active" | "Inactive") =>
      iam.send(new UpdateAccessKeyCommand({ UserName: "switched", AccessKeyId: key.id, Status }));
    await set("Inactive");
    expect(await refusal(whoIs(key))).toMatchObject({ name: "InvalidClientTokenId", status: 403 });
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: "switched" }));
    expect(AccessKeyMetadata).toEqual([{ UserName: "switched", AccessKeyId: key.id, Status: "Inactive", CreateDate: expect.any(Date) }]);
    await set("Active");
    expect(await whoIs(key)).toContain("switched");
  });

  it("refuses another user's key, and a status that cannot be set", async () => {
    await iam.send(new CreateUserCommand({ UserName: "owner" }));
    await iam.send(new CreateUserCommand({ UserName: "other" }));
    const key = await keyOf("owner");
    const update = (UserName: string, Status: "Active" | "Expired") =>
      refusal(iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: key.id, Status })));
    expect(await update("other", "Active")).toMatchObject({
      name: "NoSuchEntity",
      text: `The Access Key with id ${key.id} cannot be found.`,
    });
    expect(await update("owner", "Expired")).toMatchObject({ name: "InvalidInput", status: 400 });
  });
});

describe("DeleteAccessKey", () => {
  it("ends a key at once and for good, and lets its user be deleted", async () => {
    await iam.send(new CreateUserCommand({ UserName: "leaving" }));
    const key = await keyOf("leaving");
    expect(await refusal(iam.send(new DeleteUserCommand({ UserName: "leaving" })))).toEqual({
      name: "DeleteConflict",
      text: "Cannot delete entity, must delete access keys first.",
      status: 409,
    });
    await iam.send(new DeleteAccessKeyCommand({ UserName: "leaving", AccessKeyId: key.id }));
    expect(await refusal(whoIs(key))).toMatchObject({ name: "InvalidClientTokenId" });
    expect(await refusal(iam.send(new DeleteAccessKeyCommand({ UserName: "leaving", AccessKeyId: key.id })))).toMatchObject({
      name: "NoSuchEntity",
    });
    await iam.send(new DeleteUserCommand({ UserName: "leaving" }));
    expect(await service.host.shared.principals.accessKey(key.id)).toBeUndefined();
  });
});

describe("GetAccessKeyLastUsed", () => {
  const lastUse = async (AccessKeyId: string) => (await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed;

  it("tells whose a key is, and nothing of another account's", async () => {
    await iam.send(new CreateUserCommand({ UserName: "known" }));
    const key = await keyOf("known");
    const { $metadata: _, ...answer } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.id }));
    expect(answer).toEqual({ UserName: "known", AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" } });
    const foreign = await service.user("known", [], "444455556666");
    for (const AccessKeyId of [foreign.accessKeyId, "AKIAUNKNOWN000000000"]) {
      expect(await refusal(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId })))).toMatchObject({ name: "NoSuchEntity" });
    }
  });

  it("tells when, for what and where it was used, refused or not, and of no session that it made", async () => {
    const user = await service.user("used");
    await expect(service.kms(user).send(new ListKeysCommand({}))).rejects.toThrow("is not authorized");
    const first = await lastUse(user.accessKeyId);
    expect(first).toMatchObject({ ServiceName: "kms", Region: "us-east-1" });
    expect(Math.abs(Date.now() - (first?.LastUsedDate?.getTime() ?? 0))).toBeLessThan(5 * 60_000);
    const { Credentials: session } = await service.sts(user, "eu-west-1").send(new GetSessionTokenCommand({}));
    // The newest, or of the same minute the first by name.
    expect(["us-east-1", "eu-west-1"]).toContain((await lastUse(user.accessKeyId))?.Region);
    expect(await service.host.shared.lastUses.of(session?.AccessKeyId ?? "")).toBeUndefined();
  });

  it("tells of a use in another Region", async () => {
    const user = await service.user("abroad");
    await expect(service.kms(user, "eu-west-1").send(new ListKeysCommand({}))).rejects.toThrow("is not authorized");
    expect(await lastUse(user.accessKeyId)).toMatchObject({ ServiceName: "kms", Region: "eu-west-1" });
  });

  it("knows no key that was deleted, whatever it was used for", async () => {
    await iam.send(new CreateUserCommand({ UserName: "former" }));
    const key = await keyOf("former");
    await whoIs(key);
    expect(await lastUse(key.id)).toMatchObject({ ServiceName: "sts" });
    await iam.send(new DeleteAccessKeyCommand({ UserName: "former", AccessKeyId: key.id }));
    expect(await refusal(lastUse(key.id))).toMatchObject({ name: "NoSuchEntity" });
    expect(await service.host.shared.principals.accessKey(key.id)).toBeUndefined();
  });
});
