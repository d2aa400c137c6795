import { KMSClient } from "@aws-sdk/client-kms";
import { STSClient } from "@aws-sdk/client-sts";
import { onTestFinished } from "vitest";
import { QUOTA_PROFILES } from "#domain/quota-profiles";
import { openHost } from "#local/host";
import { listen } from "#local/server";
import { operatorLog } from "#pipeline/operator-log";
import type { Database, Roots } from "#store";
import { type Credentials, HOME } from "../service.ts";

/** Who may be asked: a server, and as whom. */
export interface Asked {
  kms(region: string): KMSClient;
  sts(credentials: Credentials): STSClient;
}

export interface Standing {
  readonly database: Database;
  readonly roots: Roots;
  readonly regions: readonly string[];
  /** Who asks. */
  readonly administrator: Credentials;
}

/** Runs what it is given when the server is not needed any more. */
type Afterwards = (stop: () => Promise<void>) => void;

/** Another server on the same store, which knows nothing but what is in it; until the test is over. */
export async function anotherServer(
  { database, roots, regions, administrator }: Standing,
  afterwards: Afterwards = onTestFinished,
): Promise<Asked> {
  const operator = operatorLog("error", () => undefined);
  const { dispatch } = await openHost({ database, roots, home: HOME, regions, quotas: QUOTA_PROFILES.off, sandbox: false, operator });
  const listening = await listen({ host: "127.0.0.1", port: 0, dispatch, operator });
  afterwards(() => listening.stop());
  const settings = (credentials: Credentials, region: string) => ({ endpoint: listening.url, region, credentials, maxAttempts: 1 });
  const kept = <C extends { destroy(): void }>(client: C): C => {
    afterwards(async () => client.destroy());
    return client;
  };
  return {
    kms: (region) => kept(new KMSClient(settings(administrator, region))),
    sts: (credentials) => kept(new STSClient(settings(credentials, HOME))),
  };
}
