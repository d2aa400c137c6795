import { expect, test } from "vitest";
import { evaluate, type Side } from "#domain/policy/evaluate";
import { refusal } from "#domain/policy/refusal";
import { ADMIN, allow, DELEGATES, decide, deny, KEY, OWN, PRINCIPALS, type Row, requestOf, type Scene, UNHEARD } from "./cast.ts";

const ALICE = `arn:aws:iam::${OWN}:user/alice`;
const SESSION = `arn:aws:sts::${OWN}:assumed-role/Builder/build-1`;

/** The exact text for what a row comes to. */
function text(row: Row, callerArn: string, foreign = false): string {
  const decision = decide(row);
  if (decision.allowed) throw new Error("allowed");
  const fault = refusal(decision, { callerArn, action: row[4], resource: row[6] ?? KEY, foreign });
  return `${fault.name}: ${fault.message}`;
}

// access-control.md 9, by number.
// biome-ignore format: one row a line
test.each<[string, Row, string, string]>([
  ["1: no identity policy allows", ["", [DELEGATES], [], "alice", "kms:Encrypt", ""], ALICE, `is not authorized to perform: kms:Encrypt on resource: ${KEY} because no identity-based policy allows the kms:Encrypt action`],
  ["2: the key policy does not delegate", ["", [allow("kms:*", "bob")], [ADMIN], "alice", "kms:Decrypt", ""], ALICE, `is not authorized to perform: kms:Decrypt on resource: ${KEY} because no resource-based policy allows the kms:Decrypt action`],
  ["2: both are missing, one is named", ["", [allow("kms:*", "bob")], [], "alice", "kms:Decrypt", ""], ALICE, `is not authorized to perform: kms:Decrypt on resource: ${KEY} because no resource-based policy allows the kms:Decrypt action`],
  ["3: an identity policy denies", ["", [DELEGATES], [deny("kms:Sign")], "alice", "kms:Sign", ""], ALICE, `is not authorized to perform: kms:Sign on resource: ${KEY} with an explicit deny in an identity-based policy`],
  ["3: the key policy denies", ["", [deny("kms:Sign", "account")], [ADMIN], "build", "kms:Sign", ""], SESSION, `is not authorized to perform: kms:Sign on resource: ${KEY} with an explicit deny in a resource-based policy`],
  ["5: not bound to a key", ["", null, [], "alice", "kms:ListKeys", "", "*"], ALICE, "is not authorized to perform: kms:ListKeys on resource: * because no identity-based policy allows the kms:ListKeys action"],
  ["5: CreateKey", ["", null, [], "build", "kms:CreateKey", "", "*"], SESSION, "is not authorized to perform: kms:CreateKey on resource: * because no identity-based policy allows the kms:CreateKey action"],
  ["not understood on the key's side reads like a missing one", ["", [deny("kms:*", "alice", UNHEARD)], [ADMIN], "alice", "kms:Sign", ""], ALICE, `is not authorized to perform: kms:Sign on resource: ${KEY} because no resource-based policy allows the kms:Sign action`],
  ["not understood on the identity's side reads like a missing one", ["", [DELEGATES], [ADMIN, deny("kms:*", undefined, UNHEARD)], "alice", "kms:Sign", ""], ALICE, `is not authorized to perform: kms:Sign on resource: ${KEY} because no identity-based policy allows the kms:Sign action`],
])("%s", (_, row, callerArn, rest) => expect(text(row, callerArn)).toBe(`AccessDeniedException: User: ${callerArn} ${rest}`));

test("7: of another account's key one text says everything, whatever the reason, and does not name it", () => {
  const reasons: Row[] = [
    ["not named", [DELEGATES], [ADMIN], "eve", "kms:Decrypt", ""],
    ["no identity policy", [allow("kms:*", "other account")], [], "eve", "kms:Decrypt", ""],
    ["denied by the key policy", [deny("kms:*", "everyone")], [ADMIN], "eve", "kms:Decrypt", ""],
    ["denied by the identity policy", [allow("kms:*", "eve")], [deny("kms:*")], "eve", "kms:Decrypt", ""],
    ["not understood", [deny("kms:*", "eve", UNHEARD)], [ADMIN], "eve", "kms:Decrypt", ""],
  ];
  expect(new Set(reasons.map((row) => text(row, "arn:aws:iam::444455556666:user/eve", true)))).toEqual(
    new Set([
      "AccessDeniedException: User: arn:aws:iam::444455556666:user/eve is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
    ]),
  );
});

const NONE = [[allow("s3:*")]];
const DENIED = [[ADMIN, deny("kms:*")]];

// access-control.md 9, 3 and 4.
// biome-ignore format: one row a line
test.each<[Scene, string]>([
  [{ caller: "build", session: NONE }, "because no session policy allows the kms:Encrypt action"],
  [{ boundary: [allow("s3:*")] }, "because no permissions boundary allows the kms:Encrypt action"],
  [{ service: NONE }, "because no service control policy allows the kms:Encrypt action"],
  [{ caller: "build", session: DENIED }, "with an explicit deny in a session policy"],
  [{ boundary: [deny("kms:*")] }, "with an explicit deny in a permissions boundary"],
  [{ service: DENIED }, "with an explicit deny in a service control policy"],
  [{ resource: DENIED }, "with an explicit deny in a resource control policy"],
  [{ identity: [deny("kms:*")] }, "with an explicit deny in an identity-based policy"],
  [{ key: [deny("kms:*", "everyone")], grants: [PRINCIPALS.alice] }, "with an explicit deny in a resource-based policy"],
  [{ key: [allow("kms:*", "bob")], grants: [PRINCIPALS.bob] }, "because no resource-based policy allows the kms:Encrypt action"],
])("%j: %s", (scene, rest) => {
  const decision = evaluate(requestOf(scene));
  if (decision.allowed) throw new Error("allowed");
  const fault = refusal(decision, { callerArn: ALICE, action: "kms:Encrypt", resource: KEY, foreign: false });
  expect(fault.message).toBe(`User: ${ALICE} is not authorized to perform: kms:Encrypt on resource: ${KEY} ${rest}`);
});

test("a grant is of the resource's side, if one should ever refuse", () => {
  const side: Side = "grant";
  const fault = refusal(
    { allowed: false, because: "implicit", side },
    { callerArn: ALICE, action: "kms:Sign", resource: KEY, foreign: false },
  );
  expect(fault.message).toMatch(/because no resource-based policy allows the kms:Sign action$/);
});
