import { UsageError } from "./usage-error.ts";

/** Where the store is: in the data folder, or in the tables of a DynamoDB. */
export type TableOptions =
  | { readonly kind: "sqlite" }
  | {
      readonly kind: "dynamodb";
      readonly endpoint: string;
      readonly prefix: string;
      readonly appendBy: "partiql" | "put";
      readonly cacheMs: number;
    };

type Name = "table" | "dynamodb-endpoint" | "table-prefix" | "append-by" | "state-cache-ms";

/** The options that say where the store is. @throws {UsageError} */
export function tableOf(text: (name: Name) => string | undefined, sandbox: boolean): TableOptions {
  const kind = text("table");
  const endpoint = text("dynamodb-endpoint");
  if (kind === "sqlite") {
    if (endpoint !== undefined) throw new UsageError("--dynamodb-endpoint goes with --table dynamodb.");
    return { kind };
  }
  if (kind !== "dynamodb") throw new UsageError(`--table ${kind} is not a store: use sqlite or dynamodb.`);
  if (sandbox) throw new UsageError("--sandbox keeps everything in memory: leave out --table.");
  if (endpoint === undefined || !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ""))
    throw new UsageError(
      "--table dynamodb needs --dynamodb-endpoint URL, as http://127.0.0.1:8000 or https://dynamodb.eu-west-1.amazonaws.com.",
    );
  const prefix = text("table-prefix") ?? "";
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(prefix)) throw new UsageError(`--table-prefix ${prefix}: use letters, digits, '-', '_' and '.'.`);
  const appendBy = text("append-by");
  if (appendBy !== "partiql" && appendBy !== "put") throw new UsageError(`--append-by ${appendBy}: use partiql or put.`);
  const cacheMs = text("state-cache-ms") ?? "";
  if (!/^\d{1,6}$/.test(cacheMs)) throw new UsageError(`--state-cache-ms ${cacheMs}: give a number of milliseconds.`);
  return { kind, endpoint, prefix, appendBy, cacheMs: Number(cacheMs) };
}
