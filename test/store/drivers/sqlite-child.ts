/** A process that shares a data folder with the test that forked it: `sqlite-child.ts <task> <folder> <name>`. */
import { openSqlite } from "#store/drivers/sqlite";
import { increments, REGIONS } from "./subject.ts";

const [task, folder = "", name = ""] = process.argv.slice(2);

/** Told to the test. */
export type Told = { readonly written: number } | { readonly failed: string; readonly code: number } | "done";

const tell = (told: Told): Promise<void> => new Promise((resolve) => process.send?.(told, () => resolve()));
const database = openSqlite({ folder });
const keys = database.table("keys", REGIONS[0]);
const log = database.table("log", REGIONS[0]);
const rowOf = (n: number) => ({ pk: name, sk: String(n).padStart(8, "0"), version: 1, body: JSON.stringify("x".repeat(300)) });

switch (task) {
  // As fast as it can beside another who does the same.
  case "contend": {
    const counted = Promise.all(Array.from({ length: 4 }, () => increments(keys, { pk: "SHARED", sk: "COUNT" }, 100)));
    for (let n = 0; n < 2000; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => log.append([rowOf(n + i)])));
    await counted;
    await database.close();
    await tell("done");
    process.disconnect();
    break;
  }
  // Writes, and tells what is written, until it is killed or told to stop. What fails is told too, and tried again.
  case "stream": {
    let stopping = false;
    process.once("message", () => {
      stopping = true;
    });
    for (let n = 0; !stopping; n += 1) {
      try {
        await Promise.all([log.append([rowOf(n)]), keys.put(rowOf(n))]);
        await tell({ written: n });
      } catch (error) {
        const { cause } = error as { readonly cause?: { readonly message: string; readonly errcode: number } };
        await tell({ failed: cause?.message ?? String(error), code: cause?.errcode ?? 0 });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    await database.close();
    await tell("done");
    process.disconnect();
    break;
  }
  default:
    throw new Error(`There is no task ${task}.`);
}
