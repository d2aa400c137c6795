/** What a second process of a server is good for: Encrypt by one and by two, on one store. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import type { Job, Load } from "./load.ts";
import { cpuOf, lineOf, type Pinned, start } from "./process.ts";
import { credentialsOf } from "./seed.ts";
import { signedBytes } from "./signed.ts";

/** Many, so that each process has about as many: the kernel deals them out by chance. */
const CONNECTIONS = 64;

export interface Scaled {
  readonly workers: number;
  /** On this machine, of which the load has its part. */
  readonly perSecond: number;
  /** Of all processes of the server, in µs a call. */
  readonly cpu: number;
}

/** Measures one server of each size after the other, so many rounds of so many milliseconds each; answers the medians. */
export async function scaled(sizes: readonly number[], milliseconds: number, rounds: number): Promise<readonly Scaled[]> {
  const found: Scaled[] = [];
  for (const workers of sizes) found.push(await measured(workers, milliseconds, rounds));
  return found;
}

async function measured(workers: number, milliseconds: number, rounds: number): Promise<Scaled> {
  const folder = mkdtempSync(join(tmpdir(), "trent-workers-"));
  const load = start(undefined, join(import.meta.dirname, "load.ts"));
  const args = ["serve", "--data", folder, "--port", "0", "--quotas", "off", "--workers", String(workers)];
  const server = start(undefined, "lambdas/local/main.ts", args);
  try {
    const port = Number(/:(\d+)\s*$/.exec(await lineOf(server, /ready on/))?.[1]);
    const config = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials: credentialsOf(folder) };
    const client = new KMSClient(config);
    const { KeyMetadata: key } = await client.send(new CreateKeyCommand({}));
    client.destroy();
    const encrypt = new EncryptCommand({ KeyId: key?.KeyId, Plaintext: Buffer.alloc(32, 1) });
    const round = async (): Promise<Scaled> => {
      const request = (await signedBytes(config, (to) => to.send(encrypt))).toString("base64");
      const before = cpuOfAll(server);
      load.child.stdin.write(`${JSON.stringify({ port, request, milliseconds, connections: CONNECTIONS } satisfies Job)}\n`);
      const { requests, failed, seconds }: Load = JSON.parse((await load.lines.next()).value);
      if (failed > 0) throw new Error(`${failed} of ${requests} calls failed.`);
      return { workers, perSecond: requests / seconds, cpu: (cpuOfAll(server) - before) / requests };
    };
    // Until V8 has compiled what runs, in each process.
    for (let warm = 0; warm < 1 + workers; warm += 1) await round();
    const all: Scaled[] = [];
    for (let i = 0; i < rounds; i += 1) all.push(await round());
    const median = (of: "perSecond" | "cpu") => all.map((one) => one[of]).sort((a, b) => a - b)[rounds >> 1] ?? 0;
    return { workers, perSecond: median("perSecond"), cpu: median("cpu") };
  } finally {
    const ended = new Promise((resolve) => server.child.once("exit", resolve));
    for (const one of [server, load]) one.stop();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuOfAll({ child }: Pinned): number {
  const pid = child.pid as number;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + cpuOf(each), 0);
}

/** By the clock, what this machine had left beside the load; by processor time, what as many processors as processes would do. */
export function linesOfScaled(found: readonly Scaled[]): readonly string[] {
  const [one] = found;
  return found.map(({ workers, perSecond, cpu }) => {
    const said = `--workers ${workers}: ${perSecond.toFixed(0)} calls/s here, ${cpu.toFixed(0)} µs of processor a call`;
    if (!one || workers === one.workers) return said;
    const [byClock, byProcessor] = [perSecond / one.perSecond, (workers * one.cpu) / cpu / one.workers];
    return `${said}: ${byClock.toFixed(2)} × by the clock, ${byProcessor.toFixed(2)} × by processor time (goal for 2: 1.7)`;
  });
}
