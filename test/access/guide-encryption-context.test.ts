/** @see AWS KMS Developer Guide, "kms:EncryptionContext:context-key", "kms:EncryptionContextKeys" */
import { describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { startKms } from "../kms/start.ts";
import { createGrant, dataKey, decrypt, encrypt, nameOf, reEncrypt, withCaller } from "./acts.ts";
import { administrated, everything, itDecides, ROOT } from "./examples.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
const USERNAME = "${aws:username}";
const Subset = (EncryptionContextSubset: Record<string, string>) => ({ Constraints: { EncryptionContextSubset } });
const Equals = (EncryptionContextEquals: Record<string, string>) => ({ Constraints: { EncryptionContextEquals } });

describe("the encryption context as a condition", () => {
  const kms = startKms();

  itDecides(kms, {
    of: "a key policy that requires a pair",
    key: [
      { Action: ["kms:GenerateDataKey", "kms:Decrypt"], Condition: { StringEquals: { "kms:EncryptionContext:AppName": "ExampleApp" } } },
    ],
    allows: {
      "the pair": dataKey({ AppName: "ExampleApp" }),
      "the pair among others": dataKey({ Project: "Alpha", AppName: "ExampleApp", Stage: "Restricted" }),
      "the pair with its name in other letters": dataKey({ APPNAME: "ExampleApp" }),
      "to decrypt with the pair": decrypt(kms, { AppName: "ExampleApp" }),
    },
    refuses: {
      "no context": dataKey(),
      "another value": dataKey({ AppName: "Other" }),
      "the value in other letters": dataKey({ AppName: "exampleapp" }),
      "a value that begins like it": dataKey({ AppName: "ExampleApp2" }),
      "the value under another name": dataKey({ App: "ExampleApp" }),
      "to decrypt with another pair": decrypt(kms, { AppName: "Other" }),
      "another operation with the pair": encrypt({ AppName: "ExampleApp" }),
    },
  });

  itDecides(kms, {
    of: "a key policy that requires two pairs and forbids all others",
    key: [
      {
        Action: "kms:GenerateDataKey",
        Condition: {
          StringEquals: { "kms:EncryptionContext:Department": "IT", "kms:EncryptionContext:Project": "Alpha" },
          "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["Department", "Project"] },
        },
      },
    ],
    allows: { both: dataKey({ Department: "IT", Project: "Alpha" }), "both in any order": dataKey({ Project: "Alpha", Department: "IT" }) },
    refuses: {
      "no context": dataKey(),
      "the one": dataKey({ Department: "IT" }),
      "the other": dataKey({ Project: "Alpha" }),
      "both and one more": dataKey({ Department: "IT", Project: "Alpha", Stage: "Test" }),
      "both, one with its name in other letters": dataKey({ Department: "IT", project: "Alpha" }),
    },
  });

  itDecides(kms, {
    of: "a key policy with a statement for either pair",
    key: [
      { Action: "kms:GenerateDataKey", Condition: { StringEquals: { "kms:EncryptionContext:Department": "IT" } } },
      { Action: "kms:GenerateDataKey", Condition: { StringEquals: { "kms:EncryptionContext:Project": "Alpha" } } },
    ],
    allows: {
      "the one": dataKey({ Department: "IT" }),
      "the other": dataKey({ Project: "Alpha" }),
      both: dataKey({ Department: "IT", Project: "Alpha" }),
      "the one beside a wrong other": dataKey({ Department: "IT", Project: "Beta" }),
    },
    refuses: { neither: dataKey({ Department: "HR", Project: "Beta" }), "no context": dataKey() },
  });

  itDecides(kms, {
    of: "a key policy that forbids two values of a pair",
    key: [
      everything,
      {
        Effect: "Deny",
        Action: "kms:GenerateDataKey",
        Condition: { StringEquals: { "kms:EncryptionContext:Stage": ["Restricted", "Production"] } },
      },
    ],
    allows: { "no context": dataKey(), "another value": dataKey({ Stage: "Test" }), "another operation": encrypt({ Stage: "Restricted" }) },
    refuses: {
      "the one value": dataKey({ Stage: "Restricted" }),
      "the other value": dataKey({ Stage: "Production" }),
      "the value among others": dataKey({ App: "a", Stage: "Production" }),
      "the value under a name in other letters": dataKey({ stage: "Restricted" }),
    },
    why: "denied by key policy",
  });

  itDecides(kms, {
    of: "a key policy that requires one name of several (ForAnyValue)",
    key: [
      {
        Action: ["kms:Encrypt", "kms:GenerateDataKey*"],
        Condition: { "ForAnyValue:StringEquals": { "kms:EncryptionContextKeys": ["AppName", "Unit"] } },
      },
    ],
    allows: {
      "the name with any value": dataKey({ AppName: "Helper" }),
      "the name beside others": encrypt({ Project: "Alpha", Unit: "7" }),
    },
    refuses: {
      "no context": dataKey(),
      "other names": dataKey({ Project: "Alpha" }),
      "the name in other letters": dataKey({ appname: "Helper" }),
    },
  });

  itDecides(kms, {
    of: "a key policy that limits the names (ForAllValues)",
    key: [{ Action: "kms:Encrypt", Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["AppName", "Unit"] } } }],
    allows: {
      "no context": encrypt(),
      "an empty context": encrypt({}),
      "one of them": encrypt({ Unit: "7" }),
      both: encrypt({ Unit: "7", AppName: "a" }),
    },
    refuses: { "another name": encrypt({ Project: "Alpha" }), "another name beside them": encrypt({ Unit: "7", Project: "Alpha" }) },
  });

  itDecides(kms, {
    of: "a key policy that requires some context (Null)",
    key: [{ Action: ["kms:Encrypt", "kms:GenerateDataKey*"], Condition: { Null: { "kms:EncryptionContextKeys": false } } }],
    allows: { "any pair": dataKey({ a: "1" }), "several pairs": encrypt({ a: "1", b: "2" }) },
    refuses: { "no context": dataKey(), "an empty context": encrypt({}) },
  });

  itDecides(kms, {
    of: "an identity policy that forbids to leave the context out (Null)",
    identity: [everything, { Effect: "Deny", Action: "kms:Encrypt", Condition: { Null: { "kms:EncryptionContextKeys": "true" } } }],
    allows: { "a pair": encrypt({ a: "1" }), "another operation without": dataKey() },
    refuses: { "no context": encrypt() },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "an identity policy by which users decrypt only what is theirs (a policy variable)",
    identity: [{ Action: ["kms:Encrypt", "kms:Decrypt"], Condition: { StringEquals: { "kms:EncryptionContext:user": USERNAME } } }],
    allows: {
      "one's own name": withCaller("kms:Encrypt", (caller) => encrypt({ user: nameOf(caller) })),
      "one's own name, to decrypt": withCaller("kms:Decrypt", (caller) => decrypt(kms, { user: nameOf(caller) })),
    },
    refuses: {
      "the name of another": encrypt({ user: "administrator" }),
      "the variable itself": encrypt({ user: USERNAME }),
      none: encrypt(),
    },
  });

  itDecides(kms, {
    of: "a key policy, of a re-encryption, for each side by its own context",
    key: [
      { Action: "kms:ReEncryptFrom", Condition: { StringEquals: { "kms:EncryptionContext:side": "source" } } },
      { Action: "kms:ReEncryptTo", Condition: { StringEquals: { "kms:EncryptionContext:side": "destination" } } },
    ],
    allows: {
      "each its own": reEncrypt(kms, {
        SourceEncryptionContext: { side: "source" },
        DestinationEncryptionContext: { side: "destination" },
      }),
    },
    refuses: {
      "the destination's at the source": reEncrypt(kms, {
        SourceEncryptionContext: { side: "destination" },
        DestinationEncryptionContext: { side: "destination" },
      }),
      "the source's at the destination": {
        ...reEncrypt(kms, { SourceEncryptionContext: { side: "source" }, DestinationEncryptionContext: { side: "source" } }),
        action: "kms:ReEncryptTo",
      },
    },
  });

  itDecides(kms, {
    of: "a key policy, of a grant, by the pairs of its constraint",
    key: [{ Action: "kms:CreateGrant", Condition: { StringEquals: { "kms:EncryptionContext:Department": "IT" } } }],
    allows: {
      "in a subset": createGrant(ROOT, ["Encrypt"], Subset({ Department: "IT", Project: "Alpha" })),
      "in an equal context": createGrant(ROOT, ["Encrypt"], Equals({ Department: "IT" })),
    },
    refuses: {
      "no constraint": createGrant(ROOT),
      "another value": createGrant(ROOT, ["Encrypt"], Subset({ Department: "HR" })),
      "another name": createGrant(ROOT, ["Encrypt"], Equals({ Project: "IT" })),
    },
  });

  it("is no condition with ForAllValues, which would let a request without the pair pass", async () => {
    const key = await kms.key();
    const Condition = { "ForAllValues:StringEquals": { "kms:EncryptionContext:AppName": "ExampleApp" } };
    const statement = { Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:Encrypt", Resource: "*", Condition };
    const said = await kms.refused(setPolicy(kms, key.id, [administrated, statement]));
    expect(said).toMatch(/^MalformedPolicyDocumentException: .*OverlyPermissiveCondition/);
    expect(said).toContain("Using the ForAllValues set operator with a single-valued condition key matches requests without the specified");
    expect(said).toContain("To fix, remove ForAllValues.");
  });
});
