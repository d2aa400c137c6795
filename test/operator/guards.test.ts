import { ListUsersCommand } from "@aws-sdk/client-iam";
import {
  CreateGrantCommand,
  DecryptCommand,
  EncryptCommand,
  type KMSClient,
  ListKeysCommand,
  RetireGrantCommand,
} from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAccount } from "#operator/create-account";
import { explainCall } from "#operator/explain";
import { listGuards } from "#operator/guard-list";
import { putGuard } from "#operator/guard-put";
import { removeGuard } from "#operator/guard-remove";
import { ACCOUNT } from "../service.ts";
import { allow, deny, everything, OTHER, policy, startAsked, to } from "./asked.ts";

const EVERYBODY = { Principal: "*" };
let trent: Awaited<ReturnType<typeof startAsked>>;
beforeAll(async () => {
  trent = await startAsked();
  await createAccount(trent.deps, { id: OTHER, name: undefined, ttlSeconds: undefined });
});
afterAll(() => trent.stop());
afterEach(async () => {
  for (const account of [ACCOUNT, OTHER])
    for (const { name } of (await listGuards(trent.deps, account)).guards) await removeGuard(trent.deps, name, account);
});

const put = (kind: string, statements: readonly object[], { name = "bound", account = ACCOUNT } = {}) =>
  putGuard(trent.deps, { account, name, kind, policy: JSON.stringify(policy(...statements)) });
const outcome = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => "answered",
    ({ name, message }: Error) => `${name}: ${message}`,
  );
const Plaintext = Buffer.from("secret text");
const encrypt = (KeyId: string, kms: KMSClient = trent.kms()) => outcome(kms.send(new EncryptCommand({ KeyId, Plaintext })));

describe("a service control policy", () => {
  it("refuses at the next call what it denies, whatever the caller's own policies allow, and nothing else", async () => {
    const key = await trent.key();
    expect(await encrypt(key.id)).toBe("answered");
    await put("scp", [deny("kms:Encrypt")]);
    expect(await encrypt(key.id)).toMatch(/^AccessDeniedException: .* with an explicit deny in a service control policy$/);
    expect(await outcome(trent.kms().send(new ListKeysCommand({})))).toBe("answered");
    await removeGuard(trent.deps, "bound", ACCOUNT);
    expect(await encrypt(key.id)).toBe("answered");
  });

  it("that allows leaves only what it allows", async () => {
    const key = await trent.key();
    await put("scp", [allow("kms:ListKeys")]);
    expect(await encrypt(key.id)).toMatch(/because no service control policy allows the kms:Encrypt action$/);
    expect(await outcome(trent.kms().send(new ListKeysCommand({})))).toBe("answered");
  });

  it("allows beside another what either allows", async () => {
    const key = await trent.key();
    await put("scp", [allow("kms:ListKeys")], { name: "lists" });
    await put("scp", [allow("kms:Encrypt")], { name: "encrypts" });
    await put("scp", [deny("kms:Decrypt")], { name: "denies" });
    expect([await encrypt(key.id), await outcome(trent.kms().send(new ListKeysCommand({})))]).toEqual(["answered", "answered"]);
    expect(await outcome(trent.iam().send(new ListUsersCommand({})))).toMatch(
      /because no service control policy allows the iam:ListUsers action$/,
    );
  });

  it("binds whom a key policy names directly, and whom a grant lets in", async () => {
    const [named, granted] = [await trent.user("named"), await trent.user("granted")];
    const key = await trent.key(everything, allow("kms:Encrypt", to(named.arn)));
    await trent.kms().send(new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: granted.arn, Operations: ["Encrypt"] }));
    for (const user of [named, granted]) expect(await encrypt(key.id, trent.kms(user))).toBe("answered");
    await put("scp", [deny("kms:*")]);
    for (const user of [named, granted])
      expect(await encrypt(key.id, trent.kms(user))).toMatch(/explicit deny in a service control policy$/);
  });

  it("of another account does not bind this one's principals, even where they use that account's keys", async () => {
    const key = await trent.key();
    await put("scp", [deny("kms:*")], { account: OTHER });
    expect(await encrypt(key.id)).toBe("answered");
  });

  it("binds what IAM is asked, too", async () => {
    expect(await outcome(trent.iam().send(new ListUsersCommand({})))).toBe("answered");
    await put("scp", [deny("iam:ListUsers")]);
    expect(await outcome(trent.iam().send(new ListUsersCommand({})))).toMatch(/explicit deny in a service control policy$/);
  });
});

