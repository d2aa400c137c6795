/** Where a server runs for good: in an image that has nothing but it, and under systemd. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { COMMAND, DATA, image, librariesOf, USER } from "#lib/image";
import { OPTIONS } from "#local/option-table";

const ROOT = new URL("../../", import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const known = (command: string): string[] => (command.match(/--[a-z-]+/g) ?? []).filter((option) => !(option.slice(2) in OPTIONS));

describe("the image", { timeout: 60_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), "trent-image-"));
  beforeAll(() => image(root), 120_000);
  afterAll(() => rmSync(root, { recursive: true }));
  const files = () => readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

  test("has Node, the libraries that it loads, the package and two lists of one user: no shell and no other program", () => {
    const libraries = librariesOf(process.execPath).map((path) => path.slice(1));
    expect(libraries.length).toBeGreaterThan(3);
    const names = files().map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    const others = names.filter((name) => !name.startsWith("opt/trent/"));
    expect(others.sort()).toEqual(["etc/group", "etc/passwd", "usr/local/bin/node", ...libraries].sort());
    expect(names).toContain(COMMAND.slice(1));
  });

  test("the Dockerfile runs it as nobody, from an empty image, with options that there are", () => {
    const dockerfile = textOf("Dockerfile");
    const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
    expect(last).toMatch(/^\nFROM scratch\n/);
    expect(last).toContain(`USER ${USER}:${USER}\n`);
    expect(last).toContain(`ENTRYPOINT ["/usr/local/bin/node", "${COMMAND}"]\n`);
    expect(last).toContain(`VOLUME ["${DATA}"]\n`);
    expect(known(last)).toEqual([]);
    for (const [, from] of dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm))
      for (const path of from?.split(" ") ?? []) if (path !== ".") expect(() => textOf(path), path).not.toThrow();
    const { engines } = JSON.parse(textOf("package.json"));
    expect(dockerfile).toContain(`FROM node:${/\d+/.exec(engines.node)?.[0]}-`);
  });

  // To change the root of the file system takes root.
  test.runIf(process.getuid?.() === 0)(
    "serves with nothing else in sight, as a user without rights, and ends when it is told to",
    async () => {
      chownSync(join(root, DATA), USER, USER);
      const args = [`--userspec=${USER}:${USER}`, root, "/usr/local/bin/node", COMMAND, "serve", "--data", DATA, "--port", "0"];
      const server: ChildProcess = spawn("chroot", args, {
        env: { PATH: process.env["PATH"], NODE_ENV: "production" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      onTestFinished(() => void server.kill("SIGKILL"));
      let said = "";
      for await (const chunk of server.stdout ?? []) {
        said += chunk;
        if (/ready on/.test(said)) break;
      }
      if (!said.includes("ready on")) throw new Error(`It did not start: ${await text(server.stderr as Readable)}`);
      const [, url = ""] = /ready on (http:\S+)/.exec(said) ?? [];
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(403);
      server.kill("SIGTERM");
      expect(await once(server, "exit")).toEqual([0, null]);
    },
  );
});

describe("the unit of systemd", () => {
  const unit = textOf("lib/systemd/trent.service");
  const hasTools = spawnSync("systemd-analyze", ["--version"]).status === 0;

  test("starts the command that the image has, with options that there are, and without what a KMS should not have", () => {
    const [, command = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(command).toContain(`/usr/local/bin/node ${COMMAND} serve `);
    expect(known(command)).toEqual([]);
    for (const line of ["LimitCORE=0", "MemorySwapMax=0", "NoNewPrivileges=yes", "DynamicUser=yes", "UMask=0077", "CapabilityBoundingSet="])
      expect(unit.split("\n")).toContain(line);
  });

  test.runIf(hasTools)("is one that systemd takes, and exposes little", () => {
    const path = new URL("lib/systemd/trent.service", ROOT).pathname;
    const { stderr } = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
    expect(stderr.split("\n").filter((line) => line !== "" && !line.includes("is not executable"))).toEqual([]);
    const said = execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", path], { encoding: "utf8" });
    expect(Number(/Overall exposure level for trent.service: ([\d.]+)/.exec(said)?.[1])).toBeLessThan(2);
  });
});
