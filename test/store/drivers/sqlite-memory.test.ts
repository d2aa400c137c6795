import { openSqlite } from "#store/drivers/sqlite";
import { contract } from "./contract.ts";

contract("SQLite in memory", {
  start: async () => ({ open: () => openSqlite({ memory: true }), stop: async () => {} }),
  shared: false,
  atomicAppends: true,
  contenders: 100,
  cacheMs: Number.POSITIVE_INFINITY,
});
