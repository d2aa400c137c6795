import { CreateGrantCommand, DisableKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Able, whoCan } from "#operator/who-can";
import { ACCOUNT, type Credentials } from "../service.ts";
import { allow, deny, everything, OTHER, policy, ROOT, startAsked, to } from "./asked.ts";

const ADMINISTRATOR = `arn:aws:iam::${ACCOUNT}:user/administrator`;
const S3 = { Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } } };

let trent: Awaited<ReturnType<typeof startAsked>>;
let alice: Credentials & { readonly arn: string };
let bob: Credentials & { readonly arn: string };
beforeAll(async () => {
  trent = await startAsked();
  alice = await trent.user("alice", [policy(allow("kms:Encrypt"))]);
  bob = await trent.user("bob", [policy(allow("kms:Decrypt", S3))]);
});
afterAll(() => trent.stop());

const whoMay = async (action: string, key: { readonly arn: string }): Promise<readonly Able[]> =>
  (await whoCan(trent.deps, action, key.arn)).principals;
const named = (able: readonly Able[]) => able.map(({ principal }) => principal);
const surely = (principal: string, by: string): Able => ({ principal, by, if: [], unless: [] });

describe("who-can lists", () => {
  it("the root user and whom identity policies let, where the key policy names the account", async () => {
    const key = await trent.key();
    expect(await whoMay("kms:Encrypt", key)).toEqual([
      surely(ROOT, 'the key policy, statement 1 "Enable IAM User Permissions"'),
      surely(ADMINISTRATOR, "the identity policy arn:aws:iam::aws:policy/AdministratorAccess, statement 1"),
      surely(alice.arn, "the identity policy policy-1, statement 1"),
    ]);
  });

  it("only whom the key policy names, where it does not name the account", async () => {
    const key = await trent.key(allow("kms:Encrypt", { Sid: "Bob", ...to(bob.arn) }));
    expect(await whoMay("kms:encrypt", key)).toEqual([surely(bob.arn, 'the key policy, statement 1 "Bob"')]);
    expect(await whoMay("kms:Decrypt", key)).toEqual([]);
  });

  it("what only a call can tell, as an if", async () => {
    const able = await whoMay("kms:Decrypt", await trent.key());
    expect(able.find(({ principal }) => principal === bob.arn)).toEqual({
      ...surely(bob.arn, "the identity policy policy-1, statement 1"),
      if: ['kms:ViaService StringEquals "s3.us-east-1.amazonaws.com" (the identity policy policy-1, statement 1)'],
    });
  });

  it("each side's if, where both must hold", async () => {
    const key = await trent.key(allow("kms:*", { ...to(ROOT), Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }));
    const able = await whoMay("kms:Decrypt", key);
    expect(able.find(({ principal }) => principal === bob.arn)?.if).toEqual([
      'aws:SourceIp IpAddress "10.0.0.0/8" (the key policy, statement 1)',
      'kms:ViaService StringEquals "s3.us-east-1.amazonaws.com" (the identity policy policy-1, statement 1)',
    ]);
  });

  it("statements that are beside each other as one if", async () => {
    const other = { Condition: { StringEquals: { "kms:EncryptionContext:a": "b" } } };
    const key = await trent.key(allow("kms:Encrypt", { ...to(bob.arn), ...S3 }), allow("kms:*", { ...to(bob.arn), ...other }));
    expect((await whoMay("kms:Encrypt", key))[0]?.if).toEqual([
      'kms:ViaService StringEquals "s3.us-east-1.amazonaws.com" (the key policy, statement 1), or kms:EncryptionContext:a StringEquals "b" (the key policy, statement 2)',
    ]);
  });

  it("a Deny that hangs on the call as an unless, and nobody whom a Deny refuses anyway", async () => {
    const outside = { Principal: "*", Condition: { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } } };
    const key = await trent.key(everything, deny("kms:Encrypt", outside), deny("kms:Encrypt", to(alice.arn)));
    const able = await whoMay("kms:Encrypt", key);
    expect(named(able)).toEqual([ROOT, ADMINISTRATOR]);
    for (const { if: conditions, unless } of able)
      expect([conditions, unless]).toEqual([[], ['aws:SourceIp NotIpAddress "10.0.0.0/8" (the key policy, statement 2)']]);
  });

  it("by what key and caller are, what is settled already", async () => {
    const tagged = { Condition: { StringEquals: { "kms:KeySpec": "SYMMETRIC_DEFAULT", "aws:PrincipalArn": bob.arn } } };
    const key = await trent.key(allow("kms:Encrypt", { Principal: { AWS: [alice.arn, bob.arn] }, ...tagged }));
    expect(await whoMay("kms:Encrypt", key)).toEqual([surely(bob.arn, "the key policy, statement 1")]);
  });

  it("nobody, where a Deny asks for what is not understood", async () => {
    const key = await trent.key(everything, deny("kms:Encrypt", { Principal: "*", Condition: { Bool: { "kms:Unheard": "true" } } }));
    expect(await whoMay("kms:Encrypt", key)).toEqual([]);
  });

  it("grantees, and what their grants are bound to", async () => {
    const key = await trent.key();
    const grant = (more: object) =>
      trent.kms().send(new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: bob.arn, Operations: ["Encrypt"], ...more }));
    const { GrantId: bound } = await grant({ Constraints: { EncryptionContextEquals: { a: "b" } } });
    expect((await whoMay("kms:Encrypt", key)).at(-1)).toEqual({
      ...surely(bob.arn, `the grant ${bound}`),
      if: ['the call has the encryption context {"a":"b"}'],
    });
    const { GrantId: free } = await grant({});
    expect((await whoMay("kms:Encrypt", key)).at(-1)).toEqual(surely(bob.arn, `the grant ${free}`));
  });

  it("roles, by what whoever has assumed one may", async () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/team/Reader`;
    await trent.host.shared.principals.createRole({
      ...{ account: ACCOUNT, name: "Reader", path: "/team/", id: "AROAREADER", arn, created: new Date(), version: 0 },
      ...{ inline: [], attached: [], longestSession: 3600, tags: new Map([["team", "a"]]), trust: { document: "{}", principals: {} } },
    });
    const key = await trent.key(
      allow("kms:Encrypt", { ...to(arn), Condition: { StringEquals: { "aws:PrincipalTag/team": "a" } } }),
      allow("kms:Decrypt", { ...to(arn), Condition: { StringLike: { "aws:userid": "*:ci" } } }),
    );
    expect(await whoMay("kms:Encrypt", key)).toEqual([surely(arn, "the key policy, statement 1")]);
    const [able] = await whoMay("kms:Decrypt", key);
    expect(able).toEqual({
      ...surely(arn, "the key policy, statement 2"),
      if: ['aws:userid StringLike "*:ci" (the key policy, statement 2)'],
    });
  });

  it("services", async () => {
    const service = {
      Principal: { Service: "logs.us-east-1.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
    };
    const key = await trent.key(allow("kms:Encrypt", service));
    expect(await whoMay("kms:Encrypt", key)).toEqual([
      {
        ...surely("logs.us-east-1.amazonaws.com", "the key policy, statement 1"),
        if: [`aws:SourceAccount StringEquals "${ACCOUNT}" (the key policy, statement 1)`],
      },
    ]);
  });

  it("principals of other accounts, if their own policies allow; for what works across accounts", async () => {
    const stranger = await trent.user("stranger", [], OTHER);
    const key = await trent.key(everything, allow("kms:*", { Sid: "Them", ...to(stranger.arn, OTHER) }));
    const strangers = (await whoMay("kms:Encrypt", key)).slice(-2);
    const by = 'the key policy, statement 2 "Them"';
    expect(strangers).toEqual([
      { ...surely(OTHER, by), if: ["the policies of its principals allow it"] },
      { ...surely(stranger.arn, by), if: ["its own policies allow it"] },
    ]);
    expect(named(await whoMay("kms:PutKeyPolicy", key))).toEqual([ROOT, ADMINISTRATOR]);
  });

  it("a grantee of another account", async () => {
    const stranger = await trent.user("grantee", [], OTHER);
    const key = await trent.key();
    const command = new CreateGrantCommand({ KeyId: key.id, GranteePrincipal: stranger.arn, Operations: ["Encrypt"] });
    const { GrantId: id } = await trent.kms().send(command);
    expect((await whoMay("kms:Encrypt", key)).at(-1)).toEqual({
      ...surely(stranger.arn, `the grant ${id}`),
      if: ["its own policies allow it"],
    });
  });

  it("everybody, where the key policy says so", async () => {
    const key = await trent.key(
      everything,
      allow("kms:Encrypt", { Principal: "*", Condition: { StringEquals: { "kms:CallerAccount": OTHER } } }),
    );
    expect((await whoMay("kms:Encrypt", key)).at(-1)).toEqual({
      ...surely("*", "the key policy, statement 2"),
      if: ["the policies of the caller's account allow it", `kms:CallerAccount StringEquals "${OTHER}" (the key policy, statement 2)`],
    });
  });

  it("nobody by a name that somebody else bore when the policy was written", async () => {
    const { principals } = trent.host.shared;
    const { arn } = await trent.user("mallory");
    const key = await trent.key(allow("kms:Encrypt", to(arn)));
    const user = await principals.user(ACCOUNT, "mallory");
    if (!user) throw new Error("There is no mallory.");
    await principals.removeUser(user);
    expect(await whoMay("kms:Encrypt", key)).toEqual([]);
    await trent.user("mallory");
    expect(await whoMay("kms:Encrypt", key)).toEqual([]);
  });

  it.each([
    ["its own", ACCOUNT],
    ["another", OTHER],
  ])("users of %s account by the name that they have now", async (_, account) => {
    const { principals } = trent.host.shared;
    const { arn } = await trent.user("maiden", [], account);
    const key = await trent.key(allow("kms:Encrypt", to(arn)));
    const user = await principals.user(account, "maiden");
    if (!user) throw new Error("There is no maiden.");
    const married = `arn:aws:iam::${account}:user/married`;
    await principals.renameUser(user, { ...user, name: "married", arn: married });
    await trent.user("maiden", [], account);
    expect(named(await whoMay("kms:Encrypt", key))).toEqual([married]);
  });
});

it("who-can agrees with the calls themselves", async () => {
  const keys = [
    await trent.key(),
    await trent.key(allow("kms:Encrypt", to(bob.arn))),
    await trent.key(everything, deny("kms:Encrypt", to(alice.arn))),
  ];
  for (const key of keys) {
    const able = named(await whoMay("kms:Encrypt", key));
    for (const caller of [alice, bob]) {
      const id = await trent.encrypt(key.arn, caller);
      const [row] = await trent.records(id);
      expect([key.arn, caller.arn, able.includes(caller.arn)]).toEqual([key.arn, caller.arn, row?.record.x === undefined]);
    }
  }
});

describe("who-can", () => {
  it("tells the key's state, and takes an alias or an id", async () => {
    const key = await trent.key();
    await trent.kms().send(new DisableKeyCommand({ KeyId: key.id }));
    expect(await whoCan(trent.deps, "KMS:encrypt", key.id)).toMatchObject({ action: "kms:Encrypt", key: key.arn, state: "Disabled" });
  });

  it.each([
    [
      "kms:Nonsense",
      undefined,
      "kms:Nonsense is not asked for on a key in this version. These are: kms:CancelKeyDeletion, kms:CreateAlias",
    ],
    ["kms:RetireGrant", undefined, "kms:RetireGrant is for each grant to say"],
    ["kms:Encrypt", "alias/none", "There is no key alias/none in us-east-1."],
    ["kms:Encrypt", "nonsense", "There is no key nonsense in us-east-1."],
    ["kms:Encrypt", "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000000", "There is no key arn:aws:kms:eu-west-1"],
  ])("refuses %s on %s", async (action, named, line) => {
    await expect(whoCan(trent.deps, action, named ?? (await trent.key()).arn)).rejects.toThrow(line);
  });
});