describe("a resource control policy", () => {
  it("refuses what it denies on the account's keys, to everybody", async () => {
    const key = await trent.key();
    await put("rcp", [deny("kms:Encrypt", EVERYBODY)]);
    expect(await encrypt(key.id)).toMatch(/with an explicit deny in a resource control policy$/);
  });

  it("refuses principals of other accounts, who learn nothing of it", async () => {
    const stranger = await trent.user("stranger", [policy(allow("kms:*"))], OTHER);
    const key = await trent.key(everything, allow("kms:Encrypt", to(`arn:aws:iam::${OTHER}:root`)));
    expect(await encrypt(key.arn, trent.kms(stranger))).toBe("answered");
    await put("rcp", [deny("kms:*", { ...EVERYBODY, Condition: { StringNotEquals: { "aws:PrincipalAccount": ACCOUNT } } })]);
    expect(await encrypt(key.arn, trent.kms(stranger))).toMatch(
      /^AccessDeniedException: .* because the resource does not exist in this Region/,
    );
    expect(await encrypt(key.id)).toBe("answered");
  });

  it("has no effect on kms:RetireGrant", async () => {
    const user = await trent.user("retiring");
    const key = await trent.key();
    const grant = { GranteePrincipal: user.arn, RetiringPrincipal: user.arn, Operations: ["Encrypt" as const] };
    const { GrantId } = await trent.kms().send(new CreateGrantCommand({ KeyId: key.id, ...grant }));
    await put("rcp", [deny("kms:*", EVERYBODY)]);
    expect(await encrypt(key.id, trent.kms(user))).toMatch(/explicit deny in a resource control policy$/);
    expect(await outcome(trent.kms(user).send(new RetireGrantCommand({ KeyId: key.arn, GrantId })))).toBe("answered");
  });
});

it("is what explain names as the reason", async () => {
  const key = await trent.key();
  await put("scp", [deny("kms:Encrypt", { Sid: "NoSealing" })]);
  const { is, permissions } = await explainCall(trent.deps, await trent.encrypt(key.id));
  expect(is.decision).toBe("refused");
  expect(permissions[0]?.because).toBe('refused by the service control policy bound, statement 1 "NoSealing"');
});

describe("guard-put", () => {
  it("answers what it set, and guard-list has it; a name is given once", async () => {
    expect(await put("scp", [deny("kms:*")])).toEqual({ account: ACCOUNT, name: "bound", kind: "scp", replaced: false });
    expect(await put("scp", [deny("kms:Encrypt")])).toMatchObject({ replaced: true });
    const { guards } = await listGuards(trent.deps);
    expect(guards).toEqual([{ name: "bound", kind: "scp", policy: JSON.stringify(policy(deny("kms:Encrypt"))) }]);
  });

  it.each([
    ["another kind", "tag", [deny("kms:*")], "kind is scp or rcp."],
    ["a service control policy that names somebody", "scp", [deny("kms:*", EVERYBODY)], "has no Principal"],
    ["a resource control policy that names nobody", "rcp", [deny("kms:*")], 'has the Principal "*"'],
    ["a resource control policy that allows", "rcp", [allow("kms:*", EVERYBODY)], "only denies"],
    ["what is no policy", "scp", [{ Effect: "Perhaps" }], "Syntax errors in policy."],
    ["one that is too large", "scp", [deny("kms:*", { Sid: "x".repeat(5120) })], "larger than 5120 characters"],
  ])("refuses %s", async (_, kind, statements, why) => {
    await expect(put(kind, statements)).rejects.toThrow(why);
  });

  it("refuses a sixth of a kind, a name that is none, and an account that is not there", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) await put("scp", [deny("kms:Encrypt")], { name });
    await expect(put("scp", [deny("kms:Encrypt")], { name: "f" })).rejects.toThrow("at most 5 guard-rails of the kind scp");
    expect(await put("scp", [deny("kms:Decrypt")], { name: "e" })).toMatchObject({ replaced: true });
    expect(await put("rcp", [deny("kms:Encrypt", EVERYBODY)], { name: "f" })).toMatchObject({ replaced: false });
    await expect(put("scp", [deny("kms:*")], { name: "a b" })).rejects.toThrow("not the name of a policy");
    await expect(put("scp", [deny("kms:*")], { account: "999988887777" })).rejects.toThrow("There is no account 999988887777.");
  });
});

it("guard-remove refuses a name that there is not, and takes away one that locks everybody out", async () => {
  await expect(removeGuard(trent.deps, "none")).rejects.toThrow('The account has no guard-rail "none".');
  await put("scp", [deny("*")]);
  expect(await outcome(trent.kms().send(new DecryptCommand({ CiphertextBlob: Plaintext })))).not.toBe("answered");
  expect(await outcome(trent.kms().send(new ListKeysCommand({})))).toMatch(/service control policy$/);
  expect(await removeGuard(trent.deps, "bound")).toEqual({ account: ACCOUNT, name: "bound", removed: true });
  expect(await outcome(trent.kms().send(new ListKeysCommand({})))).toBe("answered");
});
