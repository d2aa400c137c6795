import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "#store/drivers/sqlite";
import { contract } from "./contract.ts";

contract("SQLite", {
  start: async () => {
    const folder = mkdtempSync(join(tmpdir(), "trent-"));
    return { open: () => openSqlite({ folder }), stop: async () => rmSync(folder, { recursive: true }) };
  },
  shared: true,
  atomicAppends: true,
  contenders: 100,
  cacheMs: Number.POSITIVE_INFINITY,
});
