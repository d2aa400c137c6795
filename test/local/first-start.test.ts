import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { call } from "../pipeline/signed-request.ts";
import { newFolder, profileOf, type Running, serve, stop } from "./command.ts";

// Every test starts processes.
vi.setConfig({ testTimeout: 60_000 });

/** The users and access keys that the store knows. */
function rowsOf(folder: string, prefix: string): string[] {
  const file = new DatabaseSync(join(folder, "state.db"), { readOnly: true });
  const rows = file.prepare("SELECT pk, sk FROM principals").all();
  file.close();
  return rows.map(({ pk, sk }) => `${pk} ${sk}`).filter((name) => name.includes(prefix));
}

async function requireWorking(running: Running, folder: string): Promise<void> {
  const server = { url: await running.ready, administrator: profileOf(folder) };
  expect(await call(server, "CreateKey", {})).toMatchObject({ status: 200 });
  expect(rowsOf(folder, "U#")).toHaveLength(1);
  expect(readdirSync(join(folder, "aws")).filter((file) => file.startsWith("credentials"))).toEqual(["credentials"]);
  expect(readdirSync(folder).filter((file) => file.startsWith("root"))).toEqual(["root.key"]);
}

/** Waits, in steps shorter than a write, until a file is there whose name matches. */
async function appears(folder: string, name: RegExp): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
    if (files.some((file) => name.test(file)) || performance.now() > deadline) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const MILESTONES = [
  /^root\.key\./,
  /^root\.key$/,
  /^state\.db$/,
  /^state\.db-wal$/,
  /^log\.db$/,
  /^log\.db-wal$/,
  /^aws$/,
  /^aws\/credentials\./,
  /^aws\/credentials$/,
  /^aws\/config$/,
];

test("killed at any moment, the first start is done by the next one, with credentials that work", async () => {
  const folder = newFolder();
  const first = serve(folder);
  const started = performance.now();
  await first.ready;
  const took = performance.now() - started;
  await stop(first);

  const kills = [...MILESTONES.map((name) => (place: string) => appears(place, name)), ...Array.from({ length: 10 }, () => atRandom)];
  async function atRandom(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, took * (0.3 + 0.7 * Math.random())));
  }
  for (const moment of kills) {
    const place = newFolder();
    const killed = serve(place);
    await moment(place);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const next = serve(place);
    await requireWorking(next, place);
    await stop(next);
  }
}, 120_000);

test("killed over and over, it comes to an end all the same", async () => {
  const folder = newFolder();
  for (const name of MILESTONES) {
    const killed = serve(folder);
    await appears(folder, name);
    killed.child.kill("SIGKILL");
    await killed.ended;
  }
  await requireWorking(serve(folder), folder);
});

test("two first starts at once on one folder both serve, and make one administrator", async () => {
  for (let round = 0; round < 4; round += 1) {
    const folder = newFolder();
    const both = [serve(folder), serve(folder)];
    await Promise.all(both.map(({ ready }) => ready));
    for (const running of both) await requireWorking(running, folder);
    const said = await Promise.all(both.map(stop));
    expect(said.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: "" },
      { code: 0, stderr: "" },
    ]);
    const [one, other] = said.map(({ stdout }) => stdout.split("\n").slice(0, 2));
    expect(one).toEqual(other);
  }
});
