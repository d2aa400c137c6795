/** Where a policy may be read in two ways, and only one of them is safe. */
import { CreateAliasCommand, DecryptCommand, EncryptCommand, ReEncryptCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { allowing, OTHER_ACCOUNT, policyOf, startKms } from "../kms/start.ts";
import { createKey, dataKey, decrypt, encrypt, reEncrypt, tag } from "./acts.ts";
import { enablesIam, everything, itDecides } from "./examples.ts";
import { SAID } from "./refusals.ts";

const Plaintext = Buffer.from("a");
// biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
const USERNAME = "${aws:username}";

describe("corners of the encryption context", () => {
  const kms = startKms();

  // AWS does not say which of the two a condition means. Neither lets anything pass.
  const twice = {
    "the value first": encrypt({ Stage: "Restricted", STAGE: "Test" }),
    "the value last": encrypt({ STAGE: "Test", Stage: "Restricted" }),
    "the value in the other letters first": encrypt({ stage: "Restricted", Stage: "Test" }),
    "the value in the other letters last": encrypt({ Stage: "Test", stage: "Restricted" }),
  };
  const restricted = { Action: "kms:Encrypt", Condition: { StringEquals: { "kms:EncryptionContext:Stage": "Restricted" } } };
  itDecides(kms, {
    of: "a deny of a pair, whose name is sent twice in different letters",
    key: [everything, { Effect: "Deny", ...restricted }],
    allows: { "the name once": encrypt({ Stage: "Test", Other: "Restricted" }) },
    refuses: twice,
  });
  itDecides(kms, {
    of: "an allow of a pair, whose name is sent twice in different letters",
    key: [restricted],
    allows: { "the name once": encrypt({ STAGE: "Restricted", Other: "Test" }) },
    refuses: twice,
  });

  itDecides(kms, {
    of: "names that look like something else",
    key: [
      {
        Action: "kms:Encrypt",
        Condition: {
          StringLike: { "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::bucket/*" },
          StringEquals: { "kms:EncryptionContext:__proto__": "x", "kms:EncryptionContext:a/b c": "y" },
        },
      },
    ],
    allows: {
      "what is like it": encrypt(
        Object.fromEntries([
          ["aws:s3:arn", "arn:aws:s3:::bucket/a/b"],
          ["__proto__", "x"],
          ["a/b c", "y"],
        ]),
      ),
    },
    refuses: {
      "another bucket": encrypt(
        Object.fromEntries([
          ["aws:s3:arn", "arn:aws:s3:::bucket2/a"],
          ["__proto__", "x"],
          ["a/b c", "y"],
        ]),
      ),
      "what is not there": encrypt({ "aws:s3:arn": "arn:aws:s3:::bucket/a", "a/b c": "y" }),
      "no context": encrypt(),
    },
  });

  itDecides(kms, {
    of: "a deny of any other name (ForAnyValue with a negated operator)",
    key: [
      everything,
      {
        Effect: "Deny",
        Action: "kms:Encrypt",
        Condition: { "ForAnyValue:StringNotEquals": { "kms:EncryptionContextKeys": ["App", "Unit"] } },
      },
    ],
    allows: { "those names": encrypt({ App: "1", Unit: "2" }), "no context, which has none": encrypt() },
    refuses: {
      "another name": encrypt({ Stage: "1" }),
      "another beside them": encrypt({ App: "1", Stage: "1" }),
      "other letters": encrypt({ app: "1" }),
    },
    why: "denied by key policy",
  });

  itDecides(kms, {
    of: "a deny where none of the names is there (ForAllValues with a negated operator)",
    key: [
      everything,
      { Effect: "Deny", Action: "kms:Encrypt", Condition: { "ForAllValues:StringNotEquals": { "kms:EncryptionContextKeys": "App" } } },
    ],
    allows: { "the name": encrypt({ App: "1" }), "the name beside others": encrypt({ App: "1", Stage: "1" }) },
    refuses: { "other names": encrypt({ Stage: "1" }), "no context": encrypt() },
    why: "denied by key policy",
  });

  itDecides(kms, {
    of: "a pair that is required, by a negated operator, not to be another",
    key: [{ Action: "kms:Encrypt", Condition: { StringNotEquals: { "kms:EncryptionContext:Stage": ["Prod", "Restricted"] } } }],
    allows: { "another value": encrypt({ Stage: "Test" }), "no context": encrypt() },
    refuses: { "the one": encrypt({ Stage: "Prod" }), "the other": encrypt({ Stage: "Restricted" }) },
  });

  it("a policy of 2008 knows no variables", async () => {
    const Condition = { StringEquals: { "kms:EncryptionContext:user": USERNAME } };
    const user = await kms.someone([
      { Version: "2008-10-17", Statement: [{ Effect: "Allow", Action: "kms:Encrypt", Resource: "*", Condition }] },
    ]);
    const key = await kms.key();
    const name = user.arn.split("/").at(-1) ?? "";
    expect(await kms.refused(encrypt({ user: name }).by(user.client, key, user))).toBe(
      SAID["no identity policy"]({ who: user.arn, action: "kms:Encrypt", on: key.arn }),
    );
    expect((await kms.told(await encrypt({ user: USERNAME }).by(user.client, key, user))).caller).toBe(user.arn);
  });
});

describe("corners of tags and aliases", () => {
  const kms = startKms();

  // IAM User Guide, "aws:RequestTag": "… either TagKey1 or tagkey1, but not both". A deny holds for both all the same.
  const twice = { "the value first": tag({ Stage: "Prod", stage: "Test" }), "the value last": tag({ stage: "Test", Stage: "Prod" }) };
  const prod = { Action: "kms:TagResource", Condition: { StringEquals: { "aws:RequestTag/Stage": "Prod" } } };
  itDecides(kms, {
    of: "a deny of a tag in a request, whose name is sent twice in different letters",
    identity: [everything, { Effect: "Deny", ...prod }],
    allows: { "the name once": tag({ Stage: "Test", Other: "Prod" }) },
    refuses: twice,
  });
  itDecides(kms, {
    of: "an allow of a tag in a request, whose name is sent twice in different letters",
    identity: [prod],
    allows: { "the name once": tag({ STAGE: "Prod", Other: "Test" }) },
    refuses: twice,
  });

  itDecides(kms, {
    // "In AWS KMS, the aws:ResourceTag/tag-key condition key is supported only in IAM policies" (Using tags to control access to KMS keys).
    of: "a key policy that asks for its tags, which only identity policies can",
    key: [{ Action: "kms:Encrypt", Condition: { StringEquals: { "aws:ResourceTag/Project": "Alpha" } } }],
    tags: { Project: "Alpha" },
    allows: {},
    refuses: { "to encrypt": encrypt() },
  });

  itDecides(kms, {
    of: "a key policy that asks for its aliases, which only identity policies can",
    key: [{ Action: "kms:Encrypt", Condition: { "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/*" } } }],
    prepare: (key) => kms.client.send(new CreateAliasCommand({ AliasName: kms.newName("alias/corner"), TargetKeyId: key.id })),
    allows: {},
    refuses: { "to encrypt": encrypt() },
  });

  it("each side of a re-encryption has its own alias in the request", async () => {
    const [source, destination] = [await kms.key(), await kms.key()];
    const [from, to] = [kms.newName("alias/from"), kms.newName("alias/to")];
    await kms.client.send(new CreateAliasCommand({ AliasName: from, TargetKeyId: source.id }));
    await kms.client.send(new CreateAliasCommand({ AliasName: to, TargetKeyId: destination.id }));
    const statement = (Action: string, alias: string) => ({
      Effect: "Allow",
      Action,
      Resource: "*",
      Condition: { StringEquals: { "kms:RequestAlias": alias } },
    });
    const user = await kms.someone([policyOf(statement("kms:ReEncryptFrom", from)), policyOf(statement("kms:ReEncryptTo", to))]);
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: source.id, Plaintext }));
    const reEncrypted = (SourceKeyId: string, DestinationKeyId: string) =>
      user.client.send(new ReEncryptCommand({ CiphertextBlob, SourceKeyId, DestinationKeyId }));
    expect((await reEncrypted(from, to)).KeyId).toBe(destination.arn);
    const denied = (action: string, on: string) => SAID["no identity policy"]({ who: user.arn, action, on });
    expect(await kms.refused(reEncrypted(source.arn, to))).toBe(denied("kms:ReEncryptFrom", source.arn));
    expect(await kms.refused(reEncrypted(from, destination.arn))).toBe(denied("kms:ReEncryptTo", destination.arn));
  });
});

