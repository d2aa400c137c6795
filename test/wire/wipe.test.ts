import { describe, expect, it } from "vitest";
import { FACES } from "#faces";
import { awsJson } from "#pipeline/aws-json";
import { blob, required, string, structure } from "#wire/shape";
import { wipe } from "#wire/wipe";

const shape = structure({ Plaintext: required(blob({ sensitive: true })), CiphertextBlob: blob(), Name: string() });

describe("sensitive blobs", () => {
  it("are overwritten, and nothing else is", () => {
    const value = { Plaintext: Buffer.from("secret"), CiphertextBlob: Buffer.from("sealed"), Name: "orders" };
    wipe(shape, value);
    expect(value).toEqual({ Plaintext: Buffer.alloc(6), CiphertextBlob: Buffer.from("sealed"), Name: "orders" });
  });

  it("that are not there do not matter", () => {
    for (const value of [undefined, null, {}, { Plaintext: undefined }]) expect(() => wipe(shape, value)).not.toThrow();
    expect(() => wipe(undefined, { Plaintext: Buffer.from("x") })).not.toThrow();
  });

  it.each(["after", "onError"] as const)("of a call are gone with its answer (%s)", async (step) => {
    const encrypt = FACES[0]?.operations["Encrypt"];
    if (!encrypt) throw new Error("There is no Encrypt.");
    const input = { Plaintext: Buffer.from("secret") };
    const deps = { version: "0", wallClock: () => new Date(), operator: { error() {} } };
    const event = { http: { headers: new Map() }, requestId: "id", input, caller: {}, keys: {} };
    const response = { CiphertextBlob: Buffer.from("sealed"), KeyId: "k", EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
    await awsJson(encrypt, deps as never)[step]?.({ event, response, error: new Error("x") } as never);
    expect(input.Plaintext).toEqual(Buffer.alloc(6));
  });
});
