import { Agent } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { chainsOf } from "../pipeline/chain.ts";
import { kmsRequest, send } from "../pipeline/signed-request.ts";
import type { Ledger } from "./ledger.ts";
import type { Server } from "./server.ts";

const AT_ONCE = 8;

/** What was acknowledged and is not there, or is otherwise than it was acknowledged; empty when all is well. */
export async function missing(server: Server, folder: string, ledger: Ledger): Promise<string[]> {
  return [...(await missingByCalls(server, ledger)), ...missingInFiles(folder, ledger)];
}

/** Asks a server for everything that was acknowledged. */
export async function missingByCalls(server: Server, { keys, aliases, tags, ciphertexts }: Ledger): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const ask = async (operation: string, body: object) => {
    const { text } = await send(server.url, kmsRequest(server, operation, body), agent);
    return JSON.parse(text);
  };
  const checks: (() => Promise<string | undefined>)[] = [
    ...Array.from(keys, (KeyId) => async () => {
      const { KeyMetadata } = await ask("DescribeKey", { KeyId });
      return KeyMetadata?.KeyState === "Enabled" ? undefined : `key ${KeyId}`;
    }),
    ...Array.from(aliases, ([name, keyId]) => async () => {
      const { KeyMetadata } = await ask("DescribeKey", { KeyId: name });
      return KeyMetadata?.KeyId === keyId ? undefined : `alias ${name} of ${keyId}`;
    }),
    ...ciphertexts.map(({ blob, plaintext, context }) => async () => {
      const { Plaintext } = await ask("Decrypt", { CiphertextBlob: blob, EncryptionContext: context });
      return Plaintext === plaintext ? undefined : `ciphertext of ${plaintext}`;
    }),
    ...Array.from(tags.values(), ({ keyId: KeyId, name, value, tried }) => async () => {
      const { Tags = [] } = await ask("ListResourceTags", { KeyId });
      const found = Tags.find(({ TagKey }: { TagKey: string }) => TagKey === name)?.TagValue;
      return found === value || tried.includes(found) ? undefined : `tag ${name} of ${KeyId}: ${found}, not ${value}`;
    }),
  ];
  const found: string[] = [];
  const worker = async (): Promise<void> => {
    for (let check = checks.pop(); check; check = checks.pop()) {
      const lost = await check();
      if (lost !== undefined) found.push(lost);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();
  return found;
}

interface LogRow {
  readonly pk: string;
  readonly sk: string;
  readonly body: string;
}

/** Looks into the files: every call has its record, every change its intent, every chain holds, and no item is there that was not intended. */
export function missingInFiles(folder: string, { calls }: Ledger): string[] {
  const [state, log] = ["state.db", "log.db"].map((name) => new DatabaseSync(join(folder, name), { readOnly: true, timeout: 10_000 }));
  if (!state || !log) return ["the files"];
  try {
    const found: string[] = [];
    for (const file of [state, log]) {
      const [verdict] = file.prepare("PRAGMA integrity_check").all();
      if (verdict?.["integrity_check"] !== "ok") found.push(`integrity: ${JSON.stringify(verdict)}`);
    }
    const rows = (log.prepare("SELECT pk, sk, body FROM log").all() as unknown as LogRow[]).filter(({ pk }) =>
      /^\d{12}#\d{8}#\d+$/.test(pk),
    );
    const ids = new Set(rows.map(({ sk }) => sk));
    for (const [id, { operation, change }] of calls) {
      if (!ids.has(id)) found.push(`record of ${operation} ${id}`);
      if (change && !ids.has(`${id}#I`)) found.push(`intent of ${operation} ${id}`);
    }
    try {
      chainsOf(rows);
    } catch (cause) {
      found.push(String(cause));
    }
    const intended = new Set(rows.filter(({ sk }) => sk.includes("#I")).map(({ body }) => JSON.parse(body).r.m.mac));
    const items = state.prepare("SELECT pk, sk, tag FROM keys WHERE tag IS NOT NULL").all();
    for (const { pk, sk, tag } of items) {
      if (!intended.has(Buffer.from(tag as Uint8Array).toString("base64url"))) found.push(`intent of the item ${pk} ${sk}`);
    }
    return found;
  } finally {
    state.close();
    log.close();
  }
}
