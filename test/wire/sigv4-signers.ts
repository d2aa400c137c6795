import { createHmac, hash } from "node:crypto";
import { EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { SignatureV4 } from "@smithy/signature-v4";
import { Fault } from "#domain/fault";
import type { HttpRequest } from "#wire/http";
import { type Claim, claimOf, type Expectation, requireScope, requireSignature, signingKey } from "#wire/sigv4";

/** The credentials of AWS's published test suite. */
export const ID = "AKIDEXAMPLE";
export const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

export const expecting = (service: string, region: string, now = new Date(), skewSeconds = 300): Expectation => ({
  service,
  regions: (name) => name === region,
  now,
  skewSeconds,
});

export const KMS = (now?: Date) => expecting("kms", "eu-central-1", now);

/** What a face does with a request, from its bytes to a proven claim, when it knows one access key. */
export function verify(http: HttpRequest, expected: Expectation, secret = SECRET): Claim {
  const claim = claimOf(http);
  const scope = requireScope(claim, http, expected);
  if (scope.accessKeyId !== ID) throw new Fault("UnrecognizedClientException", "The security token included in the request is invalid.");
  requireSignature(claim, http, signingKey(Buffer.from(secret), scope));
  return claim;
}

/** The name and text of the refusal that a request meets; anything but a fault fails the test. */
export function refusal(attempt: () => unknown): { name: string; text: string } | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { name: error.name, text: error.message };
  }
}

export function request(parts: Partial<Omit<HttpRequest, "headers">> & { headers?: Iterable<readonly [string, string]> }): HttpRequest {
  return { method: "POST", path: "/", query: "", body: Buffer.alloc(0), peer: "127.0.0.1", ...parts, headers: new Map(parts.headers) };
}

/** The same request with some headers set, or (undefined) taken away. */
export function withHeaders(http: HttpRequest, changes: Record<string, string | undefined>): HttpRequest {
  const headers = new Map(http.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  return { ...http, headers };
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly query?: Record<string, string | string[] | null> | undefined;
  readonly body?: Uint8Array | string;
}

const escaped = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function received({ method, path, headers, query = {}, body = "" }: SdkRequest): HttpRequest {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values ?? ""].flat().map((value) => `${escaped(name)}=${escaped(value)}`),
  );
  return request({
    method,
    path,
    query: pairs.join("&"),
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const),
    body: typeof body === "string" ? Buffer.from(body) : new Uint8Array(body),
  });
}

/** A request as the AWS SDK for JavaScript sends it. */
export async function sdkRequest(options: { endpoint?: string; sessionToken?: string; plaintext?: string } = {}): Promise<HttpRequest> {
  let sent: SdkRequest | undefined;
  const { endpoint = "https://kms.eu-central-1.amazonaws.com", sessionToken, plaintext = "attack at dawn" } = options;
  const client = new KMSClient({
    region: "eu-central-1",
    endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: ID, secretAccessKey: SECRET, ...(sessionToken === undefined ? {} : { sessionToken }) },
    requestHandler: {
      handle(http: SdkRequest) {
        sent = http;
        return Promise.reject(new Error("Captured."));
      },
    },
  });
  const command = new EncryptCommand({ KeyId: "alias/orders", Plaintext: Buffer.from(plaintext), EncryptionContext: { order: "1" } });
  await client.send(command).catch(() => undefined);
  if (sent === undefined) throw new Error("The SDK sent nothing.");
  return received(sent);
}

interface Signing {
  readonly service?: string;
  readonly region?: string;
  readonly date?: Date;
  readonly sessionToken?: string;
}

function signer({ service = "kms", region = "eu-central-1", sessionToken }: Signing): SignatureV4 {
  const { sha256 } = new KMSClient({ region }).config;
  const credentials = { accessKeyId: ID, secretAccessKey: SECRET, ...(sessionToken === undefined ? {} : { sessionToken }) };
  return new SignatureV4({ service, region, credentials, sha256 });
}

const bare = { protocol: "https:", hostname: "localhost", method: "POST", path: "/", query: {}, headers: { host: "localhost" } };

/** A request signed by the signer of the AWS SDK for JavaScript. */
export async function signed(parts: Partial<SdkRequest> = {}, signing: Signing = {}): Promise<HttpRequest> {
  const { query = {}, ...others } = parts;
  const sent = await signer(signing).sign({ ...bare, ...others, query }, { signingDate: signing.date ?? new Date() });
  return received(sent as SdkRequest);
}

/** A presigned `GetCallerIdentity`, as tokens for Kubernetes clusters carry it. */
export async function presigned(signing: Signing & { expiresIn?: number } = {}): Promise<HttpRequest> {
  const { date = new Date(), expiresIn = 60 } = signing;
  const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
  const sent = { ...bare, method: "GET", query, headers: { host: "localhost", "x-k8s-aws-id": "orders" } };
  return received((await signer({ service: "sts", ...signing }).presign(sent, { signingDate: date, expiresIn })) as SdkRequest);
}

/** A request with a right signature over a canonical request written by hand, however odd it is. */
export function signedByHand(http: HttpRequest, signedHeaders: string, headerLines: string, amzDate: string): HttpRequest {
  const scope = `${amzDate.slice(0, 8)}/eu-central-1/kms/aws4_request`;
  const canonical = `${http.method}\n/\n\n${headerLines}\n${signedHeaders}\n${hash("sha256", http.body)}`;
  const text = `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${hash("sha256", canonical)}`;
  const step = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const signature = step(scope.split("/").reduce<string | Buffer>(step, `AWS4${SECRET}`), text).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${ID}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return withHeaders(http, { authorization, "x-amz-date": amzDate });
}
