import { readFileSync } from "node:fs";

export const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The code block of the README that is marked to be run under this name: its language has `run=<name>` behind it. */
export function snippet(name: string): string {
  const [, code] = new RegExp(`^\`\`\`\\w+ run=${name}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(README) ?? [];
  if (code === undefined) throw new Error(`README.md has no snippet ${name}.`);
  return code;
}

/** Its commands, as their words; comments left out. */
export const commandsOf = (name: string): readonly (readonly string[])[] =>
  snippet(name)
    .trim()
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").split(" "));