describe("corners of who is told what", () => {
  const kms = startKms();

  it("a ciphertext tells those who may not decrypt it nothing of its key", async () => {
    const [key, other] = [await kms.key(), await kms.key()];
    const [nobody, stranger] = [await kms.someone([allowing("kms:Decrypt", other.arn)]), await kms.someone([allowing("*")], OTHER_ACCOUNT)];
    const { CiphertextBlob } = await kms.client.send(new EncryptCommand({ KeyId: key.id, Plaintext }));
    for (const [who, account] of [
      [nobody, undefined],
      [stranger, OTHER_ACCOUNT],
    ] as const) {
      const said = (action: string) => SAID["foreign ciphertext"]({ who: who.arn, action, on: key.arn });
      expect(await kms.refused(who.client.send(new DecryptCommand({ CiphertextBlob })), undefined, account)).toBe(said("kms:Decrypt"));
      const again = who.client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: key.arn }));
      expect(await kms.refused(again, undefined, account)).toBe(said("kms:ReEncryptFrom"));
    }
  });

  it("who may not use a key does not learn its state", async () => {
    const nobody = await kms.someone();
    for (const state of ["Enabled", "Disabled", "PendingDeletion"] as const) {
      const key = await kms.keyIn(state);
      for (const act of [encrypt(), dataKey()])
        expect(await kms.refused(act.by(nobody.client, key, nobody))).toBe(
          SAID["no identity policy"]({ who: nobody.arn, action: act.action, on: key.arn }),
        );
    }
  });

  it("a deny says so even where nothing allows, and where both sides deny one is named", async () => {
    const key = await kms.key();
    const user = await kms.someone([policyOf({ Effect: "Deny", Action: "kms:Encrypt", Resource: "*" })]);
    const words = (why: keyof typeof SAID) => SAID[why]({ who: user.arn, action: "kms:Encrypt", on: key.arn });
    expect(await kms.refused(encrypt().by(user.client, key, user))).toBe(words("denied by identity policy"));
    await setPolicy(kms, key.id, [
      enablesIam,
      { ...enablesIam, Sid: "No", Effect: "Deny", Principal: { AWS: user.arn }, Action: "kms:Encrypt" },
    ]);
    expect([words("denied by identity policy"), words("denied by key policy")]).toContain(
      await kms.refused(encrypt().by(user.client, key, user)),
    );
  });

  itDecides(kms, {
    of: "a deny of everything, which stands before all that allows",
    identity: [everything, { Effect: "Deny", Action: "*" }],
    key: [everything],
    allows: {},
    refuses: { "to encrypt": encrypt(), "to decrypt": decrypt(kms), "to re-encrypt": reEncrypt(kms), "to make keys": createKey() },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "an identity policy for another service",
    identity: [{ Action: ["iam:*", "sts:*", "s3:*"] }],
    allows: {},
    refuses: { "to encrypt": encrypt(), "to make keys": createKey() },
  });
});
