/** Beyond loopback: HTTPS, and proxies that end it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageAt } from "#local/beside";
import { optionsOf } from "#local/options";
import { networksIn, type PeerOf, peerBehind } from "#local/peer";
import { listen } from "#local/server";
import { tlsFrom } from "#local/tls";
import { type Credentials, HOME, type Service, startService } from "../service.ts";
import { newFolder, profileOf, serve, stop, trent } from "./command.ts";
import { type Certified, selfSigned } from "./tls-certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "trent-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, { cert, key }: Certified) {
  const paths = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  writeFileSync(paths.cert, cert);
  writeFileSync(paths.key, key);
  return paths;
}

const local = selfSigned(["localhost", "127.0.0.1"]);
const named = selfSigned(["kms.example.test", "*.example.test"]);
const paths = written("local", local);
const trusting = { httpsAgent: new Agent({ ca: local.cert }) };

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** Another door to the service: the record that a call through it leaves. */
async function recordThrough(
  door: Partial<Parameters<typeof listen>[0]>,
  headers: Readonly<Record<string, string>> = {},
  credentials: Credentials = service.administrator,
) {
  const operator = { error: () => undefined, warn: () => undefined, debug: () => undefined };
  const { dispatch } = service.host;
  const listening = await listen({ host: "127.0.0.1", port: 0, dispatch, operator, ...door });
  const kms = new KMSClient({ endpoint: listening.url, region: HOME, credentials, maxAttempts: 1, requestHandler: trusting });
  kms.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { readonly headers: object }).headers, headers);
      return next(args);
    },
    { step: "build" },
  );
  try {
    const { $metadata } = await kms.send(new ListKeysCommand({}));
    return (await service.records($metadata.requestId)).at(-1)?.record;
  } finally {
    kms.destroy();
    await listening.stop();
  }
}

