/** What the first call of a new instance waits for: the import of a function, as a fresh process does it, beside that of an empty handler. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle, layer } from "#lib/bundle";
import { median } from "./median.ts";

export interface Import {
  /** Of the bundle, minified, and of what packages have in it. */
  readonly kilobytes: number;
  readonly sdkKilobytes: number;
  /** Medians, in milliseconds. */
  readonly milliseconds: number;
  readonly emptyMilliseconds: number;
}

/** The AWS SDK, and the packages that only it brings. */
const SDK = /node_modules\/(?:@aws-sdk|@smithy|@aws-crypto|@aws|tslib|uuid|bowser|fast-xml|strnum)/;

/** Measures the function of an operation, bundled for the purpose. */
export async function importOf(operation: string, runs: number): Promise<Import> {
  const assets = mkdtempSync(join(tmpdir(), "trent-import-"));
  try {
    const folder = bundle(operation, assets);
    const path = join(layer(assets), "nodejs", "node_modules");
    const empty = join(assets, "Empty");
    mkdirSync(empty);
    writeFileSync(join(empty, "index.js"), "exports.handler = async () => undefined;");
    const times: Record<"own" | "empty", number[]> = { own: [], empty: [] };
    // In turns, so that a machine that slows down slows both.
    for (let run = 0; run < runs; run += 1) {
      times.empty.push(await importTime(empty, path));
      times.own.push(await importTime(folder, path));
    }
    const { outputs } = JSON.parse(readFileSync(join(assets, `${operation}.meta.json`), "utf8")) as Meta;
    const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
    const ofSdk = inputs.filter(([file]) => SDK.test(file)).reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    return {
      kilobytes: statSync(join(folder, "index.js")).size / 1000,
      sdkKilobytes: ofSdk / 1000,
      milliseconds: median(times.own),
      emptyMilliseconds: median(times.empty),
    };
  } finally {
    rmSync(assets, { recursive: true, force: true });
  }
}

interface Meta {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>>;
}

/** As a line to print. */
export function lineOf(operation: string, { kilobytes, sdkKilobytes, milliseconds, emptyMilliseconds }: Import): string {
  const share = (100 * sdkKilobytes) / kilobytes;
  const size = `${kilobytes.toFixed(0)} kB, of which the SDK's ${sdkKilobytes.toFixed(0)} kB (${share.toFixed(0)} %)`;
  const over = `${(milliseconds - emptyMilliseconds).toFixed(0)} ms of import over an empty handler's ${emptyMilliseconds.toFixed(1)} ms`;
  return `${operation}: ${size}; ${over}, ${(milliseconds / emptyMilliseconds).toFixed(0)} times as much`;
}

/** Milliseconds that a fresh process takes to load a function, from its folder. */
export async function importTime(folder: string, path: string | undefined): Promise<number> {
  const script = `const t = performance.now(); const { handler } = require(process.argv[1]); const took = performance.now() - t;
    if (typeof handler !== "function") throw new Error("no handler"); process.stdout.write(String(took));`;
  const env = path === undefined ? {} : { NODE_PATH: path };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", script, join(folder, "index.js")], { cwd: folder, env });
  if (stderr !== "") throw new Error(stderr);
  return Number(stdout);
}
