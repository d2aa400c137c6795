/** Real clients of what is deployed. */
import { KMSClient } from "@aws-sdk/client-kms";
import { STSClient } from "@aws-sdk/client-sts";
import { VERSION } from "#local/version";
import type { Credentials } from "../service.ts";
import { deployed } from "./deployment.ts";

const { administrator, doors } = deployed();

interface Door {
  readonly region: string;
  readonly credentials?: Credentials;
}

/** Asserts with every answer, errors too, that Trent has made it: a stack has a KMS of its own on the same port. */
export const kmsAt = ({ region, credentials = administrator }: Door): KMSClient =>
  ofTrent(new KMSClient({ endpoint: doorOf(region), region, credentials, maxAttempts: 1 }));
export const stsAt = ({ region, credentials = administrator }: Door): STSClient =>
  ofTrent(new STSClient({ endpoint: doorOf(region), region, credentials, maxAttempts: 1 }));

export function doorOf(region: string): string {
  const door = doors[region];
  if (door === undefined) throw new Error(`Nothing is deployed in ${region}.`);
  return door;
}

/** The headers and body of an answer, as the SDK received it. */
interface Received {
  readonly headers: Readonly<Record<string, string>>;
}

function ofTrent<C extends KMSClient | STSClient>(client: C): C {
  (client as KMSClient).middlewareStack.add(
    (next) => async (args) => {
      const reply = await next(args);
      const { headers } = reply.response as Received;
      if (headers["x-trent-version"] !== VERSION) throw new Error(`Somebody else answered: ${JSON.stringify(headers)}`);
      return reply;
    },
    { step: "deserialize", priority: "low" },
  );
  return client;
}
