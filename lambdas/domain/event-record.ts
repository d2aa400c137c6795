/** What the log keeps of a call or of something that Trent did by itself, as far as an event is made of it. */
export interface EventRecord {
  /** Service and event name. */
  readonly s: string;
  readonly e: string;
  /** When it was completed, in milliseconds. */
  readonly t: number;
  /** Of what was no call. */
  readonly y?: "AwsServiceEvent" | undefined;
  readonly c: EventCaller;
  /** Source IP address, user agent, host header, TLS version and cipher. */
  readonly ip: string;
  readonly ua?: string | undefined;
  readonly h?: string | undefined;
  readonly tls?: readonly [string, string] | undefined;
  /** The request id that the client saw, where a gateway put it in the place of ours. */
  readonly g?: string | undefined;
  /** Error name and text. */
  readonly x?: readonly [string, string] | undefined;
  /** Request parameters and response elements, without what is secret or bulk. */
  readonly q?: unknown;
  readonly a?: unknown;
  /** serviceEventDetails. */
  readonly d?: unknown;
  /** ARNs of the resources. */
  readonly r?: readonly string[] | undefined;
  /** The operation only reads. */
  readonly ro?: 1 | undefined;
  /** Specs of the keys that are not symmetric encryption keys: what a request costs depends on them. */
  readonly ks?: readonly string[] | undefined;
  /** Key material ids; of several keys in their order, and empty where it is not told. */
  readonly m?: readonly string[] | undefined;
  /** The grant that was retired. */
  readonly gr?: string | undefined;
  /** Another account has a copy of it, or is where it is a copy from. */
  readonly sh?: 1 | undefined;
  /** Of throttled calls: how many it stands for. */
  readonly n?: number | undefined;
  /** What became of a change whose own outcome was never written. */
  readonly o?: Outcome | undefined;
}

export type Outcome = "committed" | "not committed" | "unknown";

export interface EventCaller {
  /**
   * Kind, ARN, unique id, access key id.
   * `account`: somebody of another account, as the owner of a key sees them; then `a` is that account. Of a service, `i` is the account.
   */
  readonly k: "root" | "user" | "role-session" | "federated-user" | "service" | "provider" | "account";
  readonly a: string;
  readonly i: string;
  readonly ak?: string | undefined;
  /** Of a session: type, unique id, ARN and name of the role or user behind it; when it was made, in milliseconds; its source identity. */
  readonly si?: readonly [type: string, id: string, arn: string, name: string] | undefined;
  readonly st?: number | undefined;
  readonly so?: string | undefined;
  /** The ARN of the identity provider that vouched. */
  readonly fp?: string | undefined;
  /** The service that called on its behalf. */
  readonly by?: string | undefined;
}

/** A record, and where it stands. */
export interface LoggedEvent {
  readonly region: string;
  /** Whose log it is in. */
  readonly account: string;
  /** Its row: the request id, of a call. */
  readonly id: string;
  readonly record: EventRecord;
}
