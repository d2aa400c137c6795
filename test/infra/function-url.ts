import { Readable } from "node:stream";
import type { LambdaReply } from "#lambda";

/** A request as the SDK hands it to its HTTP client: signed. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The event that a function URL makes of a request. Content types that it does not know as text travel as base64. */
export function eventOf({ method, path, headers, query = {}, body = "" }: SdkRequest) {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    requestContext: {
      domainName: headers["host"],
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "test" },
    },
    body: Buffer.from(typeof body === "string" ? body : new Uint8Array(body)).toString("base64"),
    isBase64Encoded: true,
  };
}

export type FunctionUrlEvent = ReturnType<typeof eventOf>;

/** Reaches a function with any event. */
export type Invoke = (event: unknown) => Promise<LambdaReply>;

/** What a client of the SDK sends its requests through: a gateway that may change them on the way, and a function behind it. */
export const through = (invoke: Invoke, gateway: (event: FunctionUrlEvent) => unknown = (event) => event) => ({
  async handle(request: SdkRequest) {
    const { statusCode, headers, body } = await invoke(gateway(eventOf(request)));
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return { response: { statusCode, headers: lower, body: Readable.from([Buffer.from(body)]) } };
  },
});
