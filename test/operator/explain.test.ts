import {
  CreateGrantCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  ListKeysCommand,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FACES } from "#faces";
import { explainCall } from "#operator/explain";
import { unrecordedIn } from "#pipeline/again";
import { shapeOf } from "#wire/shape";
import { ACCOUNT } from "../service.ts";
import { allow, deny, everything, OTHER, policy, ROOT, startAsked, to } from "./asked.ts";

let trent: Awaited<ReturnType<typeof startAsked>>;
beforeAll(async () => {
  trent = await startAsked();
});
afterAll(() => trent.stop());

const explained = (id: string, account?: string) => explainCall(trent.deps, id, account);
const onlyPermission = async (id: string) => {
  const { permissions } = await explained(id);
  expect(permissions).toHaveLength(1);
  return permissions[0] as (typeof permissions)[number];
};

describe("explain of a refused call tells", () => {
  it("what was asked, by whom, and what decided then", async () => {
    const key = await trent.key();
    const alice = await trent.user("asker");
    const id = await trent.encrypt(key.id, alice, { order: "7" });
    const call = await explained(id);
    expect(call).toMatchObject({
      ...{ requestId: id, account: ACCOUNT, region: "us-east-1", service: "kms", operation: "Encrypt", sourceIp: "127.0.0.1" },
      caller: { kind: "user", arn: alice.arn, id: alice.id, standing: "there" },
      parameters: { keyId: key.id, encryptionContext: { order: "7" } },
      resources: [key.arn],
      was: { decision: "refused", by: ["no identity"], error: expect.stringContaining("AccessDeniedException: User: ") },
      is: { decision: "refused", error: expect.stringContaining("AccessDeniedException: User: ") },
      differs: false,
      unknown: ["Plaintext", "GrantTokens", "aws:Referer"],
    });
    expect(JSON.stringify(call)).not.toContain("secret text");
  });

  it("the statement that spoke, and that the caller's own policies are missing", async () => {
    const key = await trent.key();
    const bob = await trent.user("bob", [policy(allow("kms:Encrypt", { Resource: "arn:aws:kms:us-east-1:111122223333:key/another" }))]);
    expect(await onlyPermission(await trent.encrypt(key.id, bob))).toEqual({
      ...{ permission: "kms:Encrypt", resource: key.arn, allowed: false, because: "refused for want of an Allow" },
      spoke: [{ where: 'the key policy, statement 1 "Enable IAM User Permissions"', effect: "Allow", toAccount: true, misses: [] }],
      nearly: [
        {
          where: "the identity policy policy-1, statement 1",
          effect: "Allow",
          misses: [{ part: "Resource", wanted: ["arn:aws:kms:us-east-1:111122223333:key/another"], found: [key.arn] }],
        },
      ],
      missing: [`No identity policy of ${bob.arn} allows kms:Encrypt on ${key.arn}.`, `No grant lets ${bob.arn} call Encrypt.`],
    });
  });

  it("that the key policy does not name the account", async () => {
    const carol = await trent.user("carol", [policy(allow("kms:*"))]);
    const key = await trent.key(allow("kms:*", { Sid: "Them", ...to(OTHER) }));
    const { nearly, missing } = await onlyPermission(await trent.encrypt(key.id, carol));
    expect(nearly).toEqual([
      {
        where: 'the key policy, statement 1 "Them"',
        effect: "Allow",
        misses: [{ part: "Principal", wanted: [OTHER], found: [carol.arn] }],
      },
    ]);
    expect(missing).toEqual([
      `The key policy does not allow kms:Encrypt to ${carol.arn}.`,
      `The key policy does not name the account (${ROOT}) for kms:Encrypt, so that no identity policy can allow it.`,
      `No grant lets ${carol.arn} call Encrypt.`,
    ]);
  });

  it("the Deny, with what it asked for", async () => {
    const key = await trent.key(
      everything,
      deny("kms:Encrypt", { Sid: "Never", ...to("*"), Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    );
    const { because, missing, spoke } = await onlyPermission(await trent.encrypt(key.id));
    expect([because, missing]).toEqual(['refused by the key policy, statement 2 "Never"', []]);
    expect(spoke.map(({ effect, where }) => [effect, where])).toContainEqual(["Deny", 'the key policy, statement 2 "Never"']);
  });

  it("the condition that did not hold: wanted and found", async () => {
    const key = await trent.key(
      allow("kms:*", { ...to(ROOT), Condition: { StringEquals: { "kms:EncryptionContext:order": ["7", "8"] } } }),
    );
    const { nearly, missing } = await onlyPermission(await trent.encrypt(key.id, undefined, { order: "9" }));
    expect(nearly[0]?.misses).toEqual([{ part: "Condition StringEquals kms:EncryptionContext:order", wanted: ["7", "8"], found: ["9"] }]);
    expect(missing[1]).toBe(`The key policy names the account ${ACCOUNT}, but that statement does not speak of this request.`);
  });

  it("the grants that nearly fit", async () => {
    const key = await trent.key();
    const dave = await trent.user("dave");
    const grant = (more: object) => new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: dave.arn, Operations: ["Encrypt"], ...more });
    const { GrantId: decrypts } = await trent.kms().send(grant({ Operations: ["Decrypt"] }));
    const { GrantId: bound } = await trent.kms().send(grant({ Constraints: { EncryptionContextSubset: { order: "7" } } }));
    const { nearly } = await onlyPermission(await trent.encrypt(key.id, dave, { order: "8" }));
    expect(nearly).toHaveLength(2);
    expect(nearly).toContainEqual({
      ...{ where: `the grant ${decrypts}`, effect: "Allow" },
      misses: [{ part: "Operations", wanted: ["Encrypt"], found: ["Decrypt"] }],
    });
    const misses = [
      { part: "Constraints", wanted: ['an encryption context with {"order":"7"}'], found: ['the encryption context {"order":"8"}'] },
    ];
    expect(nearly).toContainEqual({ where: `the grant ${bound}`, effect: "Allow", misses });
    const let_in = await onlyPermission(await trent.encrypt(key.id, dave, { order: "7" }));
    expect([let_in.allowed, let_in.because]).toEqual([true, `allowed by the grant ${bound}`]);
  });

  it("both sides across accounts", async () => {
    const stranger = await trent.user("stranger", [], OTHER);
    const key = await trent.key(everything, allow("kms:Encrypt", to(OTHER)));
    const id = await trent.encrypt(key.arn, stranger);
    await expect(explained(id)).rejects.toThrow(`There is no record of ${id} in the account ${ACCOUNT}`);
    const { permissions } = await explained(id, OTHER);
    expect(permissions[0]?.missing.slice(0, 2)).toEqual([
      `No identity policy of ${stranger.arn} allows kms:Encrypt on ${key.arn}.`,
      `The key is of the account ${ACCOUNT}: both sides must allow.`,
    ]);
  });

  it("the first of two permissions that is refused, and asks no further", async () => {
    const [source, destination] = [await trent.key(), await trent.key(allow("kms:*", to(OTHER)))];
    const { CiphertextBlob } = await trent.kms().send(new EncryptCommand({ KeyId: source.id, Plaintext: Buffer.from("x") }));
    const command = new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: destination.id });
    const { $metadata } = await trent
      .kms()
      .send(command)
      .catch((cause) => cause);
    const { permissions } = await explained($metadata.requestId);
    expect(permissions.map(({ permission, allowed, resource }) => [permission, allowed, resource])).toEqual([
      ["kms:ReEncryptFrom", true, source.arn],
      ["kms:ReEncryptTo", false, destination.arn],
    ]);
  });
});

