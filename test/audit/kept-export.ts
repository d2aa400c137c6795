/** An export of a log that was sealed in two hours that have closed, and once in one that has not. */
import { join, resolve } from "node:path";
import { exportRegion } from "#local/audit-export";
import { verifyExport } from "#local/audit-exported";
import { publicKeysFrom, publicKeysIn } from "#local/audit-pub";
import { filesOf } from "#local/export-files";
import { sealAll } from "#local/sealing";
import { testimony, witnessIn } from "#local/witness";
import { operatorLog } from "#pipeline/operator-log";
import { sealersOf } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import { openToRead } from "#store/drivers/sqlite-schema";
import { call } from "../pipeline/signed-request.ts";
import { startService } from "../service.ts";

export { newFolder } from "./kept-log.ts";

const HOUR_MS = 3_600_000;
let again: (to: string, evenSpoilt?: boolean) => Promise<void> = async () => undefined;

/** Returns the files of the export. */
export async function exportKept(folder: string): Promise<readonly string[]> {
  const database = openSqlite({ folder });
  const service = await startService({ database });
  const now = new Date();
  for (const hoursAgo of [3, 2, 0]) {
    for (let calls = 0; calls < 4; calls += 1) await call(service, "ListKeys", { Limit: calls + 1 });
    await sealAll(database, folder, operatorLog("error"), new Date(now.getTime() - hoursAgo * HOUR_MS));
  }
  again = async (to, evenSpoilt = false) => {
    const log = openToRead(folder, "log");
    for (const sealer of sealersOf(database))
      await exportRegion({ log, folder: to, sealer, witness: testimony(witnessIn(folder)), now, evenSpoilt });
    log.close();
  };
  await again(join(folder, "export"));
  await service.stop();
  return filesOf(join(folder, "export"));
}

/** Once more, to a folder; returns its files. */
export async function exportAgain(kept: string, to: string, evenSpoilt = false): Promise<readonly string[]> {
  await again(resolve(kept, to), evenSpoilt);
  return filesOf(resolve(kept, to));
}

export const verifyFiles = (folder: string, kept: string) =>
  verifyExport({ folder, publicKeys: publicKeysFrom(publicKeysIn(kept)), witness: testimony(witnessIn(kept)) });
