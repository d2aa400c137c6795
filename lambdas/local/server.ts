import {
  createServer,
  type ServerOptions as HttpOptions,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import type { OperatorLog } from "#pipeline";
import { type Dispatcher, LARGEST_BODY } from "#pipeline/dispatch";
import type { HttpRequest, HttpResponse } from "#wire/http";
import { requestId } from "#wire/request-id";
import type { Beside, Page } from "./beside.ts";
import { directPeer, type PeerOf } from "./peer.ts";
import type { Tls } from "./tls.ts";
import { VERSION } from "./version.ts";

/** How long clients may take, in milliseconds. What is late is answered 408 by Node. */
export interface Timeouts {
  /** For a whole request, headers and body. */
  readonly request: number;
  readonly headers: number;
  /** How often connections are looked through for late ones. */
  readonly check: number;
}

const TIMEOUTS: Timeouts = { request: 10_000, headers: 5_000, check: 1_000 };
/** Longer than the SDKs keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE = 65_000;
/** Connections at once; beyond them a new one is closed unheard. Each takes some 20 KB. */
const MOST_CONNECTIONS = 10_000;
/** Calls in flight have this long to finish when the server stops. */
const GRACE = 3_000;
/** Stands for every body that is too large: the dispatcher refuses it by its length. */
const TOO_LARGE = Buffer.alloc(LARGEST_BODY + 1);

export interface Listening {
  readonly url: string;
  /** Finishes the calls in flight and closes. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** Other processes listen there, too. */
  readonly shared?: boolean;
  readonly dispatch: Dispatcher;
  /** What is served beside the API; the first that takes a request answers it. */
  readonly beside?: readonly Beside[];
  readonly operator: OperatorLog;
  readonly timeouts?: Timeouts;
  /** Serves HTTPS, and nothing else. */
  readonly tls?: Tls | undefined;
  /** By default the other end of the connection is the client. */
  readonly peerOf?: PeerOf;
}

/** Listens; the address is the one it really got. */
export async function listen(options: ServerOptions): Promise<Listening> {
  const { host, port, shared: reusePort = false, dispatch, beside = [], operator, timeouts = TIMEOUTS, tls, peerOf = directPeer } = options;
  let stopping = false;
  let inFlight = 0;
  const server = serverOf(tls)(
    {
      requestTimeout: timeouts.request,
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: timeouts.check,
      keepAliveTimeout: KEEP_ALIVE,
      noDelay: true,
    },
    (request, response) => {
      inFlight += 1;
      response.on("close", () => {
        inFlight -= 1;
        if (stopping && inFlight === 0) server.closeAllConnections();
      });
      serve(request, response).catch((cause: unknown) => {
        operator.error("request failed", { cause: String(cause) });
        response.destroy();
      });
    },
  );

  server.maxConnections = MOST_CONNECTIONS;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === undefined) return;
    send(response, await answerTo(requestOf(request, body, peerOf)));
  }

  async function answerTo(request: HttpRequest): Promise<HttpResponse> {
    for (const take of beside) {
      const page = take(request);
      if (page !== undefined) return answerOf(await page);
    }
    return dispatch(request);
  }

  function send(response: ServerResponse, { status, headers, body }: HttpResponse): void {
    // Asked now, not when the call came: its connection would outlive it.
    if (stopping) response.setHeader("Connection", "close");
    response.writeHead(status, headers);
    response.end(body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, reusePort }, resolve);
  });
  const { port: got } = server.address() as AddressInfo;
  const name = tls?.nameOf(host) ?? host;
  return {
    url: `${tls ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${got}`,
    stop() {
      stopping = true;
      // Connections that have sent nothing yet are not idle to Node.
      if (inFlight === 0) server.closeAllConnections();
      return close(server);
    },
  };
}

const answerOf = ({ status, type, body }: Page): HttpResponse => ({
  status,
  headers: { "Content-Type": type, "x-amzn-RequestId": requestId(new Date()), "x-trent-version": VERSION },
  body,
});

/** Node's own way to make a server, or the same for HTTPS. */
function serverOf(tls: Tls | undefined): (options: HttpOptions, listener: RequestListener) => Server | TlsServer {
  if (!tls) return createServer;
  const secure = { cert: tls.cert, key: tls.key, minVersion: "TLSv1.2", handshakeTimeout: TIMEOUTS.request } as const;
  return (options, listener) => createTlsServer({ ...options, ...secure }, listener);
}

/**
 * The body, or one that is too large as soon as it is; undefined when the client went away.
 *
 * What comes beyond the limit is read and thrown away, as long as a request may take: closing on a client that still writes would cost it the
 * answer.
 */
function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LARGEST_BODY) chunks.push(chunk);
      else {
        chunks = [];
        resolve(TOO_LARGE);
      }
    });
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined));
  });
}

function requestOf({ method = "", url = "", rawHeaders, socket }: IncomingMessage, body: Buffer, peerOf: PeerOf): HttpRequest {
  const headers = new Map<string, string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = rawHeaders[i + 1] as string;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  const mark = url.indexOf("?");
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers,
    body,
    peer: peerOf(socket.remoteAddress ?? "", headers.get("x-forwarded-for")),
    ...(socket instanceof TLSSocket && { tls: { version: socket.getProtocol() ?? "", cipher: socket.getCipher().name } }),
  };
}

function close(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), GRACE);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