describe("explain tells how it is now:", () => {
  it("a decision that is not as then", async () => {
    const key = await trent.key();
    const id = await trent.encrypt(key.id);
    expect(await explained(id)).toMatchObject({ was: { decision: "allowed" }, is: { decision: "allowed" }, differs: false });
    await trent.put(key.id, allow("kms:*", to(OTHER)));
    expect(await explained(id)).toMatchObject({ was: { decision: "allowed" }, is: { decision: "refused" }, differs: true });
  });

  it("a key that was found in a ciphertext, and is disabled since", async () => {
    const key = await trent.key();
    const { CiphertextBlob } = await trent.kms().send(new EncryptCommand({ KeyId: key.id, Plaintext: Buffer.from("x") }));
    const { $metadata } = await trent.kms().send(new DecryptCommand({ CiphertextBlob }));
    await trent.kms().send(new DisableKeyCommand({ KeyId: key.id }));
    expect(await explained($metadata.requestId ?? "")).toMatchObject({
      ...{ was: { decision: "allowed" }, differs: false },
      is: { decision: "allowed", error: `DisabledException: ${key.arn} is disabled.` },
    });
  });

  it("a caller who is called otherwise, one who is gone, and one whose name is another's", async () => {
    const key = await trent.key(everything, allow("kms:Encrypt", to(ROOT)));
    const { principals } = trent.host.shared;
    const erin = await trent.user("erin", [policy(allow("kms:*"))]);
    const id = await trent.encrypt(key.id, erin);
    const user = await principals.user(ACCOUNT, "erin");
    if (!user) throw new Error("There is no erin.");
    const renamed = { ...user, name: "erina", arn: user.arn.replace(/erin$/, "erina") };
    await principals.renameUser(user, renamed);
    const otherwise = await explained(id);
    expect([otherwise.caller.standing, otherwise.is.decision]).toEqual(["renamed", "allowed"]);
    await principals.removeUser((await principals.user(ACCOUNT, "erina")) ?? user);
    const gone = await explained(id);
    expect([gone.caller.standing, gone.was.decision, gone.is.decision, gone.differs]).toEqual(["gone", "allowed", "refused", true]);
    await trent.user("erin", [policy(allow("kms:*"))]);
    const replaced = await explained(id);
    expect([replaced.caller.standing, replaced.is.decision]).toEqual(["replaced", "refused"]);
  });

  it("a call that needs no key", async () => {
    const { $metadata } = await trent.kms().send(new ListKeysCommand({}));
    const permission = await onlyPermission($metadata.requestId ?? "");
    expect(permission).toMatchObject({ permission: "kms:ListKeys", resource: "*", allowed: true });
  });

  it("that nothing was asked of the policies", async () => {
    const missing = await trent.encrypt("00000000-0000-4000-8000-000000000000");
    const call = await explained(missing);
    expect([call.was.decision, call.is.decision, call.permissions]).toEqual(["not asked", "not asked", []]);
    expect(call.is.cannot).toContain("no key was found");
  });
});

describe("explain is refused for", () => {
  it.each([
    ["nonsense", "nonsense is not a request id"],
    ["019a0000-0000-7000-8000-000000000000", "There is no record of 019a0000-0000-7000-8000-000000000000"],
    ["019a0000-0000-4000-8000-000000000000", "is an id that a gateway gave"],
  ])("%s", async (id, line) => {
    await expect(explained(id)).rejects.toThrow(line);
  });
});

it("no condition hangs on what is in no record", () => {
  for (const { operations } of FACES) {
    for (const { name, input, conditions = {}, on = {} } of Object.values(operations)) {
      const unrecorded = unrecordedIn(input);
      const read: string[] = [];
      const get = (_: object, member: string) => {
        read.push(member);
        const field = input.fields[member];
        return field && shapeOf(field).kind === "list" ? [] : undefined;
      };
      const seen = new Proxy({}, { get: get as ProxyHandler<object>["get"] & object });
      for (const declared of [conditions, ...Object.values(on).map((target) => target.conditions ?? {})])
        for (const value of Object.values(declared)) value(seen as never, {});
      expect([name, read.filter((member) => unrecorded.includes(member))]).toEqual([name, []]);
    }
  }
});
