/** The pack's runner calls nothing passed that is not: here its clients are a few lines of shell that do wrong. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, type Command, stepsOf } from "./client.ts";
import * as pack from "./clients.ts";
import { type Host, startHost } from "./host.ts";
import { play } from "./play.ts";
import { recorded, resultOf } from "./results.ts";

describe("a client", () => {
  const cache = mkdtempSync(join(tmpdir(), "trent-pack-"));
  let host: Host;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(async () => {
    await host?.stop();
    rmSync(cache, { recursive: true, force: true });
  });

  const SDK = createRequire(import.meta.url).resolve("@aws-sdk/client-kms");
  const CALL = `'${process.execPath}' -e 'new (require("${SDK}").KMS)().listKeys({})'`;
  const shell = (...lines: readonly string[]): Command => ["bash", "-c", lines.join("\n")];
  const client = (name: string, changed: Partial<Client> = {}): Client => ({
    ...{ name, version: "1.0.0", quick: true, toolchain: [["bash", "--version"]], files: { "file.txt": "text" }, install: [] },
    ...{ does: ["one", "two"], refuses: ["three"], run: shell(CALL, "echo ok one", "echo ok two", "echo ok three") },
    ...changed,
  });

  test("passes when it has called and done each step, in order", async () => {
    expect(await play(client("right"), host, cache)).toMatchObject({ outcome: "passed", calls: 1 });
  });

  test("is not run where its toolchain is missing", async () => {
    const outcome = await play(client("missing", { toolchain: [["no-such-compiler", "--version"]] }), host, cache);
    expect(outcome).toMatchObject({ outcome: "not run", why: "no-such-compiler is missing here" });
  });

  test("fails when it cannot be installed", async () => {
    const outcome = await play(client("uninstalled", { install: [shell("echo no answer >&2; exit 7")] }), host, cache);
    expect(outcome.outcome).toBe("failed");
    expect(outcome.why).toContain("ended with 7: no answer");
  });

  test("fails when it leaves a step out", async () => {
    const outcome = await play(client("short", { run: shell(CALL, "echo ok one", "echo ok three") }), host, cache);
    expect(outcome).toMatchObject({ outcome: "failed", why: 'It did "three" where "two" was next.' });
  });

  test("fails when it ends before its last step, content with itself", async () => {
    const outcome = await play(client("early", { run: shell(CALL, "echo ok one", "echo ok two") }), host, cache);
    expect(outcome).toMatchObject({ outcome: "failed", why: 'It did "nothing" where "three" was next.' });
  });

  test("fails when it ends with a failure, in the step that it names", async () => {
    const outcome = await play(client("broken", { run: shell(CALL, "echo ok one", "echo boom >&2; exit 4") }), host, cache);
    expect(outcome.why).toMatch(/^It ended with 4 in "two": ok one\nboom|^It ended with 4 in "two": boom\nok one/);
  });

  test("fails when it never calls", async () => {
    const outcome = await play(client("silent", { run: shell("echo ok one", "echo ok two", "echo ok three") }), host, cache);
    expect(outcome).toMatchObject({ outcome: "failed", why: "It says that all went well, and never called." });
  });

  test("is installed once, and again when it is declared otherwise", async () => {
    const counted = (text: string) => client("counted", { files: { "file.txt": text }, install: [shell("echo again >> count")] });
    for (const text of ["a", "a", "b"]) expect(await play(counted(text), host, cache)).toMatchObject({ outcome: "passed" });
    expect(readFileSync(join(cache, "counted", "count"), "utf8")).toBe("again\nagain\n");
  });
});

describe("the pack", () => {
  const clients = Object.values<Client>(pack);

  test.each(clients)("has five steps or more of $name, one of them refused", (client) => {
    expect(stepsOf(client).length).toBeGreaterThanOrEqual(5);
    expect(client.refuses.length).toBeGreaterThan(0);
    expect(client.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("is what was recorded for the README: npm run test:clients -- --record", () => {
    expect(recorded()).toEqual(clients.map((client, index) => resultOf(client, recorded()[index] ?? { outcome: "not run" })));
    expect(recorded().filter(({ outcome }) => outcome === "failed")).toEqual([]);
  });
});
