import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readMeta } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { requireStore } from "./open.ts";
import type { Options } from "./options.ts";
import { rootAt } from "./root.ts";

/** `trent status`: what the folder holds, and whether a server answers at its endpoint. Exit 1 when none does. */
export async function status(options: Options): Promise<void> {
  const { data, root, json, table } = options;
  const folder = resolve(data);
  await requireStore(options);
  const { fingerprint } = await rootAt(folder, root);
  const database = table.kind === "dynamodb" ? (await import("./dynamodb.ts")).dynamodbAt(table).database : openSqlite({ folder });
  const meta = await readMeta(database).finally(() => database.close());
  const endpoint = endpointOf(folder);
  const answers = endpoint !== undefined && (await isHealthy(endpoint));
  const facts = { data: folder, root: fingerprint, account: meta?.account, home: meta?.home, endpoint, answers };
  process.stdout.write(
    json
      ? `${JSON.stringify(facts)}\n`
      : `${Object.entries(facts)
          .map(([name, value]) => `${name.padEnd(9)} ${value}`)
          .join("\n")}\n`,
  );
  if (!answers) process.exitCode = 1;
}

function endpointOf(folder: string): string | undefined {
  const path = join(folder, "aws", "config");
  return existsSync(path) ? /^endpoint_url = (.+)$/m.exec(readFileSync(path, "utf8"))?.[1] : undefined;
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(new URL("/healthz", endpoint), { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
