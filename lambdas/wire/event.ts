/** Events that hold a request, one adapter for each way in which requests become events. */
import { Fault } from "#domain/fault";
import { blobFrom } from "./base64.ts";
import type { HttpRequest } from "./http.ts";

/** An object in an event. Attacker-controlled: anything may be in it. */
type Bag = Readonly<Record<string, unknown>>;

/** One way in which requests become events. */
interface EventShape {
  /** Says whether an event came this way, however badly made it is. */
  matches(event: Bag): boolean;
  /** Where this way puts the parts of a request. @throws {Fault} SerializationException */
  partsOf(event: Bag): { readonly [part in keyof Omit<HttpRequest, "tls"> | "isBase64"]: unknown };
}

/**
 * A Lambda function URL, or an HTTP API: payload format 2.0. Cookies are taken out of the headers on the way, and put back here.
 * @see AWS Lambda Developer Guide, "Invoking Lambda function URLs", request payload format
 */
const functionUrl: EventShape = {
  matches: ({ requestContext }) => isBag(requestContext) && "http" in requestContext,
  partsOf({ requestContext, rawPath, rawQueryString, headers, cookies, body, isBase64Encoded }) {
    const http = bagIn(bagIn(requestContext)["http"]);
    return {
      method: http["method"],
      path: rawPath,
      query: rawQueryString ?? "",
      headers: Array.isArray(cookies) ? { ...bagIn(headers), cookie: cookies.map(textIn).join("; ") } : headers,
      body,
      isBase64: isBase64Encoded,
      peer: http["sourceIp"],
      gatewayId: bagIn(requestContext)["requestId"],
    };
  },
};

/** The REST API: what the template in `lib/constructs/ingress/rest-templates.ts` makes of a request, with the headers that it knows by name. */
const rest: EventShape = {
  matches: ({ via }) => via === "rest",
  partsOf: ({ method, path, query, headers, body, peer, id }) => ({
    method,
    path,
    query,
    headers,
    body,
    isBase64: true,
    peer,
    gatewayId: id,
  }),
};

const SHAPES: readonly EventShape[] = [functionUrl, rest];

/**
 * The request as its client sent it, with undone what gateways do to one: names of headers come in any letter case, an absent header may come
 * as an empty text, and Content-Length, which SDKs sign, may be gone; it is the length of the body. How the connection was encrypted, none says.
 * @throws {Fault} SerializationException when the event holds no whole request.
 */
export function requestOf(event: unknown): HttpRequest {
  const bag = bagIn(event);
  const shape = SHAPES.find(({ matches }) => matches(bag));
  if (!shape) throw unreadable();
  const { method, path, query, headers, body, isBase64, peer, gatewayId } = shape.partsOf(bag);
  const bytes = bytesIn(body, isBase64);
  const named = headersIn(headers);
  if (!named.has("content-length")) named.set("content-length", String(bytes.length));
  return {
    method: textIn(method),
    path: textIn(path),
    query: textIn(query),
    headers: named,
    body: bytes,
    peer: textIn(peer),
    gatewayId: gatewayId === undefined ? undefined : textIn(gatewayId),
  };
}

function headersIn(headers: unknown): Map<string, string> {
  const named = new Map<string, string>();
  for (const [name, value] of Object.entries(bagIn(headers))) {
    const text = textIn(value);
    if (text === "") continue;
    const lower = name.toLowerCase();
    const before = named.get(lower);
    named.set(lower, before === undefined ? text : `${before},${text}`);
  }
  return named;
}

function bytesIn(body: unknown, isBase64: unknown): Uint8Array {
  const text = textIn(body ?? "");
  if (isBase64 === true) return blobFrom(text);
  if (isBase64 === undefined || isBase64 === false) return Buffer.from(text);
  throw unreadable();
}

const isBag = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);

function bagIn(value: unknown): Bag {
  if (isBag(value)) return value;
  throw unreadable();
}

function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  throw unreadable();
}

const unreadable = (): Fault => new Fault("SerializationException");
