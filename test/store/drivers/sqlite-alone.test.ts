import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { alone } from "#store/drivers/sqlite-alone";

const run = promisify(execFile);
const busy = () => new Error("Somebody has it.");

function newLock(): string {
  const folder = mkdtempSync(join(tmpdir(), "trent-alone-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "some.lock");
}

/** What another process is told that wants it. */
async function elsewhere(path: string): Promise<string> {
  const script = `
    import { alone } from ${JSON.stringify(new URL("../../../lambdas/store/drivers/sqlite-alone.ts", import.meta.url).href)};
    await alone(${JSON.stringify(path)}, () => new Error("Somebody has it."), async () => console.log("had it")).catch(({ message }) => console.log(message));
  `;
  return (await run(process.execPath, ["--input-type=module", "--eval", script])).stdout.trim();
}

test("of two who want it at once, in one process or in two, one is refused, until the other has done", async () => {
  const path = newLock();
  const done = await alone(path, busy, async () => {
    expect(await elsewhere(path)).toBe("Somebody has it.");
    await expect(alone(path, busy, async () => "had it")).rejects.toThrow("Somebody has it.");
    // Who was refused here has not opened the door for others.
    expect(await elsewhere(path)).toBe("Somebody has it.");
    return "done";
  });
  expect(done).toBe("done");
  expect(await elsewhere(path)).toBe("had it");
});

test("it goes with an action that fails, and its file is its owner's", async () => {
  const path = newLock();
  const failing = async () => {
    throw new Error("It failed.");
  };
  await expect(alone(path, busy, failing)).rejects.toThrow("It failed.");
  expect(await alone(path, busy, async () => "had it")).toBe("had it");
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
});
