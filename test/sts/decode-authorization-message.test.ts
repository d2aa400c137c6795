import { DecodeAuthorizationMessageCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { type Service, startService } from "../service.ts";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe("DecodeAuthorizationMessage", () => {
  it("finds no message to be ours, since refusals are answered in plain words", async () => {
    const call = service.sts().send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "4f5dS-encoded-elsewhere" }));
    expect(await refusal(call)).toEqual({ name: "InvalidAuthorizationMessageException", text: "Message is not valid", status: 400 });
  });

  it("asks for the permission, and for a message of a length", async () => {
    const bare = service.sts(await service.user("bare")).send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "any" }));
    expect(await refusal(bare)).toMatchObject({ name: "AccessDenied", status: 403 });
    const long = service.sts().send(new DecodeAuthorizationMessageCommand({ EncodedMessage: "x".repeat(10_241) }));
    expect(await refusal(long)).toMatchObject({ name: "ValidationError", status: 400 });
  });
});
