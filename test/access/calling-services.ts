/** Services as tests need them: registered as the operator does it, calling with the real client, signing as any library of AWS's does. */
import { createHash, createHmac } from "node:crypto";
import type { KMSClient } from "@aws-sdk/client-kms";
import { SignatureV4 } from "@smithy/signature-v4";
import { registerService } from "#operator/register-service";
import { startAsked } from "../operator/asked.ts";
import { type Credentials, HOME } from "../service.ts";

export const S3 = "s3.amazonaws.com";
export type Asked = Awaited<ReturnType<typeof startAsked>>;

/** Hashes and MACs, as the signer asks for them. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as Uint8Array);
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

interface Handing {
  readonly region?: string;
  readonly action?: string;
  readonly at?: Date;
  readonly service?: string;
}

/** What somebody hands to a service, so that it may call on their behalf: a presigned request that names it. */
export async function forwardAccess(
  url: string,
  credentials: Credentials & { readonly sessionToken?: string },
  principal: string | undefined,
  { region = HOME, action = "GetCallerIdentity", at = new Date(), service = "sts" }: Handing = {},
): Promise<string> {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 as never });
  const { protocol, hostname, host, port } = new URL(url);
  const headers = { host, ...(principal !== undefined && { "x-trent-service": principal }) };
  const query = { Action: action, Version: "2011-06-15" };
  const signed = await signer.presign(
    { method: "GET", protocol, hostname, port: Number(port), path: "/", query, headers },
    { expiresIn: 60, signingDate: at, unhoistableHeaders: new Set(["x-trent-service"]) },
  );
  return `${protocol}//${host}/?${new URLSearchParams(signed.query as Record<string, string>)}`;
}

/** The client says these headers with every call. @param signed or not. */
export function saying(client: KMSClient, headers: Readonly<Record<string, string>>, signed = true): KMSClient {
  const say = (request: unknown) => Object.assign((request as { headers: object }).headers, headers);
  const { middlewareStack: stack } = client;
  // Signatures are made in the step after `build`, and last of all is what nobody signs.
  if (signed) stack.add((next) => (args) => say(args.request) && next(args), { step: "build" });
  else stack.add((next) => (args) => say(args.request) && next(args), { step: "finalizeRequest", priority: "low" });
  return client;
}

/** A running Trent, with services that call. */
export async function startServices(now?: () => Date) {
  const trent = await startAsked(now);
  return {
    ...trent,
    register: (principal: string = S3) => registerService(trent.deps, principal),

    /** A client of a service, calling for somebody: with what they have handed to it. */
    async onBehalfOf(
      service: Credentials,
      somebody: Credentials & { readonly sessionToken?: string },
      principal: string = S3,
      region: string = HOME,
    ): Promise<KMSClient> {
      const access = await forwardAccess(trent.url, somebody, principal, { region });
      return saying(trent.kms(service, region), { "x-trent-forward-access": access });
    },
  };
}
