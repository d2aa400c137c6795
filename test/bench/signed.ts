import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";

interface Captured {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What the SDK sends, signed, as the bytes that go over the socket: to be replayed while the signature is fresh. */
export async function signedBytes(config: KMSClientConfig, send: (client: KMSClient) => Promise<unknown>): Promise<Buffer> {
  let captured: Captured | undefined;
  const requestHandler = {
    handle(request: Captured) {
      captured = request;
      return Promise.reject(new Error("captured"));
    },
  };
  const client = new KMSClient({ ...config, maxAttempts: 1, requestHandler: requestHandler as never });
  await send(client).catch(() => {});
  if (!captured) throw new Error("The SDK sent nothing.");
  const head = Object.entries(captured.headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([
    Buffer.from(`${[`${captured.method} ${captured.path} HTTP/1.1`, ...head].join("\r\n")}\r\n\r\n`),
    Buffer.from(captured.body),
  ]);
}
