import { GetAccessKeyInfoCommand } from "@aws-sdk/client-sts";
import { randomBytes } from "@trent/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionKeyId } from "#domain/session-key-id";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Credentials, type Service, startService } from "../service.ts";
import { allow, assume, makeRole, trust } from "./sessions.ts";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const info = async (AccessKeyId: string, by?: Credentials) =>
  (await service.sts(by).send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account;

describe("GetAccessKeyInfo", () => {
  it("tells the account of a user's key, of any account", async () => {
    const other = await service.user("abroad", [], "444455556666");
    expect(await info(other.accessKeyId)).toBe("444455556666");
    expect(await info(service.administrator.accessKeyId)).toBe(ACCOUNT);
  });

  it("tells the account of a session's key by its id alone", async () => {
    const session = await assume(service.sts(), await makeRole(service, "any", { trust: trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }) }));
    expect(await info(session.accessKeyId)).toBe(ACCOUNT);
  });

  it("refuses a key that is nobody's", async () => {
    for (const id of ["AKIAUNKNOWN000000000", "ASIA777777777777777A", sessionKeyId("999999999999", randomBytes(8))])
      expect(await refusal(info(id))).toEqual({ name: "ValidationError", text: `Invalid Access Key ID: ${id}`, status: 400 });
    expect(await refusal(info("too-short"))).toMatchObject({ name: "ValidationError" });
  });

  it("asks for the permission", async () => {
    expect(await refusal(info(service.administrator.accessKeyId, await service.user("curious")))).toMatchObject({
      name: "AccessDenied",
      status: 403,
    });
    await info(service.administrator.accessKeyId, await service.user("permitted", [allow("sts:GetAccessKeyInfo")]));
  });
});
