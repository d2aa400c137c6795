import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

export interface Dynalite {
  readonly server: Server;
  readonly endpoint: string;
  stop(): void;
}

/** An engine that speaks DynamoDB's API, with its tables in memory, on a port of its own. */
export async function startDynalite(): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => void server.close() };
}
