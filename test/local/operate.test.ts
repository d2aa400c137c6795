/** `docs/operate.md`: what it tells people to type is there. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OPTIONS } from "#local/option-table";
import { trent } from "./command.ts";

const GUIDE = readFileSync(new URL("../../docs/operate.md", import.meta.url), "utf8");
/** In blocks and in the text. */
const commands = [...GUIDE.matchAll(/(?:^|`)trent ([a-z][^\n`#]*)/gm)].map(([, command = ""]) => command.trim());

test("every command and option of the guide is one that there is", async () => {
  const { stdout } = await trent(["--help"]).ended;
  const [, list = ""] = /^commands\n([\s\S]*?)^\S/m.exec(stdout) ?? [];
  const known = list.split("\n").map((line) => line.trim().split(/\s{2,}| [A-Z]/)[0] ?? "");
  expect(commands.length).toBeGreaterThan(15);
  for (const command of commands) {
    expect(
      known.filter((name) => name !== "" && `${command} `.startsWith(`${name} `)),
      command,
    ).not.toEqual([]);
    for (const [, option = ""] of command.matchAll(/--([a-z-]+)/g)) expect(Object.keys(OPTIONS), command).toContain(option);
  }
});

test("and so are its files, and the metrics that it has watched", async () => {
  for (const file of ["lib/systemd/trent.service", "Dockerfile", "lib/image.ts", "docs/deploy.md", "docs/recovery.md"]) {
    expect(GUIDE).toContain(file.replace("docs/", ""));
    expect(() => readFileSync(new URL(`../../${file}`, import.meta.url)), file).not.toThrow();
  }
  const gauges = readFileSync(new URL("../../lambdas/local/gauges.ts", import.meta.url), "utf8");
  for (const [name] of GUIDE.matchAll(/trent_[a-z_]+/g)) expect(gauges).toContain(`"${name}"`);
});
