import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccount } from "#operator/create-account";
import { putGuard } from "#operator/guard-put";
import { openPlace } from "#operator/place";
import { unlockKey } from "#operator/unlock";
import type { Tables } from "#store";
import { saying, startServices } from "../access/calling-services.ts";
import { allow, deny, OTHER, policy } from "../operator/asked.ts";
import { ACCOUNT, type Credentials, HOME } from "../service.ts";

const Plaintext = Buffer.from("x");

let trent: Awaited<ReturnType<typeof startServices>>;
let s3: Credentials;
let alice: Credentials & { readonly arn: string };
beforeAll(async () => {
  trent = await startServices();
  s3 = await trent.register();
  alice = await trent.user("alice", [policy(allow("kms:*"))]);
});
afterAll(() => trent.stop());

const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "done",
    ({ name }: Error) => name,
  );
const describeKey = async (client: KMSClient, KeyId = "alias/aws/s3") => (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
const aliases = async (client: KMSClient, Limit = 100) => {
  const found = [];
  for (let Marker: string | undefined; ; ) {
    const page = await client.send(new ListAliasesCommand({ Limit, ...(Marker !== undefined && { Marker }) }));
    found.push(...(page.Aliases ?? []));
    Marker = page.NextMarker;
    if (Marker === undefined) return found;
  }
};
const made = async (account: string) =>
  (await trent.log(HOME, account)).filter(({ record }) => record.e === "CreateKey" && record.c.k === "service");

describe("an AWS managed key", () => {
  it("comes into being when DescribeKey names its alias, and is the account's own", async () => {
    const client = trent.kms(alice, "eu-west-1");
    const before = await aliases(client);
    expect(before).toMatchObject([{ AliasName: "alias/aws/s3", AliasArn: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/aws/s3` }]);
    expect(before[0]).not.toHaveProperty("TargetKeyId");
    expect(before[0]).not.toHaveProperty("CreationDate");
    const key = await describeKey(client);
    expect(key).toMatchObject({ KeyManager: "AWS", KeyState: "Enabled", KeySpec: "SYMMETRIC_DEFAULT", AWSAccountId: ACCOUNT });
    expect(await aliases(client)).toMatchObject([{ AliasName: "alias/aws/s3", TargetKeyId: key?.KeyId, CreationDate: expect.any(Date) }]);
    expect((await client.send(new ListKeysCommand({}))).Keys?.map(({ KeyId }) => KeyId)).toEqual([key?.KeyId]);
    expect(await describeKey(client)).toEqual(key);
  });

  it("comes into being at the service's first use for a principal of the account", async () => {
    const dana = await trent.user("dana", [policy(allow("kms:*"))], OTHER);
    const client = await trent.onBehalfOf(s3, dana);
    const { KeyId } = await client.send(new GenerateDataKeyCommand({ KeyId: "alias/aws/s3", KeySpec: "AES_256" }));
    expect(KeyId).toContain(`:${OTHER}:key/`);
    expect((await describeKey(trent.kms(dana)))?.Arn).toBe(KeyId);
    expect((await made(OTHER)).map(({ record }) => record.i ?? record.r?.[0]).sort()).toEqual([1, KeyId].sort());
  });

  it("is one, whoever comes first", async () => {
    const erin = await trent.user("erin", [policy(allow("kms:*"))], "555566667777");
    const [direct, service] = [trent.kms(erin), await trent.onBehalfOf(s3, erin)];
    const used = Array.from({ length: 20 }, async (_, number) =>
      number % 2 === 0
        ? (await describeKey(direct))?.Arn
        : (await service.send(new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext }))).KeyId,
    );
    expect(new Set(await Promise.all(used)).size).toBe(1);
    expect((await direct.send(new ListKeysCommand({}))).Keys).toHaveLength(1);
    expect((await made("555566667777")).filter(({ record }) => record.w)).toHaveLength(1);
  });

  it("does not come into being for whoever may not use it", async () => {
    const frank = await trent.user("frank", [], "666677778888");
    const root = await trent.user("grace", [policy(allow("kms:*"))], "666677778888");
    expect(await outcome(describeKey(trent.kms(frank)))).toBe("AccessDeniedException");
    expect(await outcome(trent.kms(root).send(new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext })))).toBe("AccessDeniedException");
    const dryRun = new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext, DryRun: true });
    expect(await outcome((await trent.onBehalfOf(s3, root)).send(dryRun))).toBe("DryRunOperationException");
    expect(await made("666677778888")).toEqual([]);
    expect((await aliases(trent.kms(root)))[0]).not.toHaveProperty("TargetKeyId");
  });

  it("is there for registered services of AWS only", async () => {
    await trent.register("vault.corp.example");
    for (const alias of ["alias/aws/ebs", "alias/aws/vault", "alias/aws/", "alias/aws/s3/x"])
      expect([alias, await outcome(describeKey(trent.kms(alice), alias))]).toEqual([alias, expect.stringMatching(/NotFound|Validation/)]);
    expect((await aliases(trent.kms(alice))).map(({ AliasName }) => AliasName)).toEqual(["alias/aws/s3"]);
  });

  it("is used through its service alone", async () => {
    const other = await trent.register("sqs.amazonaws.com");
    await describeKey(trent.kms(alice));
    const encrypt = (client: KMSClient) => outcome(client.send(new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext })));
    expect(await encrypt(await trent.onBehalfOf(s3, alice))).toBe("done");
    expect(await encrypt(trent.kms(alice))).toBe("AccessDeniedException");
    expect(await encrypt(trent.kms())).toBe("AccessDeniedException");
    expect(await encrypt(await trent.onBehalfOf(other, alice, "sqs.amazonaws.com"))).toBe("AccessDeniedException");
    expect(await encrypt(saying(trent.kms(alice), { "x-trent-forward-access": "x" }))).toBe("AccessDeniedException");
  });

  it("is not changed by anybody", async () => {
    const KeyId = (await describeKey(trent.kms(alice)))?.KeyId ?? "";
    const { Policy } = await trent.kms(alice).send(new GetKeyPolicyCommand({ KeyId }));
    expect(Policy).toContain("s3.us-east-1.amazonaws.com");
    const own = await trent.key();
    for (const client of [trent.kms(), await trent.onBehalfOf(s3, alice)]) {
      const refused = [
        client.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true })),
        client.send(new ScheduleKeyDeletionCommand({ KeyId })),
        client.send(new DisableKeyCommand({ KeyId })),
        client.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "mine" })),
        client.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] })),
        client.send(new CreateAliasCommand({ AliasName: "alias/mine", TargetKeyId: KeyId })),
      ];
      expect(await Promise.all(refused.map(outcome))).toEqual(refused.map(() => "AccessDeniedException"));
    }
    const reserved = [
      new CreateAliasCommand({ AliasName: "alias/aws/sns", TargetKeyId: own.id }),
      new UpdateAliasCommand({ AliasName: "alias/aws/s3", TargetKeyId: own.id }),
      new DeleteAliasCommand({ AliasName: "alias/aws/s3" }),
    ];
    for (const command of reserved) expect(await outcome(trent.kms().send(command as DeleteAliasCommand))).toBe("NotAuthorizedException");
  });
});

describe("ListAliases", () => {
  it("answers predefined aliases in their place, however long its pages are", async () => {
    const client = trent.kms(alice, "eu-central-1");
    for (const name of ["ec2", "ssm", "zzz"]) await trent.register(`${name}.amazonaws.com`);
    const { KeyId } = (await describeKey(client, "alias/aws/ssm")) ?? {};
    const own = (await client.send(new ListKeysCommand({}))).Keys?.[0]?.KeyId;
    expect(own).toBe(KeyId);
    const whole = (await aliases(client)).map(({ AliasName }) => AliasName);
    expect(whole).toEqual(["ec2", "s3", "sqs", "ssm", "zzz"].map((name) => `alias/aws/${name}`));
    for (const limit of [1, 2, 3]) expect((await aliases(client, limit)).map(({ AliasName }) => AliasName)).toEqual(whole);
    const { Aliases } = await client.send(new ListAliasesCommand({ KeyId }));
    expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(["alias/aws/ssm"]);
  });
});

describe("an AWS managed key that is there", () => {
  const keyOf = async (account: string) => {
    const somebody = await trent.user("somebody", [policy(allow("kms:*"))], account);
    const key = await describeKey(trent.kms(somebody));
    const { store } = await openPlace(trent.deps);
    const { keys, aliases: named } = store.stores({ keys: "write", aliases: "write" }, async () => undefined) as {
      readonly keys: Tables["keys"]["write"];
      readonly aliases: Tables["aliases"]["write"];
    };
    const [stored, alias] = [await keys.get(key?.KeyId ?? ""), await named.get(account, "alias/aws/s3")];
    if (!stored || !alias) throw new Error("There is no such key.");
    return { somebody, stored, alias, keys, named };
  };

  it("is not unlocked: its policy is nobody's to change", async () => {
    const { stored, somebody } = await keyOf("444455556666");
    await expect(unlockKey(trent.deps, stored.arn)).rejects.toThrow(/is an AWS managed key: its policy is nobody's to change\.$/);
    expect(await outcome(trent.kms(somebody).send(new EncryptCommand({ KeyId: stored.id, Plaintext })))).toBe("AccessDeniedException");
  });

  it("is bound by no resource control policy", async () => {
    const { somebody } = await keyOf("555566667777");
    await createAccount(trent.deps, { id: "555566667777", name: undefined, ttlSeconds: undefined });
    const denied = JSON.stringify(policy(deny("kms:*", { Principal: "*" })));
    await putGuard(trent.deps, { account: "555566667777", name: "bound", kind: "rcp", policy: denied });
    const client = await trent.onBehalfOf(s3, somebody);
    expect(await outcome(client.send(new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext })))).toBe("done");
  });

  it("is none of the keys that its account may have", async () => {
    const id = "777788889999";
    const { shared } = await openPlace(trent.deps);
    await shared.principals.createAccount({ id, name: id, created: new Date(), version: 0, quotas: { KeysPerAccount: 2 } });
    const client = trent.kms(await trent.user("somebody", [policy(allow("kms:*"))], id));
    const create = () => outcome(client.send(new CreateKeyCommand({})));
    await describeKey(client);
    expect(await create()).toBe("done");
    await trent.register("sqs.amazonaws.com");
    await describeKey(client, "alias/aws/sqs");
    expect([await create(), await create()]).toEqual(["done", "LimitExceededException"]);
  });

  it("is not used for the first time when it is on its way out, or gone and not yet deleted", async () => {
    const { somebody, stored, alias, keys, named } = await keyOf("666677778888");
    await named.remove(alias);
    const client = await trent.onBehalfOf(s3, somebody);
    const encrypted = () => outcome(client.send(new EncryptCommand({ KeyId: "alias/aws/s3", Plaintext })));
    await keys.replace(stored, { ...stored, deletionDate: new Date(Date.now() + 86_400_000) });
    expect(await encrypted()).toBe("KMSInvalidStateException");
    const again = await named.get(stored.account, "alias/aws/s3");
    if (again) await named.remove(again);
    const pending = await keys.get(stored.id);
    if (pending) await keys.replace(pending, { ...pending, deletionDate: new Date(Date.now() - 1000) });
    expect(await encrypted()).toBe("NotFoundException");
  });
});
