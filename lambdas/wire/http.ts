/** A request as it came in, whatever carried it: a socket, a function URL, an API gateway. */
export interface HttpRequest {
  readonly method: string;
  /** As sent: still percent-encoded, without the query. */
  readonly path: string;
  /** As sent: without the question mark; empty when there is none. */
  readonly query: string;
  /** Names in lower case; the values of a repeated header joined with a comma, in order. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  /** The client's address, already resolved through trusted proxies. */
  readonly peer: string;
  /** What the gateway will put in the place of our request id: the only one that the client sees then. */
  readonly gatewayId?: string | undefined;
  /** Absent when the connection was not TLS, or what ended it did not say. */
  readonly tls?: { readonly version: string; readonly cipher: string };
}

/** An answer: always a whole one, never a stream. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
