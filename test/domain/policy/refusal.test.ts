import { expect, test } from "vitest";
import { refusal } from "#domain/policy/refusal";
import { ADMIN, allow, CONDITION, DELEGATES, decide, deny, KEY, OWN, type Row } from "./cast.ts";

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
  ["not understood on the key's side reads like a missing one", ["", [allow("kms:*", "alice", CONDITION)], [ADMIN], "alice", "kms:Sign", ""], ALICE, `is not authorized to perform: kms:Sign on resource: ${KEY} because no resource-based policy allows the kms:Sign action`],
  ["not understood on the identity's side reads like a missing one", ["", [DELEGATES], [{ ...ADMIN, ...CONDITION }], "alice", "kms:Sign", ""], ALICE, `is not authorized to perform: kms:Sign on resource: ${KEY} because no identity-based policy allows the kms:Sign action`],
])("%s", (_, row, callerArn, rest) => expect(text(row, callerArn)).toBe(`AccessDeniedException: User: ${callerArn} ${rest}`));

test("7: of another account's key one text says everything, whatever the reason, and does not name it", () => {
  const reasons: Row[] = [
    ["not named", [DELEGATES], [ADMIN], "eve", "kms:Decrypt", ""],
    ["no identity policy", [allow("kms:*", "other account")], [], "eve", "kms:Decrypt", ""],
    ["denied by the key policy", [deny("kms:*", "everyone")], [ADMIN], "eve", "kms:Decrypt", ""],
    ["denied by the identity policy", [allow("kms:*", "eve")], [deny("kms:*")], "eve", "kms:Decrypt", ""],
    ["not understood", [allow("kms:*", "eve", CONDITION)], [ADMIN], "eve", "kms:Decrypt", ""],
  ];
  expect(new Set(reasons.map((row) => text(row, "arn:aws:iam::444455556666:user/eve", true)))).toEqual(
    new Set([
      "AccessDeniedException: User: arn:aws:iam::444455556666:user/eve is not authorized to perform: kms:Decrypt on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
    ]),
  );
});
