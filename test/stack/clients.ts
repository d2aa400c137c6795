/** Real clients of what is deployed. */
import { KMSClient } from "@aws-sdk/client-kms";
import { STSClient } from "@aws-sdk/client-sts";
import { VERSION } from "#local/version";
import type { Credentials } from "../service.ts";
import { deployed } from "./deployment.ts";

const { administrator, doors } = deployed();

interface Caller {
  /** Whose door it is. */
  readonly region: string;
  /** @default the same */
  readonly signedFor?: string;
  /** @default the administrator */
  readonly credentials?: Credentials;
}

/** Asserts with every answer, errors too, that Trent has made it: a stack has a KMS of its own on the same port. */
export const kmsAt = (caller: Caller): KMSClient => ofTrent(new KMSClient(configOf(caller)));
export const stsAt = (caller: Caller): STSClient => ofTrent(new STSClient(configOf(caller)));

const configOf = ({ region, signedFor = region, credentials = administrator }: Caller) => ({
  endpoint: doorOf(region),
  region: signedFor,
  credentials,
  maxAttempts: 1,
});

export function doorOf(region: string): string {
  const door = doors[region];
  if (door === undefined) throw new Error(`Nothing is deployed in ${region}.`);
  return door;
}

function ofTrent<C extends KMSClient | STSClient>(client: C): C {
  (client as KMSClient).middlewareStack.add(
    (next) => async (args) => {
      const reply = await next(args);
      const { headers } = reply.response as { readonly headers: Readonly<Record<string, string>> };
      if (headers["x-trent-version"] !== VERSION) throw new Error(`Somebody else answered: ${JSON.stringify(headers)}`);
      return reply;
    },
    { step: "deserialize", priority: "low" },
  );
  return client;
}
