declare module "dynalite" {
  import type { Server } from "node:http";

  /** An HTTP server that speaks DynamoDB's API, with the tables in memory. */
  function dynalite(options: { readonly createTableMs?: number; readonly deleteTableMs?: number }): Server;
  export = dynalite;
}
