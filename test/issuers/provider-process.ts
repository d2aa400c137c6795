/**
 * An OpenID Connect provider for a server that is a process of its own: it has the provider's real name, and a certificate for it. A proxy leads
 * there, and variables tell Node of both; the server itself is as it ships.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JWTPayload } from "jose";
import { selfSigned } from "../local/tls-certificate.ts";
import { newSigner, usual } from "./provider.ts";

export interface ProviderProcess {
  /** What the server's process is to have in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where a job asks for its token, as GitHub's runners have it: `{ "value": … }` for `&audience=…`. */
  readonly tokenUrl: string;
  stop(): Promise<void>;
}

export async function startProviderProcess(host: string, claims: JWTPayload): Promise<ProviderProcess> {
  const signer = await newSigner();
  const folder = mkdtempSync(join(tmpdir(), "trent-provider-"));
  const { cert, key } = selfSigned([host]);
  writeFileSync(join(folder, "ca.pem"), cert);
  const answers = usual(host, new Map([[host, [signer.jwk]]]));
  const provider = createTlsServer({ cert, key }, (request, response) => answers(request, response, request.url ?? "/"));
  const at = await listening(provider);

  const proxy = createServer(async (request, response) => {
    const now = Math.floor(Date.now() / 1000);
    const aud = new URL(request.url ?? "/", "http://runner").searchParams.get("audience") ?? "";
    const value = await signer.sign({ iss: `https://${host}`, aud, iat: now, nbf: now, exp: now + 300, ...claims });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ value }));
  });
  proxy.on("connect", (request, client) => {
    if (request.url !== `${host}:443`) return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const behind = connect(at, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      behind.pipe(client).pipe(behind);
    });
    for (const [one, other] of [[client, behind] as const, [behind, client] as const]) one.on("error", () => other.destroy());
    return undefined;
  });
  const port = await listening(proxy);

  return {
    env: { HTTPS_PROXY: `http://127.0.0.1:${port}`, NODE_USE_ENV_PROXY: "1", NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
    tokenUrl: `http://127.0.0.1:${port}/token?job=1`,
    async stop() {
      proxy.closeAllConnections();
      provider.closeAllConnections();
      await Promise.all([proxy, provider].map((server) => new Promise((resolve) => server.close(resolve))));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
