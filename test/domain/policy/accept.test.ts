import { expect, test } from "vitest";
import { acceptPolicy, requirePolicyName, requireWritablePolicyName } from "#domain/policy/accept";
import { defaultKeyPolicy } from "#domain/policy/default-policy";
import { allow, CALLERS, DELEGATES, document, type Element, OWN, PRINCIPALS, type Says, saying } from "./cast.ts";

const IDS: Readonly<Record<string, string>> = { [PRINCIPALS.alice]: "AIDAALICE", [PRINCIPALS.Builder]: "AROABUILDER" };
const INVALID = "Policy contains a statement with one or more invalid principals.";
const LOCKED = "The new key policy will not allow you to update the key policy in the future.";

interface Offer {
  readonly statements?: readonly Element[];
  readonly says?: Says;
  readonly bypass?: boolean;
  readonly anyPrincipal?: boolean;
  readonly region?: string;
}

const offer = ({ statements, says, bypass = false, anyPrincipal = false, region = "us-east-1" }: Offer) =>
  acceptPolicy({
    text: statements && document(statements),
    region,
    caller: CALLERS.alice,
    ...(says && { context: saying(says) }),
    bypassLockoutCheck: bypass,
    idOf: anyPrincipal ? undefined : async (arn) => IDS[arn],
  });

test("without a policy a key gets the default one, of its Region's partition", async () => {
  expect(await offer({})).toEqual({ policy: defaultKeyPolicy(OWN, "aws"), principals: {} });
  expect(await offer({ region: "cn-north-1" })).toEqual({ policy: defaultKeyPolicy(OWN, "aws-cn"), principals: {} });
});

test("a policy is kept as it is written, with the ids of the users and roles that it names", async () => {
  const statements = [DELEGATES, allow("kms:*", ["alice", "Builder", "everyone", "other account"])];
  expect(await offer({ statements })).toEqual({ policy: document(statements), principals: IDS });
});

// IAM User Guide, "Principal": only users and roles are kept by IAM, and only they turn into ids.
test.each<[string, Element, "kept" | "refused"]>([
  ["a user who is not there", { Principal: { AWS: PRINCIPALS.bob } }, "refused"],
  ["a role that is not there", { Principal: { AWS: PRINCIPALS["other Builder"] } }, "refused"],
  [
    "somebody who is not there, by NotPrincipal",
    { Principal: undefined, NotPrincipal: { AWS: PRINCIPALS.bob }, Effect: "Deny" },
    "refused",
  ],
  ["a session, which comes and goes", { Principal: { AWS: PRINCIPALS["build-1"] } }, "kept"],
  ["a federated user, who comes and goes", { Principal: { AWS: PRINCIPALS.Frida } }, "kept"],
  ["a service", { Principal: { Service: "logs.amazonaws.com" } }, "kept"],
  ["another account", { Principal: { AWS: PRINCIPALS["other account id"] } }, "kept"],
])("%s", async (_, more, expected) => {
  const statements = [DELEGATES, allow("kms:Sign", undefined, more)];
  if (expected === "kept") expect(await offer({ statements })).toEqual({ policy: document(statements), principals: {} });
  else await expect(offer({ statements })).rejects.toThrow(INVALID);
  expect((await offer({ statements, anyPrincipal: true })).principals).toEqual({});
});

test("a policy that locks its author out is refused, unless the author insists", async () => {
  const statements = [allow("kms:Sign", "account")];
  await expect(offer({ statements })).rejects.toThrow(LOCKED);
  expect(await offer({ statements, bypass: true })).toEqual({ policy: document(statements), principals: {} });
});

test("the author's conditions are believed as far as the call shows them", async () => {
  const statements = [allow("kms:*", "account", { Condition: { Bool: { "aws:SecureTransport": "true" } } })];
  expect(await offer({ statements, says: { "aws:SecureTransport": "true" } })).toMatchObject({ policy: document(statements) });
  await expect(offer({ statements, says: { "aws:SecureTransport": "false" } })).rejects.toThrow(LOCKED);
  await expect(offer({ statements })).rejects.toThrow(LOCKED);
});

test("what is no policy is refused, even if its author insists", async () => {
  await expect(offer({ statements: [], bypass: true })).rejects.toThrow("Syntax errors in policy.");
});

test("a key has one policy, default; only RAM writes another", () => {
  for (const require of [requirePolicyName, requireWritablePolicyName]) {
    expect(() => require("default")).not.toThrow();
    expect(() => require("Default")).toThrow("No such policy exists");
  }
  expect(() => requirePolicyName("AWS_RAM")).toThrow("No such policy exists");
  expect(() => requireWritablePolicyName("AWS_RAM")).toThrow("The AWS_RAM policy can only be managed by the RAM service.");
});
