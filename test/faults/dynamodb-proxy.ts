/** A way to DynamoDB on which things go wrong: an HTTP proxy on the loopback address. */
import { once } from "node:events";
import { type ClientRequest, createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** What a client asks for. */
export interface Asked {
  /** `PutItem` */
  readonly action: string;
  readonly table: string;
}

/**
 * What becomes of a request.
 *
 * - `pass`; `slow`: later, by so many milliseconds; `late`: it is done at once, and answered so much later.
 * - `throttled`, `failing`: refused by DynamoDB; `reset`, `swallowed`: it never gets there, which shows at once, or not at all.
 * - `lost`, `cut`: it is done, and its answer lost, wholly or in the middle; `twice`: it is done twice, and the second answered.
 * - `nonsense`: something else answers.
 */
export type Fate =
  | "pass"
  | { readonly slow: number }
  | { readonly late: number }
  | "throttled"
  | "failing"
  | "reset"
  | "swallowed"
  | "lost"
  | "cut"
  | "twice"
  | "nonsense";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** More than DynamoDB takes. */
const LARGEST = 16 * 1024 * 1024;

export type FaultProxy = Awaited<ReturnType<typeof startProxy>>;

export async function startProxy(target: string) {
  const { hostname, port } = new URL(target);
  let fateOf: (asked: Asked) => Fate = () => "pass";

  function forward(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { method, url: path, headers } = incoming;
      const outgoing: ClientRequest = request({ hostname, port, method, path, headers }, (answer) => {
        read(answer).then(
          (read) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: read }),
          (cause: Error) => reject(cause),
        );
      });
      outgoing.on("error", reject).end(body);
    });
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(incoming);
    const fate = fateOf(askedBy(incoming, body));
    const passed = async (): Promise<void> => reply(response, await forward(incoming, body));
    if (typeof fate === "object" && "slow" in fate) {
      await pause(fate.slow, undefined, { ref: false });
      return passed();
    }
    if (typeof fate === "object") {
      const answer = await forward(incoming, body);
      await pause(fate.late, undefined, { ref: false });
      return reply(response, answer);
    }
    switch (fate) {
      case "pass":
        return passed();
      case "throttled":
        return reply(response, errorOf(400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"));
      case "failing":
        return reply(response, errorOf(500, "com.amazonaws.dynamodb.v20120810#InternalServerError"));
      case "nonsense":
        return reply(response, { status: 200, headers: { "content-type": "text/html" }, body: Buffer.from("<html>Welcome</html>") });
      case "reset":
        return void response.destroy();
      case "swallowed":
        return;
      case "lost":
        await forward(incoming, body);
        return void response.destroy();
      case "cut": {
        const { status, headers, body: whole } = await forward(incoming, body);
        response.writeHead(status, { ...headers, "content-length": whole.length + 10 });
        response.write(whole, () => response.destroy());
        return;
      }
      case "twice":
        await forward(incoming, body);
        return passed();
    }
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** From now on; by default all is well again. */
    strike(next: (asked: Asked) => Fate = () => "pass"): void {
      fateOf = next;
    },
    stop(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > LARGEST) throw new Error("Too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function askedBy({ headers }: IncomingMessage, body: Buffer): Asked {
  const { TableName: table = "" } = JSON.parse(body.toString());
  return { action: String(headers["x-amz-target"]).replace(/^.*\./, ""), table };
}

const errorOf = (status: number, __type: string): Answer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: Buffer.from(JSON.stringify({ __type, message: "Try again." })),
});

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  const { "transfer-encoding": _, ...kept } = headers;
  response.writeHead(status, { ...kept, "content-length": body.length }).end(body);
}
