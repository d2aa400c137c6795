import { join } from "node:path";
import { CreateKeyCommand, EncryptCommand, KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import type { Job, Load } from "./load.ts";
import { lineOf, type Pinned, start } from "./process.ts";
import { credentialsOf } from "./seed.ts";
import { signedBytes } from "./signed.ts";

/** A server that is measured. */
export interface Target {
  readonly server: Pinned;
  readonly port: number;
  /** Of a client that is its administrator. */
  readonly config: KMSClientConfig;
}

/** Starts a server without quotas on a data folder, and waits until it is ready. */
export async function startTarget(folder: string, processor?: number, args: readonly string[] = []): Promise<Target> {
  const server = start(processor, "lambdas/local/main.ts", ["serve", "--data", folder, "--port", "0", "--quotas", "off", ...args]);
  const port = await portOf(server);
  return { server, port, config: { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials: credentialsOf(folder) } };
}

/** The port that a process says it is ready on. */
export const portOf = async (process: Pinned): Promise<number> => Number(/:(\d+)\s*$/.exec(await lineOf(process, /ready on/))?.[1]);

/** A new key, and Encrypt of 32 bytes under it, signed when it is asked for: to be replayed for five minutes. */
export async function encrypting(config: KMSClientConfig): Promise<{ readonly KeyId: string; signed(): Promise<Buffer> }> {
  const client = new KMSClient(config);
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  client.destroy();
  const KeyId = KeyMetadata?.KeyId ?? "";
  const encrypt = new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(32, 1) });
  return { KeyId, signed: () => signedBytes(config, (to) => to.send(encrypt)) };
}

/** A process that does one job after the other. */
export const startLoad = (processor?: number): Pinned => start(processor, join(import.meta.dirname, "load.ts"));

/** What came of a job; calls may have failed. */
export async function tried(load: Pinned, job: Omit<Job, "request"> & { readonly request: Buffer }): Promise<Load> {
  load.child.stdin.write(`${JSON.stringify({ ...job, request: job.request.toString("base64") } satisfies Job)}\n`);
  return JSON.parse((await load.lines.next()).value);
}

/** What came of a job whose every call is answered with 200. */
export async function loaded(...[load, job]: Parameters<typeof tried>): Promise<Load> {
  const result = await tried(load, job);
  if (result.failed > 0) throw new Error(`${result.failed} of ${result.requests} calls failed.`);
  return result;
}
