import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenerateDataKeyPairWithoutPlaintextCommand, KMSClient } from "@aws-sdk/client-kms";
import { median } from "./median.ts";
import { encrypting, loaded, startLoad, startTarget } from "./target.ts";

const CONNECTIONS = 4;
/** Key pairs that are asked for at the same time: as many as Node's pool has threads. */
const PAIRS = 4;

/** Prints p99 of Encrypt while RSA_4096 key pairs are made, as a ratio to that while none are: rounds alternate. */
export async function making(milliseconds: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "trent-bench-"));
  const load = startLoad(1);
  const processes = [load];
  try {
    const { server, port, config } = await startTarget(folder);
    processes.push(server);
    const client = new KMSClient(config);
    const { KeyId, signed } = await encrypting(config);
    const pair = () => client.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: "RSA_4096" }));
    const measure = async () => loaded(load, { port, request: await signed(), milliseconds, connections: CONNECTIONS });

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
    console.log(`p99 of Encrypt while RSA_4096 pairs are made: ${median(ratios).toFixed(2)} × without (goal: 2)`);
    client.destroy();
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}
