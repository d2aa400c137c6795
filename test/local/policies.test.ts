/** What the operator asks and does about policies, by the command, beside a running server. */
import { describe, expect, test, vi } from "vitest";
import { consoleKeyPolicy } from "#domain/policy/console-policy";
import { call } from "../pipeline/signed-request.ts";
import { newFolder, profileOf, serve, stop, trent } from "./command.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

const [A, B] = ["arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:role/team/b"];
const SYMMETRIC = { spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS", multiRegion: false };
const done = (stdout: string) => ({ code: 0, stderr: "", stdout });

/** A server with a key that its own administrator may not encrypt with any more, and the id of the call that found out. */
async function locked() {
  const data = newFolder();
  const running = serve(data);
  const site = { url: await running.ready, administrator: profileOf(data) };
  const { text } = await call(site, "CreateKey", {});
  const { KeyId, Arn, AWSAccountId } = JSON.parse(text).KeyMetadata;
  const statement = { Sid: "Locked", Effect: "Allow", Principal: { AWS: "444455556666" }, Action: "kms:*", Resource: "*" };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await call(site, "PutKeyPolicy", { KeyId, Policy, BypassPolicyLockoutSafetyCheck: true });
  const refused = await call(site, "Encrypt", { KeyId, Plaintext: "aGk=", EncryptionContext: { order: "7" } });
  expect(refused.error.name).toBe("AccessDeniedException");
  return { data, running, site, Arn, KeyId, account: AWSAccountId, Policy, requestId: refused.requestId };
}

test("explain, access who-can and key unlock work beside a running server", async () => {
  const { data, running, site, Arn, KeyId, account, Policy, requestId } = await locked();
  const administrator = `arn:aws:iam::${account}:user/administrator`;
  const run = (...args: string[]) => trent([...args, "--data", data]).ended;

  const told = await run("explain", requestId);
  expect([told.code, told.stderr]).toEqual([0, ""]);
  const lines = told.stdout.split("\n");
  for (const line of [
    `request    ${requestId}`,
    'parameter  encryptionContext {"order":"7"}',
    `resource   ${Arn}`,
    `permission kms:Encrypt on ${Arn}: refused for want of an Allow`,
    "  spoke    the identity policy arn:aws:iam::aws:policy/AdministratorAccess, statement 1: Allow",
    '  nearly   the key policy, statement 1 "Locked": Allow',
    `    but    Principal: wanted 444455556666, found ${administrator}`,
    `  missing  The key policy does not name the account (arn:aws:iam::${account}:root) for kms:Encrypt, so that no identity policy can allow it.`,
    "unknown    not in records: Plaintext, GrantTokens, aws:Referer",
  ])
    expect(lines).toContain(line);
  expect(told.stdout).toMatch(/^then {7}refused: for want of an Allow on the resource side: AccessDeniedException: /m);
  expect(told.stdout).toMatch(/^now {8}refused: AccessDeniedException: /m);
  expect(told.stdout).not.toContain("aGk=");
  const json = JSON.parse((await run("explain", requestId, "--json")).stdout);
  expect(json).toMatchObject({ requestId, account, was: { decision: "refused" }, is: { decision: "refused" }, differs: false });

  const who = [`action   kms:Encrypt`, `key      ${Arn}`, "state    Enabled"];
  const strangers = [
    'may      444455556666, by the key policy, statement 1 "Locked"',
    "  if     the policies of its principals allow it",
    "",
  ];
  expect(await run("access", "who-can", "kms:Encrypt", KeyId)).toEqual(done([...who, ...strangers].join("\n")));
  expect(await run("access", "who-can", "kms:PutKeyPolicy", Arn)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("may      nobody\n"),
  });

  const unlocked = await run("key", "unlock", Arn, "--json");
  expect([unlocked.code, unlocked.stderr]).toEqual([0, ""]);
  expect(JSON.parse(unlocked.stdout)).toMatchObject({ key: Arn, changed: true, replaced: { policy: Policy } });
  expect(await run("key", "unlock", KeyId)).toEqual(done(`key        ${Arn}\nunchanged  it has the default policy already\n`));

  // A server on an embedded store sees it at once.
  expect((await call(site, "Encrypt", { KeyId, Plaintext: "aGk=" })).status).toBe(200);
  expect((await run("explain", requestId)).stdout).toMatch(/^now {8}allowed, which is not as then \(refused\): by the identity policy /m);
  const able = JSON.parse((await run("access", "who-can", "kms:Encrypt", Arn, "--json")).stdout).principals;
  expect(able.map(({ principal }: { principal: string }) => principal)).toEqual([`arn:aws:iam::${account}:root`, administrator]);
  expect((await stop(running)).stderr).toBe("");
});

test("key unlock shows what it replaced, since nobody keeps it", async () => {
  const { data, Arn, Policy } = await locked();
  const { code, stdout } = await trent(["key", "unlock", Arn, "--data", data]).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^replaced {3}the policy whose SHA-256 is [0-9a-f]{64}, which is kept nowhere:$/m);
  expect(stdout).toContain(Policy);
});

