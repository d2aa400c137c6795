/** How fast a log verifies: `node test/bench/verify.ts [records]`. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { hashOf } from "#domain/chain";
import { verifyLog } from "#local/audit-verify";
import { openToRead, openToWrite } from "#store/drivers/sqlite-schema";
import { requestId } from "#wire/request-id";

const count = Number(process.argv[2] ?? 500_000);
const folder = mkdtempSync(join(tmpdir(), "trent-verify-"));
try {
  fill(openToWrite(folder, "log"));
  const log = openToRead(folder, "log");
  // A busy machine makes it wait, not work.
  const began = process.cpuUsage();
  const { findings, records } = await verifyLog({ log, publicKeys: new Map(), witness: [], now: new Date() });
  const { user, system } = process.cpuUsage(began);
  const seconds = (user + system) / 1e6;
  log.close();
  if (findings.length > 0 || records !== count) throw new Error(`It did not verify: ${JSON.stringify(findings.slice(0, 3))}`);
  process.stdout.write(`${records} records in ${seconds.toFixed(2)} s of CPU time: ${Math.round(records / seconds)} a second\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Records of the size of an Encrypt's. */
function fill(log: DatabaseSync): void {
  const insert = log.prepare("INSERT INTO log (region, pk, sk, version, body) VALUES ('us-east-1', ?, ?, 1, ?)");
  const said = JSON.stringify({ s: "kms", e: "Encrypt", q: { keyId: randomUUID() }, filler: "x".repeat(420) });
  const [writer, at, day] = [randomUUID(), Date.now(), new Date().toISOString().slice(0, 10).replaceAll("-", "")];
  let previous = "";
  log.exec("BEGIN");
  insert.run("111122223333#DAYS", day, "{}");
  for (let number = 1; number <= count; number += 1) {
    const sk = requestId(new Date(at + number));
    const row = { pk: `111122223333#${day}#0`, sk, body: `{"w":"${writer}","n":${number},"p":"${previous}","r":${said}}` };
    insert.run(row.pk, row.sk, row.body);
    previous = hashOf(row);
  }
  log.exec("COMMIT");
  log.close();
}
