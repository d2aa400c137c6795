import type { KMSClient } from "@aws-sdk/client-kms";
import { Cut, type Stage } from "./act.ts";
import { settle } from "./calls.ts";
import type { Scene } from "./scenario.ts";
import type { Server } from "./server.ts";

/** A client of a server, whose every call goes into the ledger. Nobody makes a call fail: a refusal that was not asked for is a finding. */
export function stageOf(scene: Scene, server: Server, name: string, now: () => Date, region = server.home): Stage {
  const { calls, found } = scene;
  const client = server.client(region);

  async function make<T>(what: string, send: (client: KMSClient) => Promise<T>) {
    let output: T | undefined;
    const call = await settle({ deed: { operation: "other", name: what } }, calls, async () => {
      output = await send(client);
      return { requestId: (output as { $metadata?: { requestId?: string } }).$metadata?.requestId ?? "" };
    });
    if (call.cutOff === undefined) return { output, refused: call.refused };
    // A server dies after it has told why, and its process is gone a little later.
    const died = await Promise.race([server.ended.then(() => true), new Promise((resolve) => setTimeout(resolve, 2_000, false))]);
    if (!died) found.push(`${what} by ${name} was cut off by a server that runs: ${call.cutOff}`);
    throw new Cut(what);
  }

  async function must<T>(what: string, send: (client: KMSClient) => Promise<T>): Promise<T> {
    const { output, refused } = await make(what, send);
    if (output !== undefined) return output;
    found.push(`${what} by ${name} (${refused?.requestId}) had to succeed, and was refused with ${refused?.error}.`);
    throw new Cut(what);
  }

  return {
    name,
    account: server.account,
    now,
    does: must,
    asks: must,
    refusal: async (what, send) => (await make(what, send)).refused?.error,
    in: (other) => stageOf(scene, server, name, now, other),
    wrong: (sentence) => void found.push(`${name}: ${sentence}`),
  };
}
