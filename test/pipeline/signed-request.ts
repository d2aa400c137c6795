/** Requests as they go over the wire, signed by hand, so that every byte of them can be wrong. */
import { createHmac, hash } from "node:crypto";
import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { type Credentials, HOME, type Service } from "../service.ts";

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Signing {
  /** Undefined: unsigned. */
  readonly credentials?: Credentials | undefined;
  readonly service?: string;
  readonly region?: string;
  readonly date?: Date;
  /** Headers beyond the usual ones; all are signed. */
  readonly headers?: Readonly<Record<string, string>>;
}

const basic = (date: Date): string => date.toISOString().replace(/[-:]|\.\d{3}/g, "");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** The request with `X-Amz-Date` and `Authorization`, over all of its headers. */
export function sign(sent: Sent, credentials: Credentials, { service = "kms", region = HOME, date = new Date() }: Signing = {}): Sent {
  const time = basic(date);
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = { ...sent.headers, "x-amz-date": time };
  const names = Object.keys(headers).sort();
  const canonical = [
    sent.method,
    sent.path,
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    hash("sha256", sent.body),
  ].join("\n");
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash("sha256", canonical)}`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key as Buffer, text).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...sent, headers: { ...headers, authorization } };
}

/** A signed call of a KMS operation: what is no string and no bytes is sent as JSON. */
export function kmsRequest(service: Pick<Service, "url" | "administrator">, operation: string, body: unknown, signing: Signing = {}): Sent {
  const sent: Sent = {
    method: "POST",
    path: "/",
    headers: {
      host: new URL(service.url).host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `TrentService.${operation}`,
      ...signing.headers,
    },
    body: bytesOf(body),
  };
  return "credentials" in signing && !signing.credentials ? sent : sign(sent, signing.credentials ?? service.administrator, signing);
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** Sends a request as it is, by default on a connection of its own. */
export function send(url: string, { method, path, headers, body }: Sent, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, path, headers: { ...headers, "content-length": String(body.length) }, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** The name and text of the error that an answer carries; the name is empty when it carries none. */
export function errorOf({ text }: Answer): { readonly name: string; readonly text: string | undefined } {
  try {
    const { __type = "", message, Message } = JSON.parse(text);
    return { name: __type, text: message ?? Message };
  } catch {
    return { name: "", text };
  }
}

/** Signs a KMS call, sends it, and tells what came of it. */
export async function call(service: Pick<Service, "url" | "administrator">, operation: string, body: unknown, signing: Signing = {}) {
  const answer = await send(service.url, kmsRequest(service, operation, body, signing));
  return { ...answer, error: errorOf(answer), requestId: String(answer.headers["x-amzn-requestid"]) };
}
