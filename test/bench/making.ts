import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, EncryptCommand, GenerateDataKeyPairWithoutPlaintextCommand, KMSClient } from "@aws-sdk/client-kms";
import type { Load } from "./load.ts";
import { lineOf, type Pinned, start } from "./process.ts";
import { credentialsOf } from "./seed.ts";
import { signedBytes } from "./signed.ts";

const CONNECTIONS = 4;
/** Key pairs that are asked for at the same time: as many as Node's pool has threads. */
const PAIRS = 4;

/** Prints p99 of Encrypt while RSA_4096 key pairs are made, as a ratio to that while none are: rounds alternate. */
export async function making(milliseconds: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "trent-bench-"));
  const load = start(1, join(import.meta.dirname, "load.ts"));
  const server = start(undefined, "lambdas/local/main.ts", ["serve", "--data", folder, "--port", "0", "--quotas", "off"]);
  try {
    const port = Number(/:(\d+)\s*$/.exec(await lineOf(server, /ready on/))?.[1]);
    const config = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials: credentialsOf(folder) };
    const client = new KMSClient(config);
    const { KeyMetadata: key } = await client.send(new CreateKeyCommand({}));
    const encrypt = new EncryptCommand({ KeyId: key?.KeyId, Plaintext: MESSAGE });
    const pair = () => client.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: key?.KeyId, KeyPairSpec: "RSA_4096" }));
    const measure = async () => loaded(load, { port, request: await signedBytes(config, (to) => to.send(encrypt)), milliseconds });

    await measure();
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const quiet = await measure();
      let going = true;
      let made = 0;
      const makers = Array.from({ length: PAIRS }, async () => {
        for (; going; made += 1) await pair();
      });
      const busy = await measure();
      going = false;
      await Promise.all(makers);
      ratios.push(busy.p99 / quiet.p99);
      console.log(
        `Encrypt p99 ${quiet.p99.toFixed(0)} µs, ${busy.p99.toFixed(0)} µs while ${made} RSA_4096 pairs were made: ${(busy.p99 / quiet.p99).toFixed(2)}; p50 ${quiet.p50.toFixed(0)} and ${busy.p50.toFixed(0)} µs`,
      );
    }
    console.log(
      `p99 of Encrypt while RSA_4096 pairs are made: ${ratios.sort((a, b) => a - b)[rounds >> 1]?.toFixed(2)} × without (goal: 2)`,
    );
    client.destroy();
  } finally {
    load.stop();
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const MESSAGE = Buffer.alloc(32, 1);

async function loaded(load: Pinned, job: { port: number; request: Buffer; milliseconds: number }): Promise<Load> {
  load.child.stdin.write(`${JSON.stringify({ ...job, request: job.request.toString("base64"), connections: CONNECTIONS })}\n`);
  const result: Load = JSON.parse((await load.lines.next()).value);
  if (result.failed > 0) throw new Error(`${result.failed} of ${result.requests} calls failed.`);
  return result;
}
