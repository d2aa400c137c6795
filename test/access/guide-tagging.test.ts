/** @see AWS KMS Developer Guide, "Controlling access to tags"; IAM User Guide, "Controlling access based on tag keys" */
import { describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { startKms } from "../kms/start.ts";
import { createKey, tag, untag } from "./acts.ts";
import { administrated, everything, itDecides, ROOT } from "./examples.ts";

describe("the tags of a request as conditions", () => {
  const kms = startKms();

  itDecides(kms, {
    of: "a key policy, of TagResource, that requires a pair (aws:RequestTag)",
    key: [{ Action: "kms:TagResource", Condition: { StringEquals: { "aws:RequestTag/Project": ["Alpha", "Beta"] } } }],
    allows: { "one value": tag({ Project: "Alpha" }), "the other, beside other tags": tag({ Project: "Beta", Stage: "x" }) },
    refuses: { "another value": tag({ Project: "Gamma" }), "another tag": tag({ Stage: "Alpha" }), "to take it away": untag("Project") },
  });

  itDecides(kms, {
    of: "an identity policy, of tagging, that limits the names (aws:TagKeys, ForAllValues)",
    identity: [
      {
        Action: ["kms:TagResource", "kms:UntagResource"],
        Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["Project", "Stage"] } },
      },
    ],
    allows: { "one of them": tag({ Stage: "x" }), both: tag({ Project: "y", Stage: "x" }), "to take one away": untag("Stage") },
    refuses: {
      "another name": tag({ Owner: "me" }),
      "another name beside them": tag({ Stage: "x", Owner: "me" }),
      "the name in other letters": tag({ stage: "x" }),
      "to take another away": untag("Stage", "Owner"),
    },
  });

  itDecides(kms, {
    of: "an identity policy that denies to touch a tag (aws:TagKeys, ForAnyValue)",
    identity: [
      everything,
      {
        Effect: "Deny",
        Action: ["kms:TagResource", "kms:UntagResource"],
        Condition: { "ForAnyValue:StringEquals": { "aws:TagKeys": "Owner" } },
      },
    ],
    allows: { "other tags": tag({ Stage: "x" }), "to take others away": untag("Stage") },
    refuses: {
      "that tag": tag({ Owner: "me" }),
      "that tag beside others": tag({ Stage: "x", Owner: "me" }),
      "to take it away": untag("Owner"),
    },
    why: "denied by identity policy",
  });

  itDecides(kms, {
    of: "an identity policy, of CreateKey, that requires a tag",
    identity: [
      { Action: "kms:CreateKey", Condition: { StringEquals: { "aws:RequestTag/Project": "Alpha" } } },
      { Action: "kms:TagResource" },
    ],
    allows: { "the tag": createKey({}, { Project: "Alpha" }), "the tag beside others": createKey({}, { Project: "Alpha", Stage: "x" }) },
    refuses: {
      "no tag": createKey(),
      "another value": createKey({}, { Project: "Beta" }),
      "another tag": createKey({}, { Stage: "Alpha" }),
    },
  });

  itDecides(kms, {
    of: "an identity policy, of CreateKey, that limits the names of tags and requires some (aws:TagKeys)",
    identity: [
      {
        Action: ["kms:CreateKey", "kms:TagResource"],
        Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["Project"] }, Null: { "aws:TagKeys": "false" } },
      },
    ],
    allows: { "the tag": createKey({}, { Project: "any" }) },
    refuses: {
      "no tag": createKey(),
      "another tag": createKey({}, { Stage: "x" }),
      "another beside it": createKey({}, { Project: "a", Stage: "x" }),
    },
  });

  itDecides(kms, {
    of: "an identity policy of CreateKey alone",
    identity: [{ Action: "kms:CreateKey" }],
    allows: { "a key without tags": createKey() },
    refuses: { "a key with tags, which takes kms:TagResource too": { ...createKey({}, { a: "1" }), action: "kms:TagResource" } },
  });

  it("aws:RequestTag takes no ForAllValues, which would let a request without the tag pass", async () => {
    const key = await kms.key();
    const Condition = { "ForAllValues:StringEquals": { "aws:RequestTag/Project": "Alpha" } };
    const statement = { Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:TagResource", Resource: "*", Condition };
    const said = await kms.refused(setPolicy(kms, key.id, [administrated, statement]));
    expect(said).toMatch(/^MalformedPolicyDocumentException: .*OverlyPermissiveCondition/);
  });
});
