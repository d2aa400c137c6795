/** OpenID Connect providers that do not behave, and how often they are asked. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../iam/refusal.ts";
import { claims, HOST, NO_KEY, rejected, startWebIdentity, type WebIdentityWorld } from "../sts/web-identity.ts";
import { json, newSigner, type ProviderServer } from "./provider.ts";

let world: WebIdentityWorld;
let providers: WebIdentityWorld["providers"];
let signer: WebIdentityWorld["signer"];
let register: WebIdentityWorld["register"];
let call: WebIdentityWorld["call"];
let roleFor: WebIdentityWorld["roleFor"];

beforeAll(async () => {
  world = await startWebIdentity();
  ({ providers, signer, register, call, roleFor } = world);
});
afterAll(() => world.stop());

describe("an identity provider", () => {
  const behaving = async (name: string, behave: Parameters<ProviderServer["behaviours"]["set"]>[1]) => {
    const host = `${name}.example.com`;
    await register(host, [signer.jwk]);
    providers.behaviours.set(host, behave);
    const RoleArn = (await roleFor(name, host)).arn;
    return async () => refusal(call(await signer.sign(claims({ iss: `https://${host}` })), { RoleArn }));
  };
  const unreachable = { name: "IDPCommunicationError", status: 400 };

  it("that never answers is given up after two seconds", async () => {
    const ask = await behaving("slow", () => undefined);
    const begun = performance.now();
    expect(await ask()).toMatchObject(unreachable);
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  it("that drips its answer is given up as well", async () => {
    const ask = await behaving("dripping", (request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 100);
      request.on("close", () => clearInterval(drip));
      response.on("close", () => clearInterval(drip));
    });
    expect(await ask()).toMatchObject(unreachable);
  });

  it("that answers without end is not read to it", async () => {
    let written = 0;
    const ask = await behaving("huge", (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (!response.destroyed && written < 64 * 1024 * 1024 && response.write("x".repeat(65_536))) written += 65_536;
        written += 65_536;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(await ask()).toEqual(rejected(NO_KEY));
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  it("that sends elsewhere is not followed", async () => {
    const ask = await behaving("redirecting", (_, response) => response.writeHead(302, { location: `https://${HOST}/jwks` }).end());
    const before = providers.asked.length;
    expect(await ask()).toEqual(rejected(NO_KEY));
    expect(providers.asked.slice(before)).toEqual(["redirecting.example.com/.well-known/openid-configuration"]);
  });

  it.each<readonly [string, Parameters<ProviderServer["behaviours"]["set"]>[1], object]>([
    ["broken", (_, response) => response.writeHead(500).end(), unreachable],
    ["hanging-up", (request) => request.socket.destroy(), unreachable],
    ["missing", (_, response) => response.writeHead(404).end(), rejected(NO_KEY)],
    ["talking", (_, response) => response.writeHead(200).end("<html>"), rejected(NO_KEY)],
    ["listing", (_, response) => json(response, []), rejected(NO_KEY)],
    [
      "calling-itself-otherwise",
      (_, response) => json(response, { issuer: `https://${HOST}`, jwks_uri: `https://${HOST}/jwks` }),
      rejected(NO_KEY),
    ],
    [
      "in-the-clear",
      (_, response) => json(response, { issuer: "https://in-the-clear.example.com", jwks_uri: "http://in-the-clear.example.com/jwks" }),
      rejected(NO_KEY),
    ],
    ["keyless", (_, response) => json(response, { issuer: "https://keyless.example.com" }), rejected(NO_KEY)],
    [
      "odd-keys",
      (_, response, path) =>
        json(
          response,
          path === "/jwks"
            ? { keys: [null, 1, "x"] }
            : { issuer: "https://odd-keys.example.com", jwks_uri: "https://odd-keys.example.com/jwks" },
        ),
      rejected(NO_KEY),
    ],
  ])("that is %s vouches for nobody", async (name, behave, expected) => {
    expect(await (await behaving(name, behave))()).toMatchObject(expected);
  });

  it("is asked once for many callers, and again for a key that it did not have, but not as often as anybody likes", async () => {
    const host = "rotating.example.com";
    const next = await newSigner("ES256", "key-2");
    await register(host, [signer.jwk]);
    const RoleArn = (await roleFor("rotating", host)).arn;
    const iss = `https://${host}`;
    const asked = () => providers.asked.filter((url) => url === `${host}/jwks`).length;
    const old = await signer.sign(claims({ iss }));
    const fresh = await next.sign(claims({ iss }));
    await Promise.all(Array.from({ length: 10 }, () => call(old, { RoleArn })));
    expect(asked()).toBe(1);

    providers.keys.set(host, [next.jwk]);
    for (let times = 0; times < 5; times += 1) expect(await refusal(call(fresh, { RoleArn }))).toEqual(rejected(NO_KEY));
    expect(asked()).toBe(1);
    world.wait(11_000);
    await Promise.all(Array.from({ length: 5 }, () => call(fresh, { RoleArn })));
    expect(asked()).toBe(2);
    // The old key was taken back.
    expect(await refusal(call(old, { RoleArn }))).toEqual(rejected(NO_KEY));
    world.wait(11 * 60_000);
    await call(fresh, { RoleArn });
    expect(asked()).toBe(3);
  });
});
