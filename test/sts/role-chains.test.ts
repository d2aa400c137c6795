/** Roles that are assumed by sessions of roles: what goes along. */
import { CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { allow, assume, makeRole, type SessionCredentials, storedRole, trust, when } from "./sessions.ts";

let service: Service;
let KeyId: string | undefined;
const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const TRUSTS_ALL = trust(ROOT, { actions: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] });

beforeAll(async () => {
  service = await startService();
  KeyId = (await service.kms().send(new CreateKeyCommand({}))).KeyMetadata?.KeyId;
});
afterAll(() => service.stop());

const encrypt = (session: SessionCredentials) => service.kms(session).send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("text") }));

describe("a chain of roles", () => {
  const chainOf = async (name: string, first: object = {}, second: object = {}) => {
    const one = await makeRole(service, `${name}-1`, { trust: TRUSTS_ALL, policies: [allow("sts:*")] });
    const two = await makeRole(service, `${name}-2`, { trust: TRUSTS_ALL, policies: [allow("kms:*")], longestSession: 43_200 });
    return { two, by: await assume(service.sts(), one, first), next: (by: SessionCredentials) => assume(service.sts(by), two, second) };
  };

  it("lasts an hour at most", async () => {
    const { by, next } = await chainOf("hour", {}, { DurationSeconds: 3601 });
    expect(await refusal(next(by))).toEqual({
      name: "ValidationError",
      text: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
      status: 400,
    });
  });

  it("hands transitive tags on, and no others, and does not let them be changed", async () => {
    const Tags = [
      { Key: "Team", Value: "blue" },
      { Key: "Cost", Value: "1" },
    ];
    const { two, by } = await chainOf("tags", { Tags, TransitiveTagKeys: ["Team"] });
    const last = await assume(service.sts(by), two);
    const read = await storedRole(service, two);
    const condition = { StringEquals: { "aws:PrincipalTag/team": "blue" }, Null: { "aws:PrincipalTag/Cost": "true" } };
    await service.host.shared.principals.replaceRole(read, {
      ...read,
      inline: [{ name: "if", document: JSON.stringify(when(condition)) }],
    });
    await encrypt(last);
    expect(await refusal(assume(service.sts(by), two, { Tags: [{ Key: "team", Value: "red" }] }))).toMatchObject({
      name: "ValidationError",
    });
    expect(await refusal(assume(service.sts(by), two, { TransitiveTagKeys: ["Unknown"] }))).toMatchObject({ name: "ValidationError" });
  });

  it("keeps the source identity, asks each role for it, and does not let it be changed", async () => {
    const { two, by } = await chainOf("source", { SourceIdentity: "alice" });
    const last = await assume(service.sts(by), two);
    const { $metadata } = await service.sts(last).send(new GetCallerIdentityCommand());
    expect((await service.records($metadata.requestId))[0]?.record.c.so).toBe("alice");
    expect(await refusal(assume(service.sts(by), two, { SourceIdentity: "mallory" }))).toMatchObject({ name: "AccessDenied" });
    const strict = await makeRole(service, "strict", { trust: trust(ROOT) });
    expect((await refusal(assume(service.sts(by), strict))).text).toContain(
      "is not authorized to perform: sts:SetSourceIdentity on resource",
    );
  });
});
