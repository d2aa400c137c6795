/** The roots in Secrets Manager: by the real client, against an endpoint that answers as that service does. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fingerprint, randomBytes, secretKey } from "@trent/crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RootUnusable } from "#roots/root";
import { rootsFromSecrets, rootsFromSecretsManager } from "#roots/secrets-manager";

const secrets = new Map<string, string>();
/** Names of the secrets that were asked for. */
const asked: string[] = [];
let server: Server;
let endpoint = "";
let away = false;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { SecretId: name } = JSON.parse(Buffer.concat(chunks).toString());
      asked.push(name);
      const text = secrets.get(name);
      response.setHeader("Content-Type", "application/x-amz-json-1.1");
      response.statusCode = text === undefined || away ? 400 : 200;
      const refusal = { __type: away ? "AccessDeniedException" : "ResourceNotFoundException", message: "no" };
      response.end(JSON.stringify(response.statusCode === 200 ? { Name: name, SecretString: text } : refusal));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  secrets.clear();
  asked.length = 0;
  away = false;
});

const client = () => ({ endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 });
const given = (material?: string) => rootsFromSecretsManager({ control: "trent/root/control", material, client: client() });

describe("a root in Secrets Manager", () => {
  it.each(["hex", "base64"] as const)("is 32 bytes in %s, and white space around them does not matter", async (encoding) => {
    const bytes = randomBytes(32);
    secrets.set("trent/root/control", ` ${bytes.toString(encoding)}\n`);
    expect(fingerprint(await given().control())).toBe(fingerprint(secretKey(Buffer.from(bytes))));
  });

  it("is fetched when it is needed, once, and apart from the other", async () => {
    secrets.set("trent/root/control", randomBytes(32).toString("hex"));
    secrets.set("trent/root/material", randomBytes(32).toString("hex"));
    const roots = given("trent/root/material");
    expect(asked).toEqual([]);
    await Promise.all([roots.control(), roots.control()]);
    expect(asked).toEqual(["trent/root/control"]);
    await roots.material();
    await roots.control();
    expect(asked).toEqual(["trent/root/control", "trent/root/material"]);
  });

  it("is asked for again when it could not be had", async () => {
    secrets.set("trent/root/control", randomBytes(32).toString("hex"));
    away = true;
    const roots = given();
    await expect(roots.control()).rejects.toThrow();
    away = false;
    await roots.control();
    expect(asked).toHaveLength(2);
  });

  it.each([
    ["nothing", ""],
    ["too little", randomBytes(31).toString("hex")],
    ["too much", randomBytes(33).toString("base64")],
    ["a password", "correct horse battery staple, correct horse battery staple, enough!"],
    ["64 characters, not all of them hexadecimal", `${"a".repeat(63)}g`],
    ["JSON", JSON.stringify({ key: randomBytes(32).toString("hex") })],
    ["base64 that is not whole", randomBytes(32).toString("base64").slice(0, -1)],
  ])("is refused when it is %s, without showing it", async (_, text) => {
    secrets.set("trent/root/control", text);
    const refusal: Error = await given()
      .control()
      .then(
        () => new Error("It was taken."),
        (cause: Error) => cause,
      );
    expect(refusal).toBeInstanceOf(RootUnusable);
    expect(refusal.message).toBe("The secret trent/root/control holds no root: it must be 64 hexadecimal digits, or base64 of 32 bytes.");
    expect(refusal.cause).toBeUndefined();
  });

  it("is two: one secret for both is refused, and what a function was not given it cannot have", async () => {
    expect(() => given("trent/root/control")).toThrow(RootUnusable);
    await expect(given().material()).rejects.toThrow("This function was not given the material root.");
    expect(asked).toEqual([]);
  });

  it("is named by the function's variables", async () => {
    secrets.set("c", randomBytes(32).toString("hex"));
    const variables = {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const roots = rootsFromSecrets({ TRENT_ROOT_CONTROL: "c", TRENT_ROOT_MATERIAL: "" });
    await roots.control();
    expect(asked).toEqual(["c"]);
    await expect(roots.material()).rejects.toThrow(RootUnusable);
    expect(() => rootsFromSecrets({})).toThrow("TRENT_ROOT_CONTROL is not set");
  });
});