describe("over TLS", () => {
  it("calls are answered, and their records tell the version and the cipher", async () => {
    const record = await recordThrough({ tls: tlsFrom(paths) });
    expect(record.tls).toEqual(["TLSv1.3", "TLS_AES_256_GCM_SHA384"]);
    expect(record.h).toMatch(/^127\.0\.0\.1:/);
    expect((await recordThrough({})).tls).toBeUndefined();
  });

  it("nothing older than TLS 1.2 is spoken", async () => {
    const { dispatch } = service.host;
    const operator = { error: () => undefined, warn: () => undefined, debug: () => undefined };
    const beside = [pageAt("/healthz", async () => ({ status: 200, type: "text/plain", body: "" }))];
    const listening = await listen({ host: "127.0.0.1", port: 0, dispatch, beside, operator, tls: tlsFrom(paths) });
    const ask = (maxVersion: "TLSv1.1" | "TLSv1.2") =>
      new Promise((resolve) => {
        const asking = request(`${listening.url}/healthz`, {
          ca: local.cert,
          minVersion: "TLSv1",
          maxVersion,
          ciphers: "DEFAULT@SECLEVEL=0",
          agent: false,
        });
        asking.on("response", ({ statusCode }) => resolve(statusCode)).on("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
        asking.end();
      });
    expect(await ask("TLSv1.2")).toBe(200);
    expect(await ask("TLSv1.1")).toMatch(/^(EPROTO|ERR_SSL)/);
    await listening.stop();
  });

  it("the command listens on any address, and its profile names what the certificate is for", async () => {
    const data = newFolder();
    const running = serve(data, ["--host", "0.0.0.0", "--tls-cert", paths.cert, "--tls-key", paths.key]);
    const url = await running.ready;
    expect(url).toMatch(/^https:\/\/localhost:\d+$/);
    expect(readFileSync(join(data, "aws", "config"), "utf8")).toContain(`endpoint_url = ${url}\n`);
    const endpoint = url.replace("localhost", "127.0.0.1");
    const kms = new KMSClient({ endpoint, region: HOME, credentials: profileOf(data), maxAttempts: 1, requestHandler: trusting });
    await kms.send(new ListKeysCommand({}));
    // Without TLS nothing is said.
    await expect(fetch(endpoint.replace("https", "http"))).rejects.toThrow();
    const status = await trent(["status", "--data", data, "--json"], { env: { NODE_EXTRA_CA_CERTS: paths.cert } }).ended;
    expect(JSON.parse(status.stdout)).toMatchObject({ endpoint: url, answers: true });
    expect((await stop(running)).code).toBe(0);
  });

  it.each([
    [local, "127.0.0.1", "127.0.0.1"],
    [local, "0.0.0.0", "localhost"],
    [named, "0.0.0.0", "kms.example.test"],
    [named, "api.example.test", "api.example.test"],
    [selfSigned(["*.example.test"]), "0.0.0.0", "0.0.0.0"],
  ])("%#: a server on %s is called by a name that its certificate is for", (certified, host, name) => {
    expect(tlsFrom(written("name", certified)).nameOf(host)).toBe(name);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["a certificate without its key", ["--tls-cert", paths.cert], /^trent: --tls-cert and --tls-key go together: give both\.\n$/],
    [
      "another's key",
      ["--tls-cert", paths.cert, "--tls-key", written("other", named).key],
      /are no certificate and its key, in PEM \(ERR_\w+\)\.\n$/,
    ],
    [
      "a key for a certificate",
      ["--tls-cert", paths.key, "--tls-key", paths.key],
      /are no certificate and its key, in PEM \(ERR_\w+\)\.\n$/,
    ],
    [
      "a file that is not there",
      ["--tls-cert", join(folder, "none"), "--tls-key", paths.key],
      /^trent: --tls-cert \S+none cannot be read \(ENOENT\)\.\n$/,
    ],
  ])("%s is told in one line, and no key with it", async (_, args, line) => {
    const { code, stderr, stdout } = await trent(["serve", "--port", "0", "--data", newFolder(), ...args]).ended;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain("PRIVATE");
  });
});

describe("behind a proxy", () => {
  const proxies = "10.0.0.0/8, 192.0.2.7, 2001:db8::/32";
  const cases: readonly [string, string, string | undefined, string][] = [
    ["without the header, it is the proxy", "10.1.2.3", undefined, "10.1.2.3"],
    ["it is who the proxy says", "10.1.2.3", "203.0.113.9", "203.0.113.9"],
    ["what stands to the left is hearsay", "10.1.2.3", "127.0.0.1, 6.6.6.6, 203.0.113.9", "203.0.113.9"],
    ["proxies on the way are passed by", "10.1.2.3", "6.6.6.6, 203.0.113.9,192.0.2.7 , 10.9.9.9", "203.0.113.9"],
    ["nobody else is believed", "203.0.113.1", "127.0.0.1", "203.0.113.1"],
    ["nor a neighbour of a proxy", "192.0.2.8", "127.0.0.1", "192.0.2.8"],
    ["when all are proxies, it is the first", "10.1.2.3", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["nobody is at home on this machine who is seen from another", "10.1.2.3", "127.0.0.1", "10.1.2.3"],
    ["nor beyond several", "10.1.2.3", "::1, 10.9.9.9", "10.9.9.9"],
    ["garbage ends the search", "10.1.2.3", "203.0.113.9, unknown, 10.9.9.9", "10.9.9.9"],
    ["so does nothing", "10.1.2.3", "203.0.113.9,", "10.1.2.3"],
    ["a port is no part of it", "10.1.2.3", "203.0.113.9:4711", "203.0.113.9"],
    ["nor are brackets", "10.1.2.3", "[2a00::1]:4711", "2a00::1"],
    ["IPv6 proxies are proxies too", "2001:db8::1", "2a00::1", "2a00::1"],
    ["IPv4 is IPv4 in an IPv6 socket", "::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"],
    ["and in the header", "10.1.2.3", "203.0.113.9, ::ffff:10.0.0.1", "203.0.113.9"],
  ];

  it.each(cases)("%s", (_, address, forwardedFor, peer) => {
    expect(peerBehind(networksIn(proxies))(address, forwardedFor)).toBe(peer);
  });

  it("the address in the record is the client's; without the option the header is only a header", async () => {
    const headers = { "X-Forwarded-For": "6.6.6.6, 203.0.113.9" };
    const peerOf: PeerOf = peerBehind(networksIn("127.0.0.0/8"));
    expect((await recordThrough({ peerOf }, headers)).ip).toBe("203.0.113.9");
    expect((await recordThrough({}, headers)).ip).toBe("127.0.0.1");
  });

  it("the command listens beyond loopback", async () => {
    const running = serve(newFolder(), ["--host", "0.0.0.0", "--behind-proxy", "127.0.0.1,10.0.0.0/8"]);
    expect(await running.ready).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
    await stop(running);
  });

  it.each(["", "10.0.0.0/33", "10.0.0.0/0", "::/0", "10.0.0", "10.0.0.0/8/8", "example.com", "10.0.0.0/8,", "10.0.0.0/-1"])(
    "'%s' names no network of proxies",
    (cidr) => {
      const line = /^--behind-proxy: '.*' is no network of proxies: write it as 10\.1\.2\.0\/24, several with commas\.$/;
      expect(() => optionsOf(["--behind-proxy", cidr], {})).toThrow(line);
      expect(() => optionsOf([], { TRENT_BEHIND_PROXY: cidr })).toThrow(line);
    },
  );

  it("neither option: only loopback", async () => {
    const { code, stderr } = await trent(["serve", "--port", "0", "--data", newFolder(), "--host", "0.0.0.0"]).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining("--behind-proxy")]);
  });
});
