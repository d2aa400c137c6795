/**
 * OpenID Connect providers on a real socket: each host name under which one is asked has a behaviour of its own.
 *
 * A provider is asked over https by its name; what asks for it here is sent to the socket instead.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { Fetch } from "../../lambdas/issuers/fetch-json.ts";

export type Behaviour = (request: IncomingMessage, response: ServerResponse, path: string) => void;

export interface ProviderServer {
  readonly fetch: Fetch;
  /** What was asked for, in order. */
  readonly asked: string[];
  /** Hosts that behave in another way than answering their discovery document and keys. */
  readonly behaviours: Map<string, Behaviour>;
  /** Hosts and the keys that they publish. */
  readonly keys: Map<string, object[]>;
  stop(): Promise<void>;
}

export async function startProviders(): Promise<ProviderServer> {
  const asked: string[] = [];
  const behaviours = new Map<string, Behaviour>();
  const keys = new Map<string, object[]>();
  const server = createServer((request, response) => {
    const [, host = "", ...rest] = (request.url ?? "").split("/");
    const path = `/${rest.join("/")}`;
    asked.push(`${host}${path}`);
    const behave = behaviours.get(host) ?? usual(host, keys);
    behave(request, response, path);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ asked, behaviours, keys },
    fetch: (url, init) => fetch(`http://127.0.0.1:${port}/${url.host}${url.pathname}`, init),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As OpenID Connect Discovery has it. */
export const usual =
  (host: string, keys: ReadonlyMap<string, object[]>): Behaviour =>
  (_, response, path) => {
    const issuer = `https://${host}${path.replace("/.well-known/openid-configuration", "")}`;
    json(response, path.endsWith("/jwks") ? { keys: keys.get(host) ?? [] } : { issuer, jwks_uri: `https://${host}/jwks` });
  };

export function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export interface Signer {
  readonly jwk: object;
  sign(claims: JWTPayload, header?: object): Promise<string>;
}

/** A provider's key, and tokens made with it. */
export async function newSigner(alg = "RS256", kid: string | undefined = "key-1"): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), alg, use: "sig", ...(kid !== undefined && { kid }) },
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, ...(kid !== undefined && { kid }), ...header }).sign(privateKey),
  };
}