describe("key-policy", () => {
  test("prints the console's policy for an account, and needs no store", async () => {
    const people = { account: "111122223333", partition: "aws", administrators: [A], users: [A, B] };
    const args = ["key-policy", "--account", "111122223333", "--administrators", A, "--users", `${A}, ${B}`, "--data", newFolder()];
    expect(await trent(args).ended).toEqual(done(`${consoleKeyPolicy(people, SYMMETRIC)}\n`));
    const { stdout } = await trent([...args, "--json"]).ended;
    expect(stdout).toBe(`${JSON.stringify(JSON.parse(consoleKeyPolicy(people, SYMMETRIC)))}\n`);
  });

  test("is for what sort of key it is told", async () => {
    const people = { account: "111122223333", partition: "aws-cn", administrators: [], users: [A] };
    const of = async (...args: string[]) =>
      (await trent(["key-policy", "--account", "111122223333", "--region", "cn-north-1", "--users", A, ...args]).ended).stdout.trimEnd();
    const rsa = { ...SYMMETRIC, spec: "RSA_2048", usage: "SIGN_VERIFY", origin: "EXTERNAL", multiRegion: true };
    expect(await of("--spec", "RSA_2048", "--usage", "SIGN_VERIFY", "--origin", "EXTERNAL", "--multi-region")).toBe(
      consoleKeyPolicy(people, rsa),
    );
    expect(await of("--spec", "HMAC_256")).toBe(consoleKeyPolicy(people, { ...SYMMETRIC, spec: "HMAC_256", usage: "GENERATE_VERIFY_MAC" }));
  });

  test("is for the store's account when none is named, and CreateKey takes it", async () => {
    const { data, site, account } = await locked();
    const administrator = `arn:aws:iam::${account}:user/administrator`;
    const { stdout } = await trent(["key-policy", "--users", administrator, "--data", data]).ended;
    expect(stdout).toContain(`"arn:aws:iam::${account}:root"`);
    expect((await call(site, "CreateKey", { Policy: stdout })).status).toBe(200);
  });
});

describe("are refused in one line:", () => {
  const usage = (args: readonly string[]) => trent([...args, "--data", newFolder()]).ended;

  test.each([
    [["explain"], "explain needs REQUEST-ID; see --help."],
    [["access", "who-can", "kms:Encrypt"], "access who-can needs ACTION KEY; see --help."],
    [["access", "who-can", "kms:Encrypt", "--json"], "access who-can needs ACTION KEY; see --help."],
    [["access"], "'access' is not a command; see --help."],
    [["key", "unlock"], "key unlock needs KEY; see --help."],
    [["key", "unlock", "k", "--sandbox"], "A sandbox takes any credentials and keeps nothing"],
    [["key-policy", "--account", "111122223333", "--users", "bob"], "--users bob is not a principal"],
    [["key-policy", "--account", "111122223333", "--administrators", `${A},`], "--administrators  is not a principal"],
    [["key-policy", "--account", "111122223333", "--spec", "RSA"], "--spec RSA: use "],
    [["key-policy", "--account", "111122223333", "--spec", "RSA_2048"], "--usage: say what a key of the spec RSA_2048 is for."],
    [["key-policy", "--account", "111122223333", "--usage", "ALL"], "--usage ALL: use "],
    [["key-policy", "--account", "111122223333", "--origin", "HERE"], "--origin HERE: use "],
    [["key-policy", "--stack", "trent"], "key-policy is not for a --stack"],
    [["explain", "019a0000-0000-7000-8000-000000000000"], "holds no store"],
  ])("%j", async (args, line) => {
    expect(await usage(args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^trent: [^\n]+\n$/) });
    expect((await usage(args)).stderr).toContain(line);
  });

  test("what there is not", async () => {
    const { data, account } = await locked();
    for (const [args, line] of [
      [
        ["explain", "019a0000-0000-7000-8000-000000000000"],
        `There is no record of 019a0000-0000-7000-8000-000000000000 in the account ${account} in us-east-1`,
      ],
      [["explain", "019a0000-0000-7000-8000-000000000000", "--account", "444455556666"], "in the account 444455556666 in us-east-1"],
      [["key", "unlock", "00000000-0000-4000-8000-000000000000"], "There is no key 00000000-0000-4000-8000-000000000000 in us-east-1."],
      [["key", "unlock", "x", "--region", "eu-west-1"], "There is nothing in eu-west-1 yet: nobody has called it."],
      [["access", "who-can", "kms:Nonsense", "x"], "kms:Nonsense is not asked for on a key in this version."],
    ] as const) {
      const { code, stdout, stderr } = await trent([...args, "--data", data]).ended;
      expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining(`trent: `)]);
      expect(stderr).toContain(line);
    }
  });
});
